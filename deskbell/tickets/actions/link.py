"""Two tickets have to do with each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import connection
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell import access
from deskbell.errors import BadInput
from deskbell.people.models import Desk
from deskbell.tickets import lifecycle, timeline
from deskbell.tickets.events import Event, Happened, event
from deskbell.tickets.models import Link
from deskbell.tickets.state import TicketState, Tie

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from deskbell.people.actors import Actor
    from deskbell.tickets.models import Entry, Ticket

SENTENCES: dict[str, str | _StrPromise] = {
    "follow_up_of": _("{by} linked it as a follow-up of {other}"),
    "split_from": _("{by} split it off from {other}"),
    "child_of": _("{by} made it a part of {other}"),
    "related": _("{by} linked it with {other}"),
}
# What people choose; the others come about by themselves.
CHOSEN = ("related", "child_of", "follow_up_of")


@event("ticket.linked", v=1, writes=("links",))
class TicketLinked(Event):
    """This ticket leads to another; kind as in models.Link."""

    kind_of_link: str
    other_id: int
    sentence = _("{by} linked it with {other}")
    refs: ClassVar[dict[str, tuple[str, str]]] = {"other": ("other_id", "ticket")}
    can_be_undone = True

    @override
    def words(self) -> str | _StrPromise:
        """Return the sentence of this kind of link."""
        return SENTENCES.get(self.kind_of_link, self.sentence)

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state with the link."""
        tie = Tie(self.kind_of_link, self.other_id)
        return state if tie in state.links else state.but(links=(*state.links, tie))


@event("ticket.unlinked", v=1, writes=("links",))
class TicketUnlinked(Event):
    """This ticket no longer leads to another."""

    kind_of_link: str
    other_id: int
    sentence = _("{by} took away the link with {other}")
    refs: ClassVar[dict[str, tuple[str, str]]] = {"other": ("other_id", "ticket")}
    can_be_undone = True

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state without the link."""
        tie = Tie(self.kind_of_link, self.other_id)
        return state.but(links=tuple(one for one in state.links if one != tie))


def link(ticket: Ticket, other: Ticket, *, by: Actor, kind: str = "related") -> Entry | None:
    """Let `ticket` lead to `other`.  Returns None when it does already.

    kind  related, child_of (`other` is the whole) or follow_up_of (`other` came before)
    Raises NotAllowed, WrongStatus, BadInput for a kind there is not, itself, or a ring of parts.
    """
    if kind not in CHOSEN:
        raise BadInput("kind", _("Choose one of the kinds of links."))
    if ticket.pk == other.pk:
        raise BadInput("other", _("A ticket cannot be linked with itself."))
    with timeline.locked(ticket, other) as (fresh, end):
        access.require(by, "link", fresh)
        access.require(by, "see", end)
        lifecycle.require("link", fresh, by)
        if _is_tied(fresh, end, kind):
            return None
        if kind == "child_of":
            require_no_ring(fresh, end)
        return timeline.record(fresh, TicketLinked(kind_of_link=kind, other_id=end.pk), by=by)


def unlink(ticket: Ticket, other: Ticket, *, by: Actor, kind: str) -> Entry | None:
    """Take the link from `ticket` to `other` away.  Returns None when there is none.

    Relatedness has no direction: it is taken away on the ticket on which it was made.
    Raises NotAllowed, WrongStatus.
    """
    with timeline.locked(ticket, other) as (start, end):
        tied = Link.objects.filter(kind=kind)
        if kind == "related" and tied.filter(ticket=end, other=start).exists():
            made_on, leads_to = end, start
        else:
            made_on, leads_to = start, end
        for one in {start, made_on}:
            access.require(by, "unlink", one)
            lifecycle.require("unlink", one, by)
        if not tied.filter(ticket=made_on, other=leads_to).exists():
            return None
        gone = TicketUnlinked(kind_of_link=kind, other_id=leads_to.pk)
        return timeline.record(made_on, gone, by=by)


def _is_tied(ticket: Ticket, other: Ticket, kind: str) -> bool:
    """Whether the two are tied by this kind: relatedness has no direction."""
    tied = Link.objects.filter(kind=kind)
    if tied.filter(ticket=ticket, other=other).exists():
        return True
    return kind == "related" and tied.filter(ticket=other, other=ticket).exists()


def require_no_ring(part: Ticket, whole: Ticket) -> None:
    """Climb from `whole` to what it is a part of itself; raise BadInput when `part` is met on the way.

    Parts are tied one after the other, all over the desk: two who each see no ring could close one together.  The
    desk's row is held last, when all tickets are, so nobody who holds it waits for one.
    """
    if connection.features.has_select_for_update:
        list(Desk.objects.select_for_update(no_key=True))
    seen, level = set[int](), {whole.pk}
    while level:
        if part.pk in level:
            raise BadInput("other", _("That ticket is a part of this one already."))
        seen |= level
        above = Link.objects.filter(ticket__in=level, kind="child_of").values_list(
            "other", flat=True
        )
        level = set(above) - seen
