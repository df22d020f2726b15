"""One look into the folders of an IMAP server: what is new first, then what lay there before, oldest first each.

How far each folder was read is a cursor of numbers (UIDs), never a date nor "unread": so gaps of any length are filled.
When the numbers lose their meaning (UIDVALIDITY), all is walked again; known letters are recognised by what they say.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import structlog
from django.db import transaction

from deskbell.channels.mail.fetch import keeping
from deskbell.channels.mail.fetch.failures import CannotGive, FetchFailed, TooLarge
from deskbell.channels.mail.fetch.imap import Described, Imap, Opened
from deskbell.channels.mail.fetch.lease import Lease
from deskbell.channels.mail.fetch.line import Server
from deskbell.channels.mail.models import FolderCursor, Seen, Source

log = structlog.get_logger(__name__)

# A server's clock may differ from ours, and mail may have been on its way: rather a day of letters too many.
MARGIN = timedelta(days=1)


def walk(source: Source, server: Server, lease: Lease) -> int:
    """Fetch a batch from each folder; return how many letters are left for the next.

    A folder that is gone keeps none of the others waiting: it is told in the end.  Raises FetchFailed, LeaseLost.
    """
    left, missing = 0, list[FetchFailed]()
    with Imap(server) as session:
        for folder in source.folders:
            try:
                left += _Walk(session, source, folder, lease).go()
            except FetchFailed as failure:
                if failure.reason not in ("folder_missing", "target_missing"):
                    raise
                missing.append(failure)
    if missing:
        raise _all_of(missing)
    return left


def opened(session: Imap, folders: Sequence[str]) -> list[Opened]:
    """Open one folder after the other.  Raises FetchFailed, which names all that are missing."""
    found, missing = [], []
    for folder in folders:
        try:
            found.append(session.open(folder))
        except FetchFailed as failure:
            if failure.reason != "folder_missing":
                raise
            missing.append(failure)
    if missing:
        raise _all_of(missing)
    return found


def _all_of(missing: list[FetchFailed]) -> FetchFailed:
    """Return one failure that names all folders which are missing for the first one's reason."""
    first = missing[0]
    names = dict.fromkeys(one.words for one in missing if one.reason == first.reason)
    return FetchFailed(first.reason, ", ".join(names))


def begin_with(session: Imap, source: Source) -> list[FolderCursor]:
    """Return the cursors of folders that are read from now on, unsaved; with what lies there, if that is wanted.

    Raises FetchFailed, which names all folders that are missing.
    """
    folders = opened(session, source.folders)
    cursors = [FolderCursor(source=source, folder=folder) for folder in source.folders]
    for cursor, folder in zip(cursors, folders, strict=True):
        _start(cursor, folder, wants_old=source.begin == Source.Begin.ALL)
    return cursors


class _Walk:
    """A look into one folder."""

    def __init__(self, session: Imap, source: Source, folder: str, lease: Lease) -> None:
        self.session, self.source, self.lease = session, source, lease
        self.acts = source.after != Source.After.KEEP
        self.opened = session.open(folder, writable=self.acts)
        self.cursor = self._found_cursor(folder)

    def go(self) -> int:
        """Return how many letters are left for the next look."""
        failure = self._do_what_was_left()
        left = self._fetch_new() + self._fetch_old()
        failure = self._do_what_was_left() or failure
        if failure is not None:
            raise failure
        return left

    def _found_cursor(self, folder: str) -> FolderCursor:
        cursor = FolderCursor.objects.filter(source=self.source, folder=folder).first()
        if cursor is None:
            cursor = FolderCursor(source=self.source, folder=folder)
            _start(cursor, self.opened, wants_old=self.source.begin == Source.Begin.ALL)
            cursor.save()
        elif (
            cursor.uidvalidity != self.opened.uidvalidity
            or self.opened.next_uid <= cursor.last_uid  # a server that went back in time
        ):
            self._start_again(cursor)
        return cursor

    def _start_again(self, cursor: FolderCursor) -> None:
        log.warning("fetch.numbers_changed", source=self.source.pk)
        _start(cursor, self.opened, wants_old=True)
        if self.source.begin == Source.Begin.NOW and self.source.started_at:
            cursor.wanted_since = self.source.started_at - MARGIN
        with transaction.atomic():
            self.lease.renew()
            cursor.save()
            # Their numbers mean others now; they are met again on the walk.
            Seen.objects.filter(source=self.source, folder=cursor.folder).delete()

    def _fetch_new(self) -> int:
        first, last = self.cursor.last_uid + 1, self.opened.next_uid - 1
        uids, known_up_to = self.session.uids(first, last, self.opened)
        left = self._fetch(uids, "last_uid")
        if not left and known_up_to > self.cursor.last_uid:
            self._move("last_uid", known_up_to)
        return left + (last > known_up_to)

    def _fetch_old(self) -> int:
        first, last = self.cursor.old_uid + 1, self.cursor.old_end
        if first > last:
            return 0
        uids, known_up_to = self.session.uids(first, last, self.opened)
        left = self._fetch(uids, "old_uid", since_start=True)
        if not left:
            self._move("old_uid", known_up_to)
        return left + (last > known_up_to)

    def _fetch(self, uids: Sequence[int], column: str, *, since_start: bool = False) -> int:
        """Fetch the first letters of these, at most a batch; return how many are left."""
        batch = uids[: keeping.BATCH]
        for letter in self.session.describe(batch):
            since = self.cursor.wanted_since if since_start else None
            if since and letter.came_at and letter.came_at < since:
                self._move(column, letter.uid)
            else:
                self._fetch_one(letter, column)
        if batch and batch[-1] > getattr(self.cursor, column):
            self._move(column, batch[-1])  # past those that somebody removed meanwhile
        return len(uids) - len(batch)

    def _fetch_one(self, letter: Described, column: str) -> None:
        if letter.size_bytes > keeping.MOST_BYTES:
            self._refuse(letter, column, "too_large_to_fetch")
            return
        pieces = self.session.download(letter.uid, keeping.MOST_BYTES)
        try:
            keeping.keep(
                self.source,
                self.lease,
                pieces,
                letter.came_at,
                lambda: self._moved(column, letter.uid, remember=self.acts),
            )
        except TooLarge:
            self._refuse(letter, column, "too_large_to_fetch")
        except FetchFailed as failure:
            if not self._is_hopeless(letter.uid):
                raise
            self._refuse(letter, column, "not_given", has_head=isinstance(failure, CannotGive))

    def _is_hopeless(self, uid: int) -> bool:
        """Count one more failure of this letter; return whether others have waited for it long enough."""
        times = self.cursor.stuck_times + 1 if self.cursor.stuck_uid == uid else 1
        self.cursor.stuck_uid, self.cursor.stuck_times = uid, times
        FolderCursor.objects.filter(pk=self.cursor.pk).update(stuck_uid=uid, stuck_times=times)
        return times >= keeping.TIMES_IN_VAIN

    def _refuse(
        self, letter: Described, column: str, reason: str, *, has_head: bool = True
    ) -> None:
        """Show that a letter stays there, and go on."""
        head = b""
        if has_head:
            try:
                head = self.session.head(letter.uid)
            except CannotGive:
                head = b""
        keeping.keep_refused(
            self.source,
            self.lease,
            head,
            lambda: self._moved(column, letter.uid, remember=False),
            reason=reason,
            detail=f"{self.cursor.folder} {letter.uid}, {letter.size_bytes} bytes",
        )

    def _move(self, column: str, uid: int) -> None:
        with transaction.atomic():
            self.lease.renew()
            self._moved(column, uid, remember=False)

    def _moved(self, column: str, uid: int, *, remember: bool) -> None:
        """Move the cursor, in the caller's transaction.  remember: something is to be done there, too."""
        one = FolderCursor.objects.filter(pk=self.cursor.pk, uidvalidity=self.cursor.uidvalidity)
        one.filter(**{f"{column}__lt": uid}).update(**{column: uid})
        setattr(self.cursor, column, max(uid, getattr(self.cursor, column)))
        if remember:
            Seen.objects.get_or_create(
                source=self.source,
                folder=self.cursor.folder,
                uidvalidity=self.cursor.uidvalidity,
                uid=str(uid),
                defaults={"state": Seen.State.KEPT},
            )

    def _do_what_was_left(self) -> FetchFailed | None:
        """Mark, move or delete what is on our disk, until it is done; return why it could not be."""
        if not self.acts:
            return None
        kept = Seen.objects.filter(
            source=self.source,
            folder=self.cursor.folder,
            uidvalidity=self.cursor.uidvalidity,
            state=Seen.State.KEPT,
        )
        rows = {int(one.uid): one.pk for one in kept.order_by("id")[: 4 * keeping.BATCH]}
        uids = sorted(rows)
        if not uids:
            return None
        try:
            self._act(uids)
        except FetchFailed as failure:
            if failure.reason != "target_missing":
                raise
            return failure
        Seen.objects.filter(pk__in=rows.values()).delete()
        return None

    def _act(self, uids: list[int]) -> None:
        match self.source.after:
            case Source.After.FLAG:
                self.session.mark_read(uids)
            case Source.After.MOVE:
                self.session.move(uids, self.source.move_to)
            case _:
                self.session.delete(uids)


def _start(cursor: FolderCursor, opened: Opened, *, wants_old: bool) -> None:
    cursor.uidvalidity = opened.uidvalidity
    cursor.last_uid = opened.next_uid - 1
    cursor.old_uid, cursor.old_end = 0, cursor.last_uid if wants_old else 0
    cursor.wanted_since, cursor.stuck_uid, cursor.stuck_times = None, 0, 0
