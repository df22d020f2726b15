"""What may be done to a ticket: one verb, one file, its event beside it.  This list is the whole of it."""

from deskbell.tickets.actions.accept_sender import accept_sender
from deskbell.tickets.actions.acknowledge import mark_acknowledged
from deskbell.tickets.actions.add_participant import add_participant, remove_participant
from deskbell.tickets.actions.ask import mark_asked
from deskbell.tickets.actions.ask_for_portal import ask_for_portal
from deskbell.tickets.actions.assign import assign
from deskbell.tickets.actions.change_customer import change_customer
from deskbell.tickets.actions.check_off import add_check, check_off, remove_check
from deskbell.tickets.actions.close import close, close_when_due
from deskbell.tickets.actions.confirm import confirm
from deskbell.tickets.actions.delete import delete
from deskbell.tickets.actions.deny import deny
from deskbell.tickets.actions.describe import describe
from deskbell.tickets.actions.erase import erase
from deskbell.tickets.actions.escalate import escalate
from deskbell.tickets.actions.fail_delivery import fail_delivery
from deskbell.tickets.actions.follow import follow, unfollow
from deskbell.tickets.actions.forward import forward
from deskbell.tickets.actions.give_back import give_back
from deskbell.tickets.actions.link import link, unlink
from deskbell.tickets.actions.mark_answered import mark_answered
from deskbell.tickets.actions.mention import mention
from deskbell.tickets.actions.merge import merge
from deskbell.tickets.actions.not_spam import not_spam
from deskbell.tickets.actions.note import note
from deskbell.tickets.actions.open import open_ticket
from deskbell.tickets.actions.postpone import postpone
from deskbell.tickets.actions.prioritise import prioritise
from deskbell.tickets.actions.purge import purge, purge_when_due
from deskbell.tickets.actions.rate import rate, rate_answer
from deskbell.tickets.actions.receive import Received, receive
from deskbell.tickets.actions.receive_aside import receive_aside
from deskbell.tickets.actions.redact import redact, redact_message
from deskbell.tickets.actions.reopen import reopen
from deskbell.tickets.actions.reply import reply
from deskbell.tickets.actions.resign import resign
from deskbell.tickets.actions.resolve import resolve
from deskbell.tickets.actions.restore import restore
from deskbell.tickets.actions.send_on import send_on
from deskbell.tickets.actions.spam import spam
from deskbell.tickets.actions.split import split
from deskbell.tickets.actions.tag import tag
from deskbell.tickets.actions.take import take
from deskbell.tickets.actions.transfer import transfer
from deskbell.tickets.actions.undo import undo
from deskbell.tickets.actions.unmerge import unmerge
from deskbell.tickets.actions.wake import wake, wake_when_due

__all__ = [
    "Received",
    "accept_sender",
    "add_check",
    "add_participant",
    "ask_for_portal",
    "assign",
    "change_customer",
    "check_off",
    "close",
    "close_when_due",
    "confirm",
    "delete",
    "deny",
    "describe",
    "erase",
    "escalate",
    "fail_delivery",
    "follow",
    "forward",
    "give_back",
    "link",
    "mark_acknowledged",
    "mark_answered",
    "mark_asked",
    "mention",
    "merge",
    "not_spam",
    "note",
    "open_ticket",
    "postpone",
    "prioritise",
    "purge",
    "purge_when_due",
    "rate",
    "rate_answer",
    "receive",
    "receive_aside",
    "redact",
    "redact_message",
    "remove_check",
    "remove_participant",
    "reopen",
    "reply",
    "resign",
    "resolve",
    "restore",
    "send_on",
    "spam",
    "split",
    "tag",
    "take",
    "transfer",
    "undo",
    "unfollow",
    "unlink",
    "unmerge",
    "wake",
    "wake_when_due",
]
