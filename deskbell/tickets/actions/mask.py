"""Something was masked in what came in, before it was kept: the timeline says by which rules.

No action of anybody's: the actions that take what comes in call tell_masked().
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell.masking.masks import told_of
from deskbell.people.actors import CLOCK
from deskbell.tickets import timeline
from deskbell.tickets.events import Event, Happened, event
from deskbell.tickets.state import TicketState

if TYPE_CHECKING:
    from deskbell.tickets.content import Content
    from deskbell.tickets.models import Entry, Ticket


@event("text.masked", v=1)
class TextMasked(Event):
    """Rules masked words before they were kept.

    rules       their numbers; 0 is the one about card numbers
    times       how often each found something
    message_id  in which message; None: in what a customer said in rating
    """

    rules: tuple[int, ...]
    times: tuple[int, ...]
    message_id: int | None = None
    sentence = _("Masked before it was kept: {rules}")
    refs = {"rules": ("rules", "masking_rule")}
    can_be_undone = True  # with the answer that an agent sent by mail; what was masked stays so

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state as it was: it holds no words."""
        return state


def tell_masked(ticket: Ticket, content: Content, cause: Entry) -> None:
    """Record what was masked in `content`, if anything was; `cause` is the entry by which it came."""
    rules, times = told_of(content.masked or {})
    if rules:
        event = TextMasked(rules=rules, times=times, message_id=cause.data.get("message_id"))
        with timeline.caused_by(cause):
            timeline.record(ticket, event, by=CLOCK)
