"""What a delivery report means for the deliveries that it is about.

Called by read.py inside its transaction.  Only what is provably about a letter of ours changes anything: a failure
for good opens its ticket once, one for now is shown at the delivery.  The rest is shown among the letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
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

# After these the address itself is no good; a full mailbox is emptied, and a large letter was only that.
_OF_THE_ADDRESS = frozenset({"mailbox_unknown", "domain_unknown", "mailbox_disabled", "bounced"})

_Pair = tuple[Delivery, Failure]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a report came to.

    ticket  whose letter it is about; None when it is about none of ours
    reason  a code: bounce_recorded, bounce_known, bounce_temporary, bounce_arrived, bounce_unknown
    """

    ticket: Ticket | None
    reason: str


def record(report: Report, *, beside: Iterable[str] = ()) -> Outcome:
    """Write down what `report` says of deliveries of ours; twice the same changes nothing.

    beside  what may name the letter where the report does not return it: the Message-IDs that the report itself
            answers, and the addresses that it came to
    1. Find the deliveries.  2. Pair each with what is said of its address.  3. Write failures for good,
    else those for now, else what arrived.
    """
    deliveries = _deliveries(report, list(beside))
    if not deliveries:
        return Outcome(None, "bounce_unknown")
    ticket = deliveries[0].ticket
    pairs = _pairs(deliveries, report)
    failed = [pair for pair in pairs if pair[1].is_permanent]
    late = [pair for pair in pairs if not pair[1].is_permanent and not pair[1].is_arrived]
    news = [_fail(*pair) for pair in failed]
    for delivery, failure in late:
        _show_late(delivery, failure)
    for delivery, _failure in (pair for pair in pairs if pair[1].is_arrived):
        _show_arrived(delivery)
    if failed:
        return Outcome(ticket, "bounce_recorded" if any(news) else "bounce_known")
    reason = "bounce_temporary" if late else "bounce_arrived" if pairs else "bounce_unknown"
    return Outcome(ticket, reason)


def _deliveries(report: Report, beside: list[str]) -> list[Delivery]:
    """Return the deliveries of the letter that was returned, known by our own signatures alone.

    1. By the Message-ID that stands in what was returned, or by which we had called it when it left.  2. By one that
    the report answers or was sent to.
    3. By the reference of the ticket, which stays where a server gave our letter another Message-ID.
    """
    head = re.search(r"^message-id:\s*<?([^<>\s]+)", report.original, re.IGNORECASE | re.MULTILINE)
    for named in (head[1] if head else "", report.number, *beside):
        if token := ids.read_token(named):
            found = deliveries_of(named, token)
            if found:
                return found
    tokens = [token for text in (report.original, *beside) for token in ids.read_tokens(text)]
    return next((found for one in tokens if (found := _latest(one.ticket_id, report))), [])


def deliveries_of(named: str, token: ids.Token) -> list[Delivery]:
    """Return the deliveries of the one letter that a token was made for; [] when it names a ticket as a whole.

    named  the Message-ID in which the token stood
    """
    deliveries = Delivery.objects.select_related("ticket", "message").order_by("id")
    # Servers make capitals of an id, or put things around it: what is signed decides, not what stands there.
    if token.message_id is not None:
        return list(deliveries.filter(ticket=token.ticket_id, message=token.message_id))
    if token.step is not None:
        return list(deliveries.filter(ticket=token.ticket_id, entry_step=token.step, message=None))
    return list(deliveries.filter(rfc_message_id=named))


def _latest(ticket_id: int, report: Report) -> list[Delivery]:
    """Return the last letter about the ticket to each address that the report names."""
    told = Delivery.objects.filter(ticket=ticket_id, account=None).exclude(
        state__in=(*Delivery.PENDING, Delivery.State.CANCELLED)
    )
    by_address = {one.address.lower(): one for one in told.select_related("ticket", "message")}
    named = [failure.address for failure in report.failures]
    return [by_address[address] for address in dict.fromkeys(named) if address in by_address]


def _pairs(deliveries: list[Delivery], report: Report) -> list[_Pair]:
    by_address = {delivery.address.lower(): delivery for delivery in deliveries}
    pairs = [
        (by_address[failure.address], failure)
        for failure in report.failures
        if failure.address in by_address
    ]
    if pairs or len(deliveries) > 1:
        return pairs
    # The only recipient, reported under another address: a forwarding, or a report that names none.
    unnamed = Failure("", "delayed" if report.is_late else "failed", "", "")
    worst = sorted(report.failures, key=lambda one: (not one.is_permanent, one.is_arrived))
    return [(deliveries[0], worst[0] if worst else unnamed)]


def _fail(delivery: Delivery, failure: Failure) -> bool:
    """Mark the delivery and tell the ticket; False when that was done before."""
    reason = _REASONS.get(failure.status.partition(".")[2], "bounced")
    if not sending.fail(delivery, reason=reason, code=None, words=failure.words[:1000]):
        return False
    if reason in _OF_THE_ADDRESS and not failure.status.startswith("4"):
        Address.objects.filter(kind="mail", value=delivery.address.lower(), bad_since=None).update(
            bad_since=clock.now()
        )
    return True


def _show_late(delivery: Delivery, failure: Failure) -> None:
    """Say at the delivery that it waits at another server; the ticket waits with it."""
    Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.SENT).update(
        reason="delayed", words=failure.words[:1000]
    )


def _show_arrived(delivery: Delivery) -> None:
    Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.SENT, reason="delayed").update(
        reason="", words=""
    )
