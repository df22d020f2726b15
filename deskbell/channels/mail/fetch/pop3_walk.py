"""One look into a mail box by POP3: what is new first, then what lay there at the start, oldest first each.

A letter is known by its UIDL; all that the server lists stand in a table of their own.  What it lists no more is
forgotten after a while: a server that was away for a day lists nothing, and all of it again the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import F

from deskbell import clock
from deskbell.channels.mail.fetch import keeping
from deskbell.channels.mail.fetch.failures import CannotGive, FetchFailed, TooLarge
from deskbell.channels.mail.fetch.lease import Lease
from deskbell.channels.mail.fetch.line import Server
from deskbell.channels.mail.fetch.pop3 import Listed, Pop3
from deskbell.channels.mail.models import Seen, Source

FORGOTTEN_AFTER = timedelta(days=30)

State = Seen.State


def walk(source: Source, server: Server, lease: Lease) -> int:
    """Fetch a batch; return how many letters are left for the next.  Raises FetchFailed, LeaseLost."""
    with Pop3(server) as session:
        return _Walk(session, source, lease).go()


def begin_with(session: Pop3, source: Source) -> list[Seen]:
    """Return a row, unsaved, for each letter that lies there at the start."""
    state = State.WANTED if source.begin == Source.Begin.ALL else State.LEFT
    return [Seen(source=source, uid=uidl, state=state) for uidl in _once(session.letters())]


class _Walk:
    """A look at the list."""

    def __init__(self, session: Pop3, source: Source, lease: Lease) -> None:
        self.session, self.source, self.lease = session, source, lease
        self.listed = _once(session.letters())
        self.seen = dict(Seen.objects.filter(source=source).values_list("uid", "state"))

    def go(self) -> int:
        """Return how many letters are left for the next look."""
        self._forget_what_is_gone()
        new = [one for uidl, one in self.listed.items() if uidl not in self.seen]
        old = [one for uidl, one in self.listed.items() if self.seen.get(uidl) == State.WANTED]
        left = self._fetch(new) + self._fetch(old)
        if self.source.after == Source.After.DELETE:
            for uidl, one in self.listed.items():
                if self.seen.get(uidl) == State.KEPT:
                    self.session.delete(one.number)
        return left

    def _fetch(self, letters: Sequence[Listed]) -> int:
        batch = letters[: keeping.BATCH]
        for one in batch:
            self._fetch_one(one)
        return len(letters) - len(batch)

    def _fetch_one(self, one: Listed) -> None:
        size = 0
        try:
            size = self.session.size_bytes(one.number)
            if size > keeping.MOST_BYTES:
                self._refuse(one, "too_large_to_fetch", size)
                return
            pieces = self.session.download(one.number, size, keeping.MOST_BYTES)
            keeping.keep(
                self.source, self.lease, pieces, None, lambda: self._write(one, State.KEPT)
            )
        except TooLarge:
            # It lied about the size, and the rest of the letter is still on the line.
            self._refuse(one, "too_large_to_fetch", size, has_head=False)
            raise FetchFailed("connection_lost") from None
        except FetchFailed as failure:
            if not self._is_hopeless(one):
                raise
            self._refuse(one, "not_given", size, has_head=isinstance(failure, CannotGive))
            if not isinstance(failure, CannotGive):
                raise

    def _is_hopeless(self, one: Listed) -> bool:
        """Count one more failure of this letter; return whether others have waited for it long enough."""
        row, _made = Seen.objects.get_or_create(
            source=self.source, uid=one.uidl, defaults={"state": State.WANTED}
        )
        Seen.objects.filter(pk=row.pk).update(tries=F("tries") + 1)
        return row.tries + 1 >= keeping.TIMES_IN_VAIN

    def _refuse(self, one: Listed, reason: str, size: int, *, has_head: bool = True) -> None:
        head = b""
        if has_head:
            try:
                head = self.session.head(one.number)
            except CannotGive:
                head = b""
        keeping.keep_refused(
            self.source,
            self.lease,
            head,
            lambda: self._write(one, State.LEFT),
            reason=reason,
            detail=f"{one.uidl}, {size} bytes",
        )

    def _write(self, one: Listed, state: Seen.State) -> None:
        Seen.objects.update_or_create(
            source=self.source, folder="", uidvalidity=0, uid=one.uidl, defaults={"state": state}
        )
        self.seen[one.uidl] = state

    def _forget_what_is_gone(self) -> None:
        now = clock.now()
        rows = Seen.objects.filter(source=self.source)
        gone = {*rows.filter(gone_at=None).values_list("uid", flat=True)} - self.listed.keys()
        back = {*rows.exclude(gone_at=None).values_list("uid", flat=True)} & self.listed.keys()
        with transaction.atomic():
            self.lease.renew()
            for uids, moment in ((gone, now), (back, None)):
                for part in _parts(sorted(uids)):
                    rows.filter(uid__in=part).update(gone_at=moment)
            rows.filter(gone_at__lt=now - FORGOTTEN_AFTER).delete()


def _once(letters: Sequence[Listed]) -> dict[str, Listed]:
    """Return the letters by UIDL.  Two of one name, which no server should list, are told apart by their order."""
    found: dict[str, Listed] = {}
    for one in letters:
        name, again = one.uidl, 1
        while name in found:
            again += 1
            name = f"{one.uidl}#{again}"
        found[name] = Listed(one.number, name)
    return found


def _parts(uids: list[str]) -> list[list[str]]:
    """Cut a list: a database takes only so many values in one question."""
    size = 500
    return [uids[start : start + size] for start in range(0, len(uids), size)]
