"""Hears at once of new letters on IMAP servers (IDLE) and lets a job look; a companion of the worker.

It brings nothing itself: whatever becomes of it, the timetable looks every few minutes.  One thread for each source, so
that a server that hangs holds up no other.
"""

from __future__ import annotations

import secrets
import socket
import threading
import time
from contextlib import suppress
from datetime import timedelta

import structlog
from django.db import Error as DatabaseError
from django.db import close_old_connections, connection
from django.db.models import Q

from deskbell import clock
from deskbell.channels.mail.fetch import sources
from deskbell.channels.mail.fetch.failures import FetchFailed
from deskbell.channels.mail.fetch.imap import Imap
from deskbell.channels.mail.models import Source
from deskbell.work import jobs

log = structlog.get_logger(__name__)

# How often it is looked which sources there are, and how long one thread may call itself the listener of one.
ROUND_SECONDS = 10.0
HOLD, RENEW_SECONDS = timedelta(minutes=3), 60.0
# Servers hang up after half an hour (RFC 2177); many routers forget a silent line much sooner.
AGAIN_SECONDS = 9 * 60.0
# SIGTERM leaves five; a thread that is in the middle of an exchange is left behind.
END_SECONDS = 1.0
# After a line broke; longer each time, up to the second.
FIRST_REST_SECONDS, LONGEST_REST_SECONDS = 20.0, 900.0


def listen(stopping: threading.Event) -> None:
    """Listen to all sources until the worker ends; stands in settings.COMPANIONS."""
    me, threads = secrets.token_hex(12), dict[int, threading.Thread]()
    ending, (ring, bell) = threading.Event(), socket.socketpair()
    try:
        while not stopping.is_set():
            for number in _claimed(me, [pk for pk, thread in threads.items() if thread.is_alive()]):
                thread = threading.Thread(
                    target=_Ear(number, me, ending, bell).listen,
                    daemon=True,
                    name=f"listens {number}",
                )
                threads[number] = thread
                thread.start()
            stopping.wait(ROUND_SECONDS)
    finally:
        ending.set()
        ring.close()  # who waits for a server hears it
        until = time.monotonic() + END_SECONDS
        for thread in threads.values():
            thread.join(max(0.0, until - time.monotonic()))
        bell.close()


def _heard() -> Q:
    return Q(kind=Source.Kind.IMAP, failed_since=None)


def _claimed(me: str, mine: list[int]) -> list[int]:
    """Return the sources that nobody listens to yet, claimed."""
    now = clock.now()
    free = Q(listened_until=None) | Q(listened_until__lte=now)
    found = sources.wanted().filter(_heard() & free).exclude(pk__in=mine)
    numbers = list(found.values_list("pk", flat=True))
    return [
        number
        for number in numbers
        if Source.objects.filter(free, pk=number).update(listener=me, listened_until=now + HOLD)
    ]


class _Ear:
    """Listens to one folder of a source: the inbox, if it is fetched; the others are looked into every minute."""

    def __init__(self, number: int, me: str, ending: threading.Event, bell: socket.socket) -> None:
        """bell: there is something to read in it when it is time to end."""
        self.number, self.me, self.ending, self.bell = number, me, ending, bell

    def listen(self) -> None:
        """Listen until the end, until the source is no longer to be heard, or another one listens."""
        rest = FIRST_REST_SECONDS
        try:
            while (source := self._source()) is not None:
                started = time.monotonic()
                try:
                    can_be_heard = self._hear(source)
                except FetchFailed as failure:
                    log.info("listening.broke", source=self.number, reason=failure.reason)
                    self._look()  # it tells whether the server is away, and writes it down
                    can_be_heard = True
                if not can_be_heard:
                    # It cannot IDLE: it is looked into every minute; ask again in a while.
                    rest = LONGEST_REST_SECONDS
                elif time.monotonic() - started > LONGEST_REST_SECONDS:
                    rest = FIRST_REST_SECONDS
                self._rest(rest)
                rest = min(2 * rest, LONGEST_REST_SECONDS)
        except DatabaseError as error:
            log.warning("listening.ended", source=self.number, error=type(error).__name__)
        finally:
            with suppress(DatabaseError):
                self._let_go()
            connection.close()

    def _hear(self, source: Source) -> bool:
        """Listen until the line breaks; return at once, with False, where the server tells nothing."""
        with Imap(sources.server_of(source)) as session:
            if not session.can("IDLE"):
                return False
            session.open(sources.INBOX if sources.INBOX in source.folders else source.folders[0])
            self._look()  # for what came before this line stood
            while self._still_mine(listening=True):
                session.idle()
                heard = self._wait(session)
                session.idle_done()
                if heard:
                    self._look()
        return True

    def _wait(self, session: Imap) -> bool:
        """Return whether there is news; without it after a while, for the line is asked anew then."""
        until = time.monotonic() + AGAIN_SECONDS
        while time.monotonic() < until and not self.ending.is_set():
            if session.has_news(RENEW_SECONDS, self.bell):
                return True
            if not self._still_mine(listening=True):
                return False
        return False

    def _rest(self, seconds: float) -> None:
        """Wait, and call nobody the listener meanwhile: then it is looked into more often."""
        self._still_mine(listening=False)
        self.ending.wait(seconds)

    def _source(self) -> Source | None:
        close_old_connections()
        if self.ending.is_set():
            return None
        one = sources.wanted().filter(_heard(), pk=self.number, listener=self.me)
        return one.first()

    def _still_mine(self, *, listening: bool) -> bool:
        """Hold on to the source; return whether it is ours, and still to be listened to."""
        close_old_connections()
        if self.ending.is_set():
            return False
        until = clock.now() + HOLD if listening else None
        mine = sources.wanted().filter(_heard(), pk=self.number, listener=self.me)
        return Source.objects.filter(pk__in=mine.values("pk")).update(listened_until=until) == 1

    def _let_go(self) -> None:
        Source.objects.filter(pk=self.number, listener=self.me).update(
            listener="", listened_until=None
        )

    def _look(self) -> None:
        jobs.enqueue(sources.LOOK_JOB, key=str(self.number), source_id=self.number)
