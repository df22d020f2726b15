"""The job that sends one delivery: claimed, composed, handed to its relay, and what came of it written down.

Killed anywhere, it is sent again with the same Message-ID.  A relay's refusal for good opens the ticket again
in the same transaction; everything else waits and is tried again for five days.
"""

from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import F, Q

from deskbell import clock
from deskbell.channels.mail import acknowledge, solved_question, tell_by_mail
from deskbell.channels.mail.compose import compose
from deskbell.channels.mail.fetch import ending
from deskbell.channels.mail.models import Delivery
from deskbell.channels.mail.outbox import HOLD, SEND_BEHIND_JOB, SEND_JOB
from deskbell.channels.mail.relay import Relay, relay_for
from deskbell.channels.mail.smtp_client import RelayBusy, a_place_at, send
from deskbell.channels.mail.smtp_line import PATIENCE, Accepted, Envelope, SendFailed
from deskbell.people.actors import CLOCK
from deskbell.people.models import Account
from deskbell.security.secrets import Unreadable
from deskbell.sweeps import reading as sweeps
from deskbell.tickets.actions.fail_delivery import fail_delivery
from deskbell.tickets.models import Ticket
from deskbell.tickets.state import state_of
from deskbell.tickets.timeline import lock_survivor
from deskbell.work.registry import BEHIND, OUTSIDE, Later, job

log = structlog.get_logger(__name__)

GIVE_UP_AFTER = timedelta(days=5)
# After the first, second … try; the last one repeats.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 20, 30, 60, 120, 240))
# A desk without a relay looks again soon: somebody is just setting it up.
WITHOUT_RELAY = timedelta(minutes=1)
FILE_AWAY = timedelta(minutes=5)
# Letters of a sweep that is going look again so soon whether it has ended.
OF_A_SWEEP = timedelta(seconds=5)
# For a ticket that is not settled yet: a rule may still say "no answer".  A settling that is stuck
# holds no letter back for longer than the second span.
UNSETTLED, UNSETTLED_AT_MOST = timedelta(seconds=2), timedelta(minutes=1)

# How long a claim holds, beside the time that the letter's size takes: what may pass before the relay
# has it, the quiet after it, and a margin.
CLAIM = timedelta(seconds=PATIENCE.connect + PATIENCE.until_dot + PATIENCE.quiet_dot + 10)
WAITING_FOR_THE_ANSWER = timedelta(seconds=PATIENCE.dot + 30)

State = Delivery.State
PENDING = Delivery.PENDING


# An error of ours is retried for days as well: an update may mend it, and no letter is given up lightly.
@job(SEND_BEHIND_JOB, lane=BEHIND, attempts=100)
@job(SEND_JOB, lane=OUTSIDE, attempts=100)
def send_delivery(delivery_id: int) -> None:
    """Send one delivery.  Raises Later when it is to be tried at another time.

    1. See that it is due and nobody else is at it, and that it is still wanted.
    2. Find the relay, and compose the letter.
    3. Take a place at the relay, and claim the delivery, so that nobody else sends it meanwhile.
    4. Hand it over.
    5. Write what came of it.
    """
    delivery = _find(delivery_id)
    if delivery is None:
        return
    _wait_until_due(delivery)
    if not _is_wanted(delivery):
        return
    relay = _relay_or_later(delivery)
    envelope = _letter_or_later(delivery)
    if envelope is None:
        return
    try:
        with a_place_at(relay):
            attempt = _claim(delivery, envelope)
            _hand_over(delivery, relay, envelope, attempt)
    except RelayBusy as busy:
        _defer(delivery, busy.reason)
        raise Later(clock.now() + busy.pause, busy.reason) from None


def _find(delivery_id: int) -> Delivery | None:
    related = (
        "ticket__subject",
        "ticket__customer",
        "ticket__department",
        "message__text",
        "sender__department",
        "account",
    )
    found = Delivery.objects.select_related(*related).filter(pk=delivery_id)
    return found.filter(state__in=PENDING).first()


def _is_wanted(delivery: Delivery) -> bool:
    """Return whether it should still go out; what is wanted no more is withdrawn, with the reason."""
    reason = _unwanted_because(delivery)
    if not reason:
        return True
    # Counted by attempts, for somebody else may have claimed it since it was read.
    Delivery.objects.filter(pk=delivery.pk, state__in=PENDING, attempts=delivery.attempts).update(
        state=State.CANCELLED, reason=reason, next_at=None
    )
    return False


def _unwanted_because(delivery: Delivery) -> str:
    """Return the code of why it should not go out any more; "" when it should.

    A question about a resolution that is gone is not asked, and nobody is written to who left the desk.
    """
    if delivery.account is not None and (reason := _not_for(delivery, delivery.account)):
        return reason
    if delivery.purpose == Delivery.Purpose.NOTICE:
        return "read_first" if tell_by_mail.is_read(delivery) else ""
    if delivery.ticket is None:
        tells_of_an_end = delivery.purpose == Delivery.Purpose.PERMISSION_ENDS
        return ending.unwanted_because() if tells_of_an_end else ""
    if delivery.purpose == Delivery.Purpose.ACKNOWLEDGEMENT:
        return acknowledge.unwanted_because(delivery.ticket)
    if delivery.purpose != Delivery.Purpose.ASK_IF_SOLVED:
        return ""
    state = state_of(delivery.ticket)
    stands = state.status == "resolved" and state.resolved_step == delivery.entry_step
    return "" if stands and solved_question.is_theirs(delivery, state) else "no_longer_resolved"


def _not_for(delivery: Delivery, account: Account) -> str:
    """Return the code of why somebody of ours is not written to; "" when they are."""
    # A link in it would open the account, or the ticket, to whoever reads the old address.
    if delivery.address != account.email:
        return "address_changed"
    # Whoever has left still hears that what they wrote since was not taken.
    tells_of_own = delivery.purpose == Delivery.Purpose.NOT_TAKEN
    return "" if account.is_active or tells_of_own else "has_left"


def _wait_until_due(delivery: Delivery) -> None:
    now = clock.now()
    if delivery.next_at is not None and delivery.next_at > now:
        raise Later(delivery.next_at, delivery.reason or delivery.state)
    ticket, held_until = delivery.ticket, delivery.hold_until or now
    if ticket is None:
        return
    _wait_for_its_sweep(delivery, ticket, now)
    if ticket.settled_step < delivery.entry_step and now < held_until + UNSETTLED_AT_MOST:
        raise Later(now + UNSETTLED, "settling")


def _wait_for_its_sweep(delivery: Delivery, ticket: Ticket, now: datetime) -> None:
    """Wait with a question until the sweep that resolved its ticket can be taken back no longer, as one."""
    if delivery.purpose != Delivery.Purpose.ASK_IF_SOLVED:
        return
    until = sweeps.holds_until(ticket.pk, delivery.entry_step, HOLD)
    if until is not None and until > now:
        raise Later(min(until, now + OF_A_SWEEP), "sweep")


def _relay_or_later(delivery: Delivery) -> Relay:
    """Return the relay; without one nothing is lost, the letter waits and says why."""
    try:
        relay = relay_for(delivery.sender)
        reason = "no_relay"
    except (ValueError, Unreadable):
        relay, reason = None, "relay_unreadable"
    if relay is not None:
        return relay
    _defer(delivery, reason)
    raise Later(clock.now() + WITHOUT_RELAY, reason)


def _letter_or_later(delivery: Delivery) -> Envelope | None:
    """Return the letter; None when it can never be written, which is a failure for good."""
    try:
        return compose(delivery)
    except ValueError:
        fail(delivery, reason="bad_address", code=None, words="")
        return None
    except OSError:
        _defer(delivery, "file_unreadable")
        raise Later(clock.now() + FILE_AWAY, "file_unreadable") from None


def _defer(delivery: Delivery, reason: str) -> None:
    """Show why it waits; not written again while nothing changes, for a long queue is told often."""
    if (delivery.state, delivery.reason) != (State.DEFERRED, reason):
        Delivery.objects.filter(
            pk=delivery.pk, attempts=delivery.attempts, state__in=PENDING
        ).update(state=State.DEFERRED, reason=reason, words="", code=None)


def _claim(delivery: Delivery, envelope: Envelope) -> int:
    """Make the delivery ours until the claim runs out, and return the number of this attempt.

    Raises Later when somebody else has it.
    """
    now = clock.now()
    until = now + CLAIM + timedelta(seconds=PATIENCE.for_data(len(envelope.data)))
    free = Q(next_at=None) | Q(next_at__lte=now)
    ours = Delivery.objects.filter(
        free, pk=delivery.pk, attempts=delivery.attempts, state__in=PENDING
    ).update(
        state=State.QUEUED,
        attempts=F("attempts") + 1,
        first_at=delivery.first_at or now,
        next_at=until,
    )
    if not ours:
        raise Later(until, "claimed")
    delivery.first_at = delivery.first_at or now
    return delivery.attempts + 1


def _hand_over(delivery: Delivery, relay: Relay, envelope: Envelope, attempt: int) -> None:
    """Give the letter to the relay and write what came of it."""
    try:
        # A relay that takes long over its answer may have the letter already: nobody may try now.
        accepted = send(relay, envelope, still_waiting=lambda: _hold_claim(delivery))
    except SendFailed as failure:
        _write_failure(delivery, attempt, failure)
    else:
        _write_sent(delivery, accepted)


def _hold_claim(delivery: Delivery) -> None:
    Delivery.objects.filter(pk=delivery.pk, state=State.QUEUED).update(
        next_at=clock.now() + WAITING_FOR_THE_ANSWER
    )


def _write_sent(delivery: Delivery, accepted: Accepted) -> None:
    # Whoever claimed it after us would send it twice: what the relay took is sent, whose claim it ever is.
    Delivery.objects.filter(pk=delivery.pk, state__in=PENDING).update(
        state=State.SENT,
        sent_at=clock.now(),
        next_at=None,
        code=accepted.smtp,
        reason="",
        words=accepted.words,
    )
    log.info("mail.sent", delivery=delivery.pk, ticket=delivery.ticket_id)


def _write_failure(delivery: Delivery, attempt: int, failure: SendFailed) -> None:
    """Write why it did not go.  Raises Later when it is tried again."""
    now = clock.now()
    gave_up = now >= (delivery.first_at or now) + GIVE_UP_AFTER
    log.warning(
        "mail.not_sent", delivery=delivery.pk, reason=failure.reason, permanent=failure.permanent
    )
    if failure.permanent or gave_up:
        fail(delivery, reason=failure.reason, code=failure.smtp, words=failure.words)
        return
    again = now + PAUSES[min(attempt, len(PAUSES)) - 1]
    Delivery.objects.filter(pk=delivery.pk, state=State.QUEUED, attempts=attempt).update(
        state=State.DEFERRED,
        next_at=again,
        code=failure.smtp,
        reason=failure.reason,
        words=failure.words,
    )
    raise Later(again, failure.reason)


def fail(delivery: Delivery, *, reason: str, code: int | None, words: str) -> bool:
    """Write that `delivery` failed for good, and open the ticket that it was to be read on, in one transaction.

    Returns False when it had failed before, or was taken back: then nothing happens.
    """
    ticket = delivery.ticket
    with transaction.atomic():
        if ticket is not None:
            lock_survivor(ticket.pk)
        # Under the lock, so that the report of a bounce and the relay's refusal open the ticket once.
        unfailed = (*PENDING, State.SENT)
        now_failed = Delivery.objects.filter(pk=delivery.pk, state__in=unfailed).update(
            state=State.FAILED, next_at=None, reason=reason, code=code, words=words
        )
        if not now_failed:
            return False
        # What one of ours did not get keeps no customer waiting.
        if ticket is not None and delivery.account_id is None:
            fail_delivery(
                ticket,
                message=delivery.message,
                address=delivery.address,
                reason=reason,
                by=CLOCK,
            )
    return True


def due_at(delivery: Delivery) -> datetime | None:
    """Return when it is tried next, for those who look at it; None when it is not tried any more."""
    return delivery.next_at if delivery.state in PENDING else None
