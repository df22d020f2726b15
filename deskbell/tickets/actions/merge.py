"""Two tickets are one concern: the source points at the survivor, and nothing moves.

What comes to the source from then on goes to the survivor, and the thread reads both together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell import access
from deskbell.errors import BadInput
from deskbell.tickets import lifecycle, timeline
from deskbell.tickets.events import Event, Happened, event
from deskbell.tickets.models import Ticket
from deskbell.tickets.queries import survivor_id
from deskbell.tickets.state import UNRESOLVES, Party, TicketState, state_of

if TYPE_CHECKING:
    from deskbell.people.actors import Actor
    from deskbell.tickets.models import Entry

# A source in one of these has a customer who waits; so has the survivor from then on.
WAITED_FOR = frozenset({"new", "open"})
# A survivor in one of these does not show that somebody waits.
AT_REST = frozenset({"answered", "postponed", "resolved", "closed"})


@event("ticket.merged", v=1, writes=("merged_into_id",))
class TicketMerged(Event):
    """It is a part of another ticket now."""

    into_id: int
    sentence = _("{by} merged it into {into}")
    refs: ClassVar[dict[str, tuple[str, str]]] = {"into": ("into_id", "ticket")}
    can_be_undone = True

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state pointing at the survivor."""
        return state.but(merged_into_id=self.into_id)


@event("ticket.absorbed", v=1, writes=(*UNRESOLVES, "sources", "participants"))
class TicketAbsorbed(Event):
    """Another ticket became a part of this one.

    addresses  who took part there and takes part here from now on, copied in
    opens      whether somebody waited there for an answer, and this one was at rest
    """

    source_id: int
    addresses: tuple[int, ...]
    opens: bool
    sentence = _("{by} merged {source} into it")
    refs: ClassVar[dict[str, tuple[str, str]]] = {"source": ("source_id", "ticket")}
    can_be_undone = True

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state with the source in it."""
        come = (
            Party(address, "cc", happened.step, accepted=True)
            for address in self.addresses
            if state.party(address) is None
        )
        after = state.unresolved("open") if self.opens else state
        return after.but(
            sources=(*state.sources, self.source_id),
            participants=(*state.participants, *come),
            last_activity_at=happened.at,
        )


def merge(ticket: Ticket, into: Ticket, *, by: Actor) -> Entry:
    """Make `ticket` a part of `into`, or of what that one was merged into.

    Who took part is copied in there; if somebody waited for an answer here, the survivor is open.
    Raises NotAllowed, WrongStatus, BadInput for a ticket and itself.
    """
    with transaction.atomic():
        target = survivor_id(into.pk)
        held = timeline.lock_all((ticket.pk, target))
        source, survivor = held[ticket.pk], held[target]
        for one in (source, survivor):
            access.require(by, "merge", one)
            lifecycle.require("merge", one, by)
        if survivor.pk == source.pk:
            raise BadInput("into", _("A ticket cannot be merged into itself."))
        event = absorbing(source, survivor)
        if event.opens and survivor.status in {"resolved", "closed"}:
            access.require(by, "reopen", survivor)
        entry = timeline.record(source, TicketMerged(into_id=survivor.pk), by=by)
        with timeline.caused_by(entry):
            timeline.record(survivor, event, by=by)
    timeline.show(source, on=ticket)
    if into.pk == survivor.pk:
        timeline.show(survivor, on=into)
    return entry


def absorbing(source: Ticket, survivor: Ticket) -> TicketAbsorbed:
    """Return what becomes of `survivor` when `source` is merged into it; pages that ask first tell it."""
    there = [party.address_id for party in state_of(source).participants if party.accepted]
    here = state_of(survivor)
    nobody_waited_here = here.opened_aside and not state_of(source).opened_aside
    return TicketAbsorbed(
        source_id=source.pk,
        addresses=tuple(address for address in there if here.party(address) is None),
        opens=source.status in WAITED_FOR and (survivor.status in AT_REST or nobody_waited_here),
    )
