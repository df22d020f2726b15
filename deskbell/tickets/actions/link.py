"""Two tickets have to do with each other."""

from __future__ import annotations

from typing import ClassVar

from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell.tickets.events import Event, Happened, event
from deskbell.tickets.state import TicketState, Tie


@event("ticket.linked", v=1)
class TicketLinked(Event):
    """This ticket leads to another; kind as in models.Link."""

    kind_of_link: str
    other_id: int
    sentence = _("{by} linked it as a follow-up of {other}")
    refs: ClassVar[dict[str, tuple[str, str]]] = {"other": ("other_id", "ticket")}

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state with the link."""
        tie = Tie(self.kind_of_link, self.other_id)
        return state if tie in state.links else state.but(links=(*state.links, tie))
