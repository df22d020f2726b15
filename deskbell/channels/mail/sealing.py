"""What a redaction, a purge or an erasure means for mail: letters are sealed, what waits to leave is taken back.

A sealed letter keeps its row, its sum and its time; its bytes and what was read off its envelope are gone.  One of
which a rule masked something when it came is sealed too, and only its bytes are gone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from django.db.models import CharField, F, Q, Value
from django.db.models.functions import Cast, Concat, Lower

from deskbell import clock
from deskbell.backups import shelf
from deskbell.channels.mail import letters
from deskbell.channels.mail.models import BlockedSender, Complaint, Delivery, Letter
from deskbell.errors import CannotUndo
from deskbell.people.models import Address
from deskbell.tickets.files import BACKUP_PAUSE
from deskbell.work.jobs import Later, enqueue, job

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import QuerySet

    from deskbell.people.models import Customer
    from deskbell.tickets.events import Event
    from deskbell.tickets.models import Entry, Ticket
    from deskbell.tickets.state import TicketState

log = structlog.get_logger(__name__)

SHRED_JOB = "shred_letter"


def seal(entry: Entry, state: TicketState) -> list[Event]:
    """Seal the letters whose words an entry has taken out; stands in reactions.py, leads to no further event."""
    match entry.kind:
        case "text.redacted":
            _seal(Letter.objects.filter(message__in=entry.data["messages"]))
            if entry.data["whole"]:
                _forget(Delivery.objects.filter(message__in=entry.data["messages"]))
        case "ticket.purged":
            _seal(Letter.objects.filter(ticket=entry.ticket_id))
            _forget(Delivery.objects.filter(ticket=entry.ticket_id))
        case "customer.erased":
            of_theirs = Q(message__in=entry.data["messages"])
            if entry.data["whole"]:
                of_theirs |= Q(ticket=entry.ticket_id)
            _seal(Letter.objects.filter(of_theirs))
            to_them = Address.objects.filter(pk__in=entry.data["addresses"]).values("value")
            sent = Delivery.objects.filter(ticket=entry.ticket_id)
            sent = sent.annotate(lower=Lower("address"))
            _forget(sent.filter(Q(lower__in=to_them) | Q(message__in=entry.data["messages"])))
        case _:
            pass
    return []


def seal_all_of(customer: Customer) -> None:
    """Seal what else came from a customer: letters that made no message, on whatever ticket or on none.

    One that nobody has read yet is left: it is about to become a message of somebody new.
    """
    values = list(customer.addresses.values_list("value", flat=True))
    BlockedSender.objects.filter(sender__in=values).delete()
    Complaint.objects.filter(address__in=values).delete()
    came = Letter.objects.annotate(lower=Lower("mail_from")).filter(lower__in=values)
    _seal(came.exclude(state=Letter.State.WAITING))


def seal_masked(letter: Letter) -> None:
    """Seal a letter in which rules masked something, in the transaction that made a message of it.

    Only its bytes go: who sent it and whence is still asked, and its Message-ID still answered.
    """
    same = _with_same([letter.pk]).filter(sealed_at=None)
    paths = _paths(same)
    same.update(sealed_at=clock.now(), is_masked=True)
    _shred_later(paths)


def take_back(ticket: Ticket, entries: Sequence[Entry]) -> None:
    """Take back the letters that these entries wanted, before they are undone.

    Raises CannotUndo when one has left, or a worker is at it.
    """
    # What one of ours was told keeps nobody from taking it back.
    wanted = Delivery.objects.filter(
        ticket=ticket, account=None, entry_step__in=[one.step for one in entries]
    )
    # One that no relay has seen yet; counted by attempts, for a worker may be about to claim it.
    wanted.filter(state__in=Delivery.PENDING, attempts=0).update(
        state=Delivery.State.CANCELLED, reason="taken_back", next_at=None
    )
    if wanted.exclude(state=Delivery.State.CANCELLED).exists():
        raise CannotUndo("left_the_house")


@job(SHRED_JOB)
def shred_letter(path: str) -> None:
    """Remove the bytes of a sealed letter, unless the same file holds one that is not sealed.

    path  of the letter, relative to the folder of letters
    Raises Later while a backup is made, whose database may still name them.
    """
    if shelf.under_way():
        raise Later(clock.now() + BACKUP_PAUSE, "backup_under_way")
    if Letter.objects.filter(path=path, sealed_at=None).exists():
        return
    (letters.folder() / path).unlink(missing_ok=True)
    log.info("letter.shredded")


def _seal(found: QuerySet[Letter]) -> None:
    """Seal letters, and those that came twice of them."""
    # One that a rule had sealed still says from where it came.
    same = _with_same(found.values_list("pk", flat=True))
    same = same.filter(Q(sealed_at=None) | Q(is_masked=True))
    paths = _paths(same)
    same.update(
        sealed_at=clock.now(),
        is_masked=False,
        peer_ip="",
        helo="",
        mail_from="",
        rcpt=[],
        detail="",
        rfc_message_id="",
    )
    _shred_later(paths)


def _with_same(numbers: Iterable[int]) -> QuerySet[Letter]:
    """Return these letters, and those that came twice of them."""
    known = list(numbers)
    sums = list(Letter.objects.filter(pk__in=known).values_list("sha256", flat=True))
    return Letter.objects.filter(Q(pk__in=known) | Q(sha256__in=sums) | Q(first__in=known))


def _paths(found: QuerySet[Letter]) -> list[str]:
    return sorted(set(found.values_list("path", flat=True)))


def _shred_later(paths: Iterable[str]) -> None:
    for path in paths:
        enqueue(SHRED_JOB, key=path, path=path)


def _forget(found: QuerySet[Delivery]) -> None:
    """Blank what deliveries say of their recipients; what waits to leave no longer does."""
    found.filter(state__in=Delivery.PENDING).update(
        state=Delivery.State.CANCELLED, reason="taken_out", next_at=None
    )
    # An address of its own for each: one ticket's deliveries of one entry differ by it.
    gone = Concat(Value("gone-"), Cast(F("pk"), CharField()))
    found.update(address=gone, name="", words="")
