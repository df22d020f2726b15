"""What a letter is: somebody's letter, an automatic answer, a delivery report, our own mail, mail to many.

Pure, with the reason as a code.  It decides nothing: read.py does, and shows the reason.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from deskbell.channels.inbound import Inbound
from deskbell.channels.mail import marks
from deskbell.channels.mail.models import Letter
from deskbell.channels.mail.parse import Parsed

# Why an automatic answer is nobody's work even if it answers nothing of ours.  A rule of Exchange is not
# among them: it also forwards people's letters.
NO_NEWS = frozenset(
    {"auto_submitted", "auto_reply_header", "auto_reply_subject", "null_sender", "challenge"}
)

# A letter of which so many servers say that it came through them goes in circles.
MOST_HOPS = 100


@dataclass(frozen=True, slots=True)
class Verdict:
    """What it is, and the code of what said so; "" for an ordinary letter."""

    what: Letter.What
    reason: str = ""


def screen(parsed: Parsed, *, is_ours: bool, mail_from: str | None) -> Verdict:
    """Return what the letter is.

    is_ours    it carries our own Message-ID or our installation's mark
    mail_from  the sender of the envelope; "" is the null sender, None is unknown
    """
    if is_ours:
        return Verdict(Letter.What.LOOP, "our_own_letter")
    if parsed.hops > MOST_HOPS:
        return Verdict(Letter.What.LOOP, "too_many_hops")
    if parsed.feedback is not None:
        kind = parsed.feedback.kind
        return Verdict(Letter.What(kind), kind)
    if parsed.report is not None:
        return Verdict(Letter.What.BOUNCE, "delivery_report")
    return _of_people(parsed.inbound, mail_from)


def _of_people(inbound: Inbound, mail_from: str | None) -> Verdict:
    header = _Headers(inbound)
    is_null = mail_from == "" or header.is_null("return-path")
    if reason := _challenge(header, inbound, is_null=is_null):
        return Verdict(Letter.What.AUTO_REPLY, reason)
    if reason := _automatic(header) or _away(header, inbound, is_null=is_null):
        return Verdict(Letter.What.AUTO_REPLY, reason)
    if mail_from == "" and inbound.answers:
        return Verdict(Letter.What.AUTO_REPLY, "null_sender")
    if reason := _to_many(header):
        return Verdict(Letter.What.BULK, reason)
    return Verdict(Letter.What.LETTER)


def mute_because(
    inbound: Inbound, verdict: Verdict, *, mail_from: str | None, is_own: bool, is_old: bool = False
) -> str:
    """Return why no machine of ours may answer the letter, as a code; "" when one may (RFC 3834, 2).

    mail_from  the sender of the envelope; "" is the null sender, None is unknown
    is_own     its sender is a mail box of ours
    is_old     it was written long ago, and only fetched now
    Stricter than `screen`: whoever is not answered by a machine is answered by a person all the same.
    """
    header = _Headers(inbound)
    reasons = {
        "no_letter": verdict.what != Letter.What.LETTER,
        "null_sender": mail_from == "" or header.is_null("return-path"),
        "own_mail_box": is_own,
        "old": is_old,
        # The answer would go to somebody who never wrote.
        "sender_forged": inbound.authentication == "fail",
        "other_desk": header.has(*marks.OF_OTHER_DESKS),
        "mailing_list": header.has(*marks.OF_LISTS),
        "asks_for_silence": _asks_for_silence(header),
        "spam": "yes" in header.words("x-spam-flag") | header.words("x-spam-status"),
        "robot": is_robot(inbound.sender_address),
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def is_robot(address: str) -> bool:
    """Whether nobody reads what is sent to `address`, or a machine does."""
    local, _at, domain = address.rpartition("@")
    return _ROBOT.match(local) is not None or domain.endswith(".invalid")


# What a peer may ask not to be sent; receipts and reports (DR, RN, NRN) are another matter.
_SUPPRESSED = frozenset({"all", "oof", "autoreply"})
# Names that no person reads under; a name that only begins so ("noreplies") is somebody's.
_ROBOT = re.compile(
    r"(mailer-daemon|postmaster|(do[-_.]?)?not?[-_.]?reply|bounces?|listserv|majordomo)([-_.+=].*)?\Z"
    r"|owner-|.*-(request|bounces?)\Z",
    re.IGNORECASE,
)


def _asks_for_silence(header: _Headers) -> bool:
    return bool(_SUPPRESSED & header.words("x-auto-response-suppress"))


def _challenge(header: _Headers, inbound: Inbound, *, is_null: bool) -> str:
    """Return "challenge" for a machine that wants a proof that a person wrote; nobody here gives it."""
    if header.has(*marks.OF_CHALLENGES) or header.first_word("x-delivery-agent").startswith("tmda"):
        return "challenge"
    is_automatic = is_null or header.first_word("auto-submitted") not in ("", "no")
    return "challenge" if is_automatic and marks.CHALLENGE.search(inbound.subject) else ""


def _automatic(header: _Headers) -> str:
    """Return what says that a machine answers (RFC 3834 and those before it), or ""."""
    if header.first_word("auto-submitted") == "auto-replied":
        return "auto_submitted"
    words = {header.first_word(name) for name in ("precedence", "x-precedence", "preference")}
    if (
        any(header.first_word(name) not in _NOT_SAID for name in marks.AUTO_REPLY)
        or header.first_word("x-autogenerated") == "reply"
        or "autoresponder" in header.words("x-post-messageclass")
        or "auto.reply" in header.words("x-freescout-mail-type")
        or words & {"auto_reply", "auto-reply"}
    ):
        return "auto_reply_header"
    if header.has("x-ms-exchange-generated-message-source"):
        return "exchange_rule"
    return ""


_NOT_SAID = ("", "no", "false", "0")


def _away(header: _Headers, inbound: Inbound, *, is_null: bool) -> str:
    """Return "auto_reply_subject" where the subject says so and something else hints at a machine too.

    People write "Out of office" as well; machines of Notes, GroupWise and many web mailers say it nowhere else.
    """
    if not marks.AWAY.match(inbound.subject):
        return ""
    hints = (
        is_null,
        _asks_for_silence(header),
        header.has("x-ms-exchange-inbox-rules-loop", "x-autogenerated"),
        header.first_word("auto-submitted") not in ("", "no"),
        header.first_word("precedence") in ("bulk", "junk"),
    )
    return "auto_reply_subject" if any(hints) else ""


def _to_many(header: _Headers) -> str:
    """Return what says that it went to many, or was made by a machine, or ""."""
    if header.has("list-id", "list-post"):
        return "mailing_list"
    if header.first_word("precedence") in ("bulk", "list", "junk"):
        return "precedence"
    if header.first_word("auto-submitted") not in ("", "no"):
        return "auto_generated"
    return "unsubscribable" if header.has("list-unsubscribe", "feedback-id") else ""


class _Headers:
    """The headers of a letter, asked by name."""

    def __init__(self, inbound: Inbound) -> None:
        self._values = inbound.headers_of_interest

    def has(self, *names: str) -> bool:
        """Whether one of these stands there, with anything in it."""
        return any(value for name in names for value in self._values.get(name, ()))

    def is_null(self, name: str) -> bool:
        """Whether the header stands there and names nobody."""
        values = self._values.get(name, ())
        return bool(values) and not values[0].strip("<> ")

    def words(self, name: str) -> set[str]:
        """Return all words of the header in lower case, without commas between them."""
        return set(" ".join(self._values.get(name, ())).lower().replace(",", " ").split())

    def first_word(self, name: str) -> str:
        """Return the first word of the header in lower case; "" without one."""
        values = self._values.get(name, ())
        words = values[0].lower().replace(";", " ").split() if values else []
        return words[0] if words else ""
