"""The checklist of a ticket: what is still to be done before it is solved."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell import access
from deskbell.errors import BadInput, NotFound
from deskbell.tickets import lifecycle, timeline
from deskbell.tickets.events import Event, Happened, event
from deskbell.tickets.messages import keep_words, one_line
from deskbell.tickets.state import Check, TicketState, state_of

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from deskbell.people.actors import Actor
    from deskbell.tickets.models import Entry, Ticket

MOST_CHECKS = 100


@event("check.added", v=1, writes=("checklist",))
class CheckAdded(Event):
    """Something more is to be done."""

    text_id: int
    sentence = _("{by} put “{check}” on the checklist")
    refs: ClassVar[dict[str, tuple[str, str]]] = {"check": ("text_id", "text")}
    texts = ("text_id",)
    can_be_undone = True

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state with the line at the end."""
        return state.but(checklist=(*state.checklist, Check(self.text_id)))


@event("check.set", v=1, writes=("checklist",))
class CheckSet(Event):
    """A line is done, or to be done after all."""

    text_id: int
    done: bool
    sentence = _("{by} checked “{check}” off")
    refs: ClassVar[dict[str, tuple[str, str]]] = {"check": ("text_id", "text")}
    can_be_undone = True

    @override
    def words(self) -> str | _StrPromise:
        """Return the sentence of checking off, or of taking that back."""
        return self.sentence if self.done else _("{by} put “{check}” back on the checklist")

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state with the line so."""
        fresh = Check(self.text_id, happened.step if self.done else None)
        return state.but(
            checklist=tuple(
                fresh if one.text_id == self.text_id else one for one in state.checklist
            )
        )


@event("check.removed", v=1, writes=("checklist",))
class CheckRemoved(Event):
    """A line need not be done."""

    text_id: int
    sentence = _("{by} took “{check}” off the checklist")
    refs: ClassVar[dict[str, tuple[str, str]]] = {"check": ("text_id", "text")}
    can_be_undone = True

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state without the line."""
        return state.but(
            checklist=tuple(one for one in state.checklist if one.text_id != self.text_id)
        )


@timeline.action
def add_check(ticket: Ticket, words: str, *, by: Actor) -> Entry:
    """Put a line on the checklist.  Raises NotAllowed, WrongStatus, BadInput."""
    access.require(by, "check_off", ticket)
    lifecycle.require("check_off", ticket, by)
    if len(state_of(ticket).checklist) >= MOST_CHECKS:
        raise BadInput("text", _("A checklist holds a hundred lines; this one is full."))
    text_id = keep_words(one_line(words))
    if text_id is None:
        raise BadInput("text", _("Write what is to be done."))
    return timeline.record(ticket, CheckAdded(text_id=text_id), by=by)


@timeline.action
def check_off(ticket: Ticket, number: int, *, by: Actor, done: bool = True) -> Entry | None:
    """Check the line `number` off, or put it back.  Returns None when it is so already.

    number  the text_id of the line
    Raises NotAllowed, WrongStatus, NotFound.
    """
    access.require(by, "check_off", ticket)
    lifecycle.require("check_off", ticket, by)
    if (_line(ticket, number).done_step is not None) == done:
        return None
    return timeline.record(ticket, CheckSet(text_id=number, done=done), by=by)


@timeline.action
def remove_check(ticket: Ticket, number: int, *, by: Actor) -> Entry:
    """Take the line `number` off the checklist.  Raises NotAllowed, WrongStatus, NotFound."""
    access.require(by, "check_off", ticket)
    lifecycle.require("check_off", ticket, by)
    return timeline.record(ticket, CheckRemoved(text_id=_line(ticket, number).text_id), by=by)


def _line(ticket: Ticket, number: int) -> Check:
    for one in state_of(ticket).checklist:
        if one.text_id == number:
            return one
    raise NotFound
