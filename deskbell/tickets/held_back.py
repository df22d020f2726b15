"""Why what was to leave later stayed here, or left before: the entries that say so, and the sentence for its writer.

Recorded by scheduled.py alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell.tickets.events import Event, Happened, event
from deskbell.tickets.state import TicketState

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

SOMETHING_CAME, TAKEN_OUT, BEING_CHANGED = "something_came", "taken_out", "being_changed"
NOT_THEIRS = "not_theirs"
# Nothing went wrong: somebody wished so, or was asked to look.
AS_WISHED = frozenset({SOMETHING_CAME, TAKEN_OUT, BEING_CHANGED})

_HELD_BACK: dict[str, _StrPromise] = {
    SOMETHING_CAME: _("What {agent} wrote for later stayed here: something came before"),
    TAKEN_OUT: _("{by} kept here what {agent} wrote for later"),
    BEING_CHANGED: _("What {agent} wrote for later stayed here: it was being changed"),
    NOT_THEIRS: _(
        "What {agent} wrote for later stayed here: whom it was to go to takes part no longer"
    ),
    "not_allowed": _("What {agent} wrote for later stayed here: they may not send it any more"),
    "sender_not_allowed": _(
        "What {agent} wrote for later stayed here: they may not write from that address any more"
    ),
    "wrong_status": _(
        "What {agent} wrote for later stayed here: the ticket cannot be answered as it stands"
    ),
    "": _("What {agent} wrote for later could not leave"),
}

_TO_ITS_WRITER: dict[str, _StrPromise] = {
    SOMETHING_CAME: _("It stayed here, for something came before."),
    TAKEN_OUT: _("It stayed here, for somebody who runs the desk took it out."),
    BEING_CHANGED: _("It stayed here, for you were changing it."),
    NOT_THEIRS: _("It stayed here, for whom it was to go to takes part no longer."),
    "not_allowed": _("It stayed here, for you may not send it any more."),
    "sender_not_allowed": _(
        "It stayed here, for you may not write from that address any more. Choose another one."
    ),
    "wrong_status": _("It stayed here, for the ticket cannot be answered as it stands."),
    "": _("It could not leave."),
}


@event("answer.held_back", v=1)
class AnswerHeldBack(Event):
    """An answer or a forward that was to leave later stayed here; it is its writer's draft.

    reason  something_came, taken_out, being_changed, not_theirs, or the code of what refused it
    """

    agent_id: int
    reason: str
    refs: ClassVar[dict[str, tuple[str, str]]] = {"agent": ("agent_id", "agent")}

    @override
    def words(self) -> str | _StrPromise:
        """Return the sentence that says why."""
        return _HELD_BACK.get(self.reason, _HELD_BACK[""])

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state as it was: nobody was written to."""
        return state


@event("answer.let_go", v=1)
class AnswerLetGo(Event):
    """What an agent had written for later left at once, for somebody who lets that agent go."""

    agent_id: int
    sentence = _("{by} let leave at once what {agent} wrote for later")
    refs: ClassVar[dict[str, tuple[str, str]]] = {"agent": ("agent_id", "agent")}

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state as it was: the letter itself has its own entry."""
        return state


def sentence_for_writer(reason: str) -> str:
    """Return why it stayed here, in the language that is active."""
    return str(_TO_ITS_WRITER.get(reason, _TO_ITS_WRITER[""]))
