"""THE TABLE: what follows what happened to a ticket, in this order.

FOLLOW runs in the transaction of the entry, for what may never disagree with it; what a function returns is
recorded as further entries.  SETTLE runs soon after, entry by entry, for what must not be lost.  The heart
knows none of those who stand here; `connect()` tells it at start-up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deskbell.channels.mail import acknowledge, outbox, sealing, tell_by_mail
from deskbell.channels.mail.spam import learn
from deskbell.people import departments
from deskbell.search import index
from deskbell.sla import clocks, renewing
from deskbell.tickets import erasure, scheduled, settle, timeline
from deskbell.tickets.actions.close import TicketClosed
from deskbell.tickets.events import Event
from deskbell.tickets.models import Entry, Ticket

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from deskbell.people.actors import Actor
    from deskbell.people.models import Customer, Department
    from deskbell.tickets.state import TicketState


def close_at_once(entry: Entry, state: TicketState) -> list[Event]:
    """Close what is resolved where the department lets nothing rest in Resolved (0 days)."""
    if entry.kind == "ticket.resolved" and state.closes_at and state.closes_at <= entry.at:
        return [TicketClosed()]
    return []


FOLLOW: tuple[Callable[[Entry, TicketState], list[Event]], ...] = (
    clocks.follow,  # first: what others let follow, they find with its clock stopped
    close_at_once,
    outbox.hold,
    outbox.hold_again,
    outbox.mail_portal,
    scheduled.follow,
    sealing.seal,
    index.follow,  # last: whatever was said or taken out by then
)

# What an act has sent is taken back before the act is undone.
TAKE_BACK: tuple[Callable[[Ticket, Sequence[Entry]], None], ...] = (sealing.take_back,)

# What a department promises from now on holds for the tickets that wait there, too.
PROMISE_CHANGED: tuple[Callable[[Department], None], ...] = (renewing.ask_to_renew,)

# What waits to leave later asks again, when its moment has come, whether its writer may still write from there.
ASKED_OF_SENDERS: tuple[Callable[[Actor, str], None], ...] = (outbox.require_sender,)

# What is known of a customer beside their tickets goes with them.
ALSO_FORGET: tuple[Callable[[Customer], None], ...] = (sealing.seal_all_of,)

# rules → level → routing → acknowledgement → notices → webhooks and integrations; those there are:
SETTLE: tuple[Callable[[Entry, Ticket], None], ...] = (
    acknowledge.acknowledge,
    outbox.ask_if_solved,
    tell_by_mail.tell,
    learn.learn,
)


def connect() -> None:
    """Tell the heart who follows it."""
    timeline.followers.functions = FOLLOW
    timeline.followers.take_back = TAKE_BACK
    settle.stages.functions = SETTLE
    erasure.also_forget[:] = ALSO_FORGET
    departments.promise_changed[:] = PROMISE_CHANGED
    scheduled.asked_of_senders[:] = ASKED_OF_SENDERS
