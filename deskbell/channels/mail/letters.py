"""Letters as they came: on disk and in the database before anybody says that we have them.

Called by everything through which mail arrives.  A letter is one file, synced, and one row with the job
that reads it; whoever dies between the two leaves a file that adopt_orphans() finds.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, cast

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from deskbell import access, clock
from deskbell.channels.mail.decode import header_text
from deskbell.channels.mail.models import Letter, MailBox
from deskbell.channels.mail.sameness import Sameness
from deskbell.people.actors import Actor
from deskbell.tickets.models import Ticket
from deskbell.work import jobs
from deskbell.work.models import Job

log = structlog.get_logger(__name__)

CHUNK_BYTES = 1 << 20
HEAD_BYTES = 1 << 16

# A file without a row may be one whose row is just being written.
ORPHAN_AGE = timedelta(minutes=5)
ORPHAN_DAYS = 14
# A letter is read within seconds; one that is not after this time has a reason.
FORGOTTEN_AFTER = timedelta(minutes=15)
# What lies in tmp was never acknowledged; after this time nobody is still writing it.
REMNANT_AGE = timedelta(days=1)

_MESSAGE_ID = re.compile(rb"^message-id:\s*<?([^<>\s]+)>?", re.IGNORECASE | re.MULTILINE)
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True, slots=True)
class Arrival:
    """How a letter came: smtp, pipe, found, imap or pop3; the envelope is empty where there was none.

    box      from whose server it was fetched
    came_at  to that server, as far as it says
    refused  a code: only its head is here, and it waits for a person to look; "" for a whole letter
    detail   what a person may need beside that
    """

    source: str
    peer_ip: str = ""
    helo: str = ""
    mail_from: str = ""
    rcpt: Sequence[str] = ()
    box: MailBox | None = None
    came_at: datetime | None = None
    refused: str = ""
    detail: str = ""


Beside = Callable[[Letter], None]


def keep_fetched(
    raw: bytes | Iterator[bytes],
    arrival: Arrival,
    beside: Beside,
) -> Letter:
    """Put a letter that a server holds for us on disk and into the database, as `keep` does.

    beside  called in the transaction of its row: what moves there moves only with the letter
    Raises what `keep` does, and whatever `raw` or `beside` raises; then nothing was kept.
    """
    written = _write(raw)
    return _commit(_settle_down(written, arrival), written, arrival, beside)


def keep(
    raw: bytes | Path | BinaryIO,
    *,
    source: str,
    peer_ip: str = "",
    helo: str = "",
    mail_from: str = "",
    rcpt: Sequence[str] = (),
) -> Letter:
    """Put a letter on disk and into the database; when this returns, both are committed.

    1. Write it beside the others, sync it, and give it its lasting name.
    2. Commit its row and the job that reads it.
    The same letter again (sameness.py) makes a row that says "duplicate", and no second message.
    Raises OSError (disk) or DatabaseError; then nobody may say that we have it.
    """
    arrival = Arrival(source, peer_ip, helo, mail_from, rcpt)
    written = _write(raw)
    return _commit(_settle_down(written, arrival), written, arrival)


def folder() -> Path:
    """Return the folder of all letters."""
    letters: Path = settings.DATA / "letters"
    return letters


def path_of(letter: Letter) -> Path:
    """Return where the bytes of `letter` lie."""
    return folder() / letter.path


def visible_to(actor: Actor) -> QuerySet[Letter]:
    """Return the letters that `actor` may see: those of no ticket, and of tickets that they may see.

    Raises NotAllowed.
    """
    access.require(actor, "see_letters")
    tickets = access.visible(actor, Ticket.objects.all())
    return Letter.objects.filter(Q(ticket=None) | Q(ticket__in=tickets))


def read_again(letter: Letter, *, anyway: bool = False) -> None:
    """Let a parked or ignored letter be read once more; nothing is left to read of a sealed one.

    anyway  make a ticket of it even if it cannot be read: then the letter itself is its file
    """
    with transaction.atomic():
        changed = Letter.objects.filter(
            pk=letter.pk, state__in=(Letter.State.PARKED, Letter.State.IGNORED), sealed_at=None
        ).update(state=Letter.State.WAITING, reason="", detail="", kills=0, read_at=None)
        if changed:
            _enqueue(letter.pk, anyway=anyway)


def adopt_orphans() -> int:
    """Take in the letters that have a file but no row, and sweep away what was never a letter.

    Returns how many were taken in.  The timetable calls it.
    """
    _sweep_remnants()
    adopted = 0
    for path in _orphans():
        written = _measure(folder() / path)
        letter = _commit(path, written, Arrival("found"))
        log.warning("letter.adopted", letter=letter.pk)
        adopted += 1
    return adopted


def park_forgotten() -> int:
    """Park the letters that wait although nobody tries to read them any more; return how many.

    The job gave up on them, because of a disk or a database that was away for hours.  The timetable
    calls it.
    """
    now = clock.now()
    forgotten = [
        letter_id
        for letter_id in Letter.objects.filter(
            state=Letter.State.WAITING, received_at__lt=now - FORGOTTEN_AFTER
        ).values_list("pk", flat=True)
        if not _is_tried(letter_id)
    ]
    return Letter.objects.filter(pk__in=forgotten, state=Letter.State.WAITING).update(
        state=Letter.State.PARKED, reason="gave_up", read_at=now
    )


def without_file() -> Iterator[Letter]:
    """Yield the letters whose bytes should lie in the folder and do not; `bin/deskbell check` asks."""
    for letter in Letter.objects.filter(sealed_at=None).order_by("pk").iterator():
        if not path_of(letter).exists():
            yield letter


def _is_tried(letter_id: int) -> bool:
    tries = Job.objects.filter(name="read_letter", key=str(letter_id))
    return tries.exclude(state=Job.PARKED).exists()


@contextmanager
def passing_folder() -> Iterator[Path]:
    """Give a folder that is gone afterwards; on the disk of the letters."""
    path = _tmp() / secrets.token_hex(12)
    path.mkdir()
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class _Written:
    """A letter on disk, not yet at its place."""

    path: Path
    sha256: str
    size_bytes: int
    message_id: str
    sameness: Sameness

    def once_key(self, arrival: Arrival) -> str:
        """What makes two arrivals one letter: what its sender wrote, whichever way it took.

        Without a Message-ID only the same bytes are, within an hour: a machine that sends the same five
        words every night means each of them.  What was fetched counts from its arrival there, and for
        ever where a server wrote down its way: that line is another one each night.
        """
        if self.message_id and (same := self.sameness.sum()):
            return same
        if self.message_id or (arrival.box and self.sameness.has_way):
            return self.sha256
        return f"{self.sha256}-{arrival.came_at or clock.now():%Y%m%d%H}"

    def name(self, arrival: Arrival) -> str:
        """What its file is called: the same bytes fall onto the same name, other bytes never do."""
        key = self.once_key(arrival)
        return key if key.startswith(self.sha256) else self.sha256


def _write(raw: bytes | Path | BinaryIO | Iterator[bytes]) -> _Written:
    path = _tmp() / f"{secrets.token_hex(12)}.eml"
    digest, size, head, sameness = hashlib.sha256(), 0, b"", Sameness()
    try:
        with path.open("xb") as file:
            for chunk in _chunks(raw):
                if len(head) < HEAD_BYTES:
                    head += chunk[:HEAD_BYTES]
                digest.update(chunk)
                sameness.add(chunk)
                size += file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return _Written(path, digest.hexdigest(), size, _message_id(head), sameness)


def _chunks(raw: bytes | Path | BinaryIO | Iterator[bytes]) -> Iterable[bytes]:
    if isinstance(raw, bytes):
        yield raw
    elif isinstance(raw, Path):
        with raw.open("rb") as file:
            yield from iter(lambda: file.read(CHUNK_BYTES), b"")
    elif isinstance(raw, Generator):
        yield from raw
    else:
        file_like = cast("BinaryIO", raw)
        yield from iter(lambda: file_like.read(CHUNK_BYTES), b"")


def head_of(beginning: bytes, most: int) -> bytes:
    """Return the headers among the first bytes of a letter; `most` of these where the headers do not end in them."""
    end = _END_OF_HEAD.search(beginning)
    return beginning[: end.start() if end else most]


def _message_id(head: bytes) -> str:
    """Return the Message-ID, found without reading the letter; "" when it has none."""
    match = _MESSAGE_ID.search(head_of(head, HEAD_BYTES))
    return header_text(match[1].decode("utf-8", "surrogateescape"))[:500] if match else ""


def _settle_down(written: _Written, arrival: Arrival) -> str:
    """Give the file its lasting name and return it; the name survives a power cut."""
    day = clock.now().strftime("%Y/%m/%d")
    path = f"{day}/{written.name(arrival)}.eml"
    target = folder() / path
    is_new_day = not target.parent.exists()
    target.parent.mkdir(parents=True, exist_ok=True)
    # The same bytes again on the same day fall onto the same name.
    written.path.rename(target)
    _sync_folder(target.parent)
    if is_new_day:
        for parent in (target.parent.parent, target.parent.parent.parent, folder()):
            _sync_folder(parent)
    return path


def _sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _commit(
    path: str, written: _Written, arrival: Arrival, beside: Beside = lambda _letter: None
) -> Letter:
    try:
        return _insert(path, written, arrival, beside)
    except IntegrityError:
        # Two of the same came at the same moment: now the other one is there to be seen.
        return _insert(path, written, arrival, beside)


def _insert(path: str, written: _Written, arrival: Arrival, beside: Beside) -> Letter:
    once_key = written.once_key(arrival)
    with transaction.atomic():
        first = _first(once_key, written)
        letter = Letter.objects.create(
            path=path,
            sha256=written.sha256,
            once_key=None if first else once_key,
            size_bytes=written.size_bytes,
            rfc_message_id=written.message_id,
            received_at=clock.now(),
            source=arrival.source,
            peer_ip=arrival.peer_ip,
            helo=arrival.helo[:255],
            mail_from=arrival.mail_from[:500],
            rcpt=list(arrival.rcpt),
            box=arrival.box,
            came_at=arrival.came_at,
            **(_as_refused(arrival) if arrival.refused and not first else _as_duplicate(first)),
        )
        beside(letter)
        if first is None:
            if not arrival.refused:
                _enqueue(letter.pk, anyway=False)
        elif first.sealed_at is not None:
            # What was taken out does not come back with the same letter.
            jobs.enqueue("shred_letter", key=path, path=path)
    return letter


def _first(once_key: str, written: _Written) -> Letter | None:
    """Return the letter that this one repeats, locked: whoever reads it now is heard of here, or hears of us."""
    keys = {once_key}
    if written.message_id:
        keys.add(written.sha256)  # as it was known before letters were compared more finely
    return Letter.objects.select_for_update().filter(once_key__in=keys).order_by("id").first()


def _as_refused(arrival: Arrival) -> dict[str, object]:
    return {
        "state": Letter.State.PARKED,
        "reason": arrival.refused,
        "detail": arrival.detail[:500],
        "read_at": clock.now(),
    }


def _as_duplicate(first: Letter | None) -> dict[str, object]:
    if first is None:
        return {"state": Letter.State.WAITING}
    return {
        "state": Letter.State.DUPLICATE,
        "reason": "came_before",
        "detail": str(first.pk),
        "first": first,
        "what": first.what,
        "ticket_id": first.ticket_id,
        "message_id": first.message_id,
        "sealed_at": first.sealed_at,
        "is_masked": first.is_masked,
        "read_at": clock.now(),
    }


def _enqueue(letter_id: int, *, anyway: bool) -> None:
    jobs.enqueue("read_letter", key=str(letter_id), letter_id=letter_id, anyway=anyway)


def _tmp() -> Path:
    path = folder() / "tmp"
    path.mkdir(parents=True, exist_ok=True)
    return path


def _measure(path: Path) -> _Written:
    digest, size, head, sameness = hashlib.sha256(), 0, b"", Sameness()
    for chunk in _chunks(path):
        head = head or chunk[:HEAD_BYTES]
        digest.update(chunk)
        sameness.add(chunk)
        size += len(chunk)
    return _Written(path, digest.hexdigest(), size, _message_id(head), sameness)


def _orphans() -> list[str]:
    now = clock.now()
    found = []
    for back in range(ORPHAN_DAYS + 1):
        day = (now - timedelta(days=back)).strftime("%Y/%m/%d")
        if not (folder() / day).is_dir():
            continue
        files = {f"{day}/{file.name}": file for file in os.scandir(folder() / day)}
        rows = Letter.objects.filter(path__gte=f"{day}/", path__lt=f"{day}0")
        known = set(rows.values_list("path", flat=True).distinct())
        found += [
            path
            for path, file in files.items()
            if path not in known
            and file.stat().st_mtime < (now - ORPHAN_AGE).timestamp()
            and path.endswith(".eml")
        ]
    return sorted(found)


def _sweep_remnants() -> None:
    too_old = (clock.now() - REMNANT_AGE).timestamp()
    for remnant in os.scandir(_tmp()):
        if remnant.stat().st_mtime < too_old:
            if remnant.is_dir(follow_symlinks=False):
                shutil.rmtree(remnant.path, ignore_errors=True)
            else:
                Path(remnant.path).unlink(missing_ok=True)
