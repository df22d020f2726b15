"""A merge is taken apart: both tickets stand for themselves again."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell import access
from deskbell.errors import Conflict
from deskbell.tickets import lifecycle, timeline
from deskbell.tickets.actions.wake import wake_if_past
from deskbell.tickets.events import Event, Happened, event
from deskbell.tickets.models import Entry, Ticket
from deskbell.tickets.state import TicketState

if TYPE_CHECKING:
    from deskbell.people.actors import Actor


@event("ticket.unmerged", v=1, writes=("merged_into_id",))
class TicketUnmerged(Event):
    """It stands for itself again."""

    from_id: int
    sentence = _("{by} took it out of {other} again")
    refs: ClassVar[dict[str, tuple[str, str]]] = {"other": ("from_id", "ticket")}
    can_be_undone = True

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state pointing nowhere."""
        return state.but(merged_into_id=None)


@event("ticket.released", v=1, writes=("sources", "participants"))
class TicketReleased(Event):
    """Another ticket is no part of this one any more.

    absorbed_step  the entry that had brought it in, and its participants with it
    """

    source_id: int
    absorbed_step: int
    sentence = _("{by} took {source} out of it again")
    refs: ClassVar[dict[str, tuple[str, str]]] = {"source": ("source_id", "ticket")}
    can_be_undone = True

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state without the source and those who came with it."""
        return state.but(
            sources=tuple(one for one in state.sources if one != self.source_id),
            participants=tuple(
                party for party in state.participants if party.since_step != self.absorbed_step
            ),
        )


def unmerge(ticket: Ticket, *, by: Actor) -> Entry:
    """Take the ticket out of the one that it was merged into; each is as it was, what came since stays there.

    Raises NotAllowed, Conflict when it is part of none.
    """
    with transaction.atomic():
        into = Ticket.objects.values_list("merged_into_id", flat=True).get(pk=ticket.pk)
        held = timeline.lock_all((ticket.pk, into or ticket.pk))
        source = held[ticket.pk]
        access.require(by, "unmerge", source)
        lifecycle.require("unmerge", source, by)
        if into is None or source.merged_into_id != into:
            raise Conflict
        entry = timeline.record(source, TicketUnmerged(from_id=into), by=by)
        with timeline.caused_by(entry):
            released = TicketReleased(
                source_id=source.pk, absorbed_step=_absorbed_step(into, source.pk)
            )
            timeline.record(held[into], released, by=by)
        wake_if_past(source, because=entry)
    timeline.show(source, on=ticket)
    return entry


def _absorbed_step(into: int, source: int) -> int:
    absorbed = Entry.objects.filter(
        ticket=into, kind="ticket.absorbed", data__source_id=source
    ).latest("step")
    return absorbed.step
