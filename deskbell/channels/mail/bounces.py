"""What a delivery report means for the deliveries that it is about.

Called by read.py inside its transaction.  Only a permanent failure of a letter that is provably ours
changes anything; the rest is shown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from deskbell import clock
from deskbell.channels.mail import ids, sending
from deskbell.channels.mail.models import Delivery
from deskbell.channels.mail.report import Failure, Report
from deskbell.people.models import Address
from deskbell.tickets.models import Ticket

# RFC 3463: what the second and third number of a status say of an address.
_REASONS = {
    "1.1": "mailbox_unknown",
    "1.2": "domain_unknown",
    "1.10": "domain_unknown",
    "2.1": "mailbox_disabled",
    "2.2": "mailbox_full",
    "2.3": "too_large",
    "3.4": "too_large",
    "4.1": "host_silent",
    "4.4": "domain_unknown",
    "4.7": "expired",
    "7.1": "refused_by_policy",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a report came to.

    ticket  whose letter it is about; None when it is about none of ours
    reason  a code: bounce_recorded, bounce_known, bounce_temporary, bounce_unknown
    """

    ticket: Ticket | None
    reason: str


def record(report: Report) -> Outcome:
    """Fail the deliveries that `report` says did not arrive for good; twice the same changes nothing."""
    deliveries = _deliveries(report)
    if not deliveries:
        return Outcome(None, "bounce_unknown")
    ticket = deliveries[0].ticket
    failed = [failure for failure in report.failures if failure.is_permanent]
    if report.failures and not failed:
        return Outcome(ticket, "bounce_temporary")
    pairs = _pairs(deliveries, failed)
    if not pairs:
        return Outcome(ticket, "bounce_unknown")
    fresh = [pair for pair in pairs if _fail(*pair)]
    return Outcome(ticket, "bounce_recorded" if fresh else "bounce_known")


def _deliveries(report: Report) -> list[Delivery]:
    """Return the deliveries of the letter that was returned, known by our own signed Message-ID."""
    head = re.search(r"^message-id:\s*<?([^<>\s]+)", report.original, re.IGNORECASE | re.MULTILINE)
    named = head and head[1]
    if not named or ids.read_token(named) is None:
        return []
    found = Delivery.objects.filter(rfc_message_id=named).select_related("ticket", "message")
    return list(found.order_by("id"))


def _pairs(deliveries: list[Delivery], failed: list[Failure]) -> list[tuple[Delivery, Failure]]:
    by_address = {delivery.address.lower(): delivery for delivery in deliveries}
    pairs = [
        (by_address[failure.address], failure)
        for failure in failed
        if failure.address in by_address
    ]
    if pairs or len(deliveries) > 1:
        return pairs
    # The only recipient, reported under another address: a forwarding, or a report that names none.
    return [(deliveries[0], failed[0] if failed else Failure("", "failed", "", ""))]


def _fail(delivery: Delivery, failure: Failure) -> bool:
    """Mark the delivery and tell the ticket; False when that was done before."""
    if not sending.fail(
        delivery, reason=_reason(failure.status), code=None, words=failure.words[:1000]
    ):
        return False
    Address.objects.filter(kind="mail", value=delivery.address.lower(), bad_since=None).update(
        bad_since=clock.now()
    )
    return True


def _reason(status: str) -> str:
    return _REASONS.get(status.partition(".")[2], "bounced")
