"""What a receipt or a complaint means for the letter of ours that it is about.

Called by read.py inside its transaction.  Only what names a letter by our own signature changes anything: a receipt
says at the delivery that it was opened; who complained gets nothing more that the desk writes by itself.
"""

from __future__ import annotations

import re

from deskbell import clock
from deskbell.channels.mail import complaints, ids
from deskbell.channels.mail.bounces import Outcome, deliveries_of
from deskbell.channels.mail.feedback import Feedback
from deskbell.channels.mail.models import Delivery

# What a receipt may say, of which only the first two mean that somebody saw the letter.
_SEEN = frozenset({"displayed", "processed"})


def record(feedback: Feedback) -> Outcome:
    """Write down what somebody's mail program, or their provider, says of a letter of ours.

    The reason is receipt_opened, receipt_unread or receipt_unknown; complaint_recorded, complaint_withdrawn or
    complaint_unknown.
    """
    deliveries = _deliveries(feedback)
    if not deliveries:
        return Outcome(None, f"{feedback.kind}_unknown")
    ticket = deliveries[0].ticket
    if feedback.kind == "receipt":
        return Outcome(ticket, _note_receipt(feedback, deliveries))
    if feedback.says == "not-spam":
        return Outcome(ticket, "complaint_withdrawn")
    for delivery in deliveries:
        complaints.add(delivery.address)
    return Outcome(ticket, "complaint_recorded")


def _note_receipt(feedback: Feedback, deliveries: list[Delivery]) -> str:
    if feedback.says not in _SEEN:
        return "receipt_unread"
    numbers = [delivery.pk for delivery in deliveries]
    Delivery.objects.filter(pk__in=numbers, opened_at=None).update(opened_at=clock.now())
    return "receipt_opened"


def _deliveries(feedback: Feedback) -> list[Delivery]:
    """Return the deliveries of the letter to those that the report names; all of it where it names nobody of them."""
    head = re.search(
        r"^message-id:\s*<?([^<>\s]+)", feedback.original, re.IGNORECASE | re.MULTILINE
    )
    token = ids.read_token(head[1]) if head else None
    if head is None or token is None:
        return []
    all_of_it = deliveries_of(head[1], token)
    named = [one for one in all_of_it if one.address.lower() in feedback.addresses]
    return named or (all_of_it if len(all_of_it) == 1 else [])
