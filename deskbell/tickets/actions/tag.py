"""Words that a ticket is marked with."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell import access
from deskbell.tickets import lifecycle, timeline
from deskbell.tickets.events import Event, Happened, event
from deskbell.tickets.state import TicketState, state_of
from deskbell.tickets.tags import tags_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.utils.functional import _StrPromise

    from deskbell.people.actors import Actor
    from deskbell.tickets.models import Entry, Ticket


@event("ticket.tagged", v=1, writes=("tags",))
class TicketTagged(Event):
    """Numbers of the tags that came and of those that went."""

    added: tuple[int, ...] = ()
    removed: tuple[int, ...] = ()
    sentence = _("{by} tagged it {added} instead of {removed}")
    refs: ClassVar[dict[str, tuple[str, str]]] = {
        "added": ("added", "tag"),
        "removed": ("removed", "tag"),
    }
    can_be_undone = True

    @override
    def words(self) -> str | _StrPromise:
        """Return the sentence of what was done."""
        if not self.removed:
            return _("{by} tagged it {added}")
        return self.sentence if self.added else _("{by} took the tag {removed} away")

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state with these tags, in the order of their numbers."""
        return state.but(tags=tuple(sorted({*state.tags, *self.added} - {*self.removed})))


@timeline.action
def tag(
    ticket: Ticket, *, by: Actor, add: Sequence[str] = (), remove: Sequence[str] = ()
) -> Entry | None:
    """Mark the ticket with tags, and take others away; by name, new ones are made.

    Returns None when nothing changes.  Raises NotAllowed, WrongStatus, BadInput.
    """
    access.require(by, "tag", ticket)
    lifecycle.require("tag", ticket, by)
    now = set(state_of(ticket).tags)
    gone = {one.pk for one in tags_for(remove, make=False)} & now
    come = {one.pk for one in tags_for(add, make=True)} - now - gone
    if not come and not gone:
        return None
    return timeline.record(
        ticket, TicketTagged(added=tuple(sorted(come)), removed=tuple(sorted(gone))), by=by
    )
