"""Addresses with a "+": whether a mail box gets what is sent to them, and those where a ticket's letters are answered.

    help+p-3-1k2b3c-a2b3c4d5e6f7g2h3@desk.example        the desk writes to itself, to find that out
    help+db-2k-t0-a2b3c4d5e6f7g2h3@desk.example          Reply-To of a ticket's letters, once such a letter came back

Not every server hands on what stands after a "+", so a letter is sent out to see.  Written in small letters and
figures, since servers on the way may turn capitals into small ones.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction

from deskbell import clock
from deskbell.channels.inbound import Inbound
from deskbell.channels.mail import ids, outbox
from deskbell.channels.mail.models import Delivery, MailBox
from deskbell.channels.mail.replies import LONGEST_LOCAL
from deskbell.work.jobs import enqueue, job

PROBE_JOB = "probe_plus_address"

# Mail is rarely slower; what comes later still counts.
PATIENCE = timedelta(days=1)

_PURPOSE = "probe"
_PROBE = re.compile(
    r".+\+p-(?P<box>[0-9a-v]{1,13})-(?P<at>[0-9a-v]{1,13})-(?P<signature>[a-z2-7]{16})\Z",
    re.IGNORECASE,
)


class State(StrEnum):
    """What is known of a mail box's addresses with a "+"."""

    NOT_TRIED = "not_tried"
    WAITING = "waiting"
    WORKS = "works"
    NEVER_CAME = "never_came"


def address_for(box: MailBox | None, reference: str) -> str:
    """Return where a thread's letters are answered, beside the mail box's own address; "" where only that works.

    reference  what every letter of the thread refers to (ids.token_reference, ids.side_reference): the address proves
               what it proves, that somebody was sent one
    """
    if box is None or box.plus_works_at is None:
        return ""
    return _with_plus(box.address, reference.partition("@")[0])


def try_out(box: MailBox) -> None:
    """Ask for a letter to ourselves; until it is back, letters are answered at the plain address."""
    with transaction.atomic():
        # Whole seconds: they stand in the address, and a letter of an earlier try proves nothing of this one.
        box.plus_tried_at, box.plus_works_at = clock.now().replace(microsecond=0), None
        box.save(update_fields=["plus_tried_at", "plus_works_at"])
        enqueue(PROBE_JOB, key=str(box.pk), box_id=box.pk)


@job(PROBE_JOB)
def probe_plus_address(box_id: int) -> None:
    """Write the letter to ourselves that a mail box waits for, once a try."""
    with transaction.atomic():
        # Held, so that the same job at once writes one letter all the same.
        box = MailBox.objects.select_for_update().filter(pk=box_id, archived_at=None).first()
        if box is None or not (address := _probe_address(box)):
            return
        if Delivery.objects.filter(purpose=Delivery.Purpose.PROBE, address=address).exists():
            return
        outbox.send_now(
            Delivery(
                purpose=Delivery.Purpose.PROBE,
                address=address,
                sender=box,
                rfc_message_id=ids.account_letter_id(
                    secrets.randbits(60), domain=ids.domain_of(box.address)
                ),
            )
        )


def note_arrival(rcpt: Iterable[str], inbound: Inbound) -> bool:
    """Whether a letter is one of those to ourselves; the mail box that waits for it is found to work.

    Also where the envelope is unknown, or names the plain address: the letter was sent nowhere else.  It is told by
    its signature alone, which nobody had before it left.
    """
    for address in _addresses(rcpt, inbound):
        match = _PROBE.match(address.rpartition("@")[0])
        if match is not None and _is_genuine(match):
            at = datetime.fromtimestamp(int(match["at"], 32), tz=clock.now().tzinfo)
            MailBox.objects.filter(
                pk=int(match["box"], 32), plus_tried_at=at, plus_works_at=None
            ).update(plus_works_at=clock.now())
            return True
    return False


def tokens_in(inbound: Inbound) -> list[ids.Token]:
    """Return what the addresses say that a letter came to, and those that its head names."""
    return [token for address in _addresses((), inbound) if (token := ids.read_token(address))]


def state_of(box: MailBox) -> State:
    """Return what is known of the addresses of a mail box."""
    if box.plus_works_at is not None:
        return State.WORKS
    if box.plus_tried_at is None:
        return State.NOT_TRIED
    delivery = delivery_of(box)
    failed = delivery is not None and delivery.state == Delivery.State.FAILED
    is_late = clock.now() - box.plus_tried_at > PATIENCE
    return State.NEVER_CAME if failed or is_late else State.WAITING


def delivery_of(box: MailBox) -> Delivery | None:
    """Return the letter of the last try; None while it is not written."""
    address = _probe_address(box)
    written = Delivery.objects.filter(purpose=Delivery.Purpose.PROBE, address=address)
    return written.last() if address else None


def _probe_address(box: MailBox) -> str:
    """Return the address of the last try; "" without one, or where it would be too long."""
    if box.plus_tried_at is None:
        return ""
    body = f"{ids.digits(box.pk)}-{ids.digits(int(box.plus_tried_at.timestamp()))}"
    return _with_plus(box.address, f"p-{body}-{ids.signature(_PURPOSE, body)}")


def _with_plus(address: str, token: str) -> str:
    local, _at, domain = address.rpartition("@")
    whole = f"{local}+{token}"
    # After the first "+" nothing tells one address of ours from another (recipients.py).
    fits = "+" not in local and len(whole) <= LONGEST_LOCAL
    return f"{whole}@{domain}" if fits else ""


def _is_genuine(match: re.Match[str]) -> bool:
    body = f"{match['box']}-{match['at']}".lower()
    numbers = int(match["box"], 32), int(match["at"], 32)
    return ids.is_genuine(_PURPOSE, body, match["signature"]) and ids.are_numbers(*numbers)


def _addresses(rcpt: Iterable[str], inbound: Inbound) -> list[str]:
    named = (address for address, _name in (*inbound.to, *inbound.cc))
    return list(dict.fromkeys((*rcpt, *inbound.delivered_to, *named)))
