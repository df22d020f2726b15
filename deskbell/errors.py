"""What may go wrong, told with a code, a sentence and data; each edge words it once.

Web pages show `sentence`, the API sends problem+json with `code` and `fields`, SMTP answers
4xx or 5xx, the worker retries or parks.  Nothing here knows any of them.
"""

import re
from collections.abc import Sequence
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

PLACE = re.compile(r"\{(\w+)\}")


class DeskError(Exception):
    """Base of all that Deskbell refuses or fails at.

    code       snake_case, stable: the API and logs rely on it
    status     the HTTP status that fits
    template   the sentence for people; {names} are filled from `fields`
    """

    code: ClassVar[str] = "desk_error"
    status: ClassVar[int] = 400
    template: ClassVar[str | Promise] = _("This could not be done.")

    def __init__(self, **fields: Any) -> None:
        super().__init__()
        self.fields: dict[str, Any] = fields

    @property
    def sentence(self) -> str:
        """The sentence in the language that is active now."""
        return _filled(str(self.template), self.fields)

    @override
    def __str__(self) -> str:
        data = " ".join(f"{name}={value!r}" for name, value in self.fields.items())
        return f"{self.code}: {self.sentence} {data}".rstrip()


class NotAllowed(DeskError):
    """The actor's role does not permit it."""

    code = "not_allowed"
    status = 403
    template = _("You may not do this.")


class NotFound(DeskError):
    """There is no such thing, or none that the asker may see: the two look alike on purpose."""

    code = "not_found"
    status = 404
    template = _("There is nothing at this address.")


class NoSuchTicket(NotFound):
    """No ticket of this code is visible to the asker."""

    code = "no_such_ticket"
    template = _("There is no ticket with this code.")


class BadInput(DeskError):
    """What came in cannot be used; `field` names the input, `reason` is a sentence about it.

    `reason` may hold {names} of further fields.
    """

    code = "bad_input"
    status = 422

    def __init__(self, field: str, reason: str | Promise, **fields: Any) -> None:
        super().__init__(field=field, reason=reason, **fields)

    @property
    @override
    def sentence(self) -> str:
        """The reason in the language that is active now."""
        others = {name: self.fields[name] for name in self.fields.keys() - {"field", "reason"}}
        return _filled(str(self.fields["reason"]), others)

    @property
    def field(self) -> str:
        """The name of the input that the sentence belongs beside."""
        return str(self.fields["field"])


class Conflict(DeskError):
    """It was right a moment ago, but the desk has moved on."""

    code = "conflict"
    status = 409
    template = _("Something changed in the meantime. Look again, then decide.")


class WrongStatus(Conflict):
    """The ticket's status does not allow this action (tickets/lifecycle.py)."""

    code = "wrong_status"
    template = _("This cannot be done while the ticket is {status}.")

    def __init__(self, *, action: str, status: str, **fields: Any) -> None:
        super().__init__(action=action, status=status, **fields)


class MergedAway(Conflict):
    """The ticket is a part of another, whose code stands in `ticket`; what was meant is done to that one."""

    code = "merged_away"
    template = _("This ticket was merged into {ticket}. Do it there.")


class CannotUndo(Conflict):
    """What was done cannot be taken back; `reason` is a code, worded here."""

    code = "cannot_undo"
    REASONS: ClassVar[dict[str, str | Promise]] = {
        "not_yours": _("Only whoever did this may take it back."),
        "a_part": _("This came with something else. Take that back instead."),
        "too_late": _("This was done more than ten minutes ago and stays."),
        "undone_before": _("This has been taken back already."),
        "for_good": _("This is for good and cannot be taken back."),
        "changed_since": _("Something else has changed the same since. Change it by hand."),
        "left_the_house": _("A letter has already left. Write another one."),
    }

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)

    @property
    @override
    def sentence(self) -> str:
        """Why not, in the language that is active now."""
        return str(self.REASONS[self.fields["reason"]])


class SomethingCame(Conflict):
    """Entries came after the step that the writer had seen; the writer decides again."""

    code = "something_came"
    template = _("Something came while you were writing. Look at it before you send.")

    def __init__(self, entries: Sequence[Any]) -> None:
        super().__init__()
        self.entries: Sequence[Any] = entries


class ForgottenFile(Conflict):
    """A letter speaks of a file and carries none; the writer is asked once.

    words  those by which it speaks of one
    """

    code = "forgotten_file"
    template = _("You write of a file, and none goes along. Attach it, or send it as it is.")

    def __init__(self, words: Sequence[str]) -> None:
        super().__init__()
        self.words = tuple(words)


class TooLarge(DeskError):
    """More bytes than the limit, which stands in `limit_bytes`."""

    code = "too_large"
    status = 413
    template = _("This is larger than the desk accepts.")


class TooMany(DeskError):
    """Too many tries in too short a time."""

    code = "too_many"
    status = 429
    template = _("Too many tries. Wait a little, then try again.")


class OutsideFailure(DeskError):
    """Something outside the desk failed.

    reason      a code such as "dns_lookup_failed"; worded where it is shown
    permanent   False: wait and try again; True: give up and tell somebody
    """

    code = "outside_failure"
    status = 502
    template = _("Something outside the desk does not answer as it should.")

    def __init__(self, reason: str, permanent: bool, **fields: Any) -> None:
        super().__init__(reason=reason, permanent=permanent, **fields)

    @property
    def reason(self) -> str:
        """The code of what failed."""
        return str(self.fields["reason"])

    @property
    def permanent(self) -> bool:
        """Whether trying again is useless."""
        return bool(self.fields["permanent"])


def _filled(sentence: str, fields: dict[str, Any]) -> str:
    """Put fields in place of {names}, once: braces that came from outside stay as they are."""
    return PLACE.sub(lambda place: str(fields.get(place[1], place[0])), sentence)
