"""What may be done to a ticket: one verb, one file, its event beside it.  This list is the whole of it."""

from deskbell.tickets.actions.accept_sender import accept_sender
from deskbell.tickets.actions.ask import mark_asked
from deskbell.tickets.actions.assign import assign
from deskbell.tickets.actions.close import close, close_when_due
from deskbell.tickets.actions.confirm import confirm
from deskbell.tickets.actions.deny import deny
from deskbell.tickets.actions.fail_delivery import fail_delivery
from deskbell.tickets.actions.note import note
from deskbell.tickets.actions.open import open_ticket
from deskbell.tickets.actions.receive import Received, receive
from deskbell.tickets.actions.reopen import reopen
from deskbell.tickets.actions.reply import reply
from deskbell.tickets.actions.resolve import resolve
from deskbell.tickets.actions.take import take
from deskbell.tickets.actions.transfer import transfer

__all__ = [
    "Received",
    "accept_sender",
    "assign",
    "close",
    "close_when_due",
    "confirm",
    "deny",
    "fail_delivery",
    "mark_asked",
    "note",
    "open_ticket",
    "receive",
    "reopen",
    "reply",
    "resolve",
    "take",
    "transfer",
]
