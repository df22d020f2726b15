"""What is known of how the desk runs, gathered in a dozen short queries; health.py judges it.

Nothing here asks the outside world: what takes time (the certificate) the timetable looks at (watch.py).
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Max

from deskbell import __version__, clock
from deskbell.backups import shelf
from deskbell.channels.mail.advice import advice
from deskbell.channels.mail.fetch import sources, tokens
from deskbell.channels.mail.fetch.reasons import sentence_of
from deskbell.channels.mail.models import Delivery, Letter
from deskbell.channels.mail.outbox import OF_THE_RELAY
from deskbell.people.models import Desk
from deskbell.running import watch
from deskbell.tickets.models import Entry
from deskbell.work.models import Job, Tick

# Failures older than this have been seen, or nobody ever will.
LATELY = timedelta(days=7)


@dataclass(frozen=True)
class MailIn:
    """last_at: of the newest letter; waiting_since: of the oldest that nobody has read yet."""

    last_at: datetime | None = None
    parked: int = 0
    waiting_since: datetime | None = None


@dataclass(frozen=True)
class Fetched:
    """How it goes with one server that letters are fetched from.

    why             what is wrong and what to do; "" when all is well
    permission_ends when a provider lets the desk in no more, as far as is known: the permission or the app's secret
    """

    address: str
    last_look_at: datetime | None
    last_letter_at: datetime | None = None
    since: datetime | None = None  # when it was started
    lag: timedelta = timedelta()
    left: int = 0
    failed_since: datetime | None = None
    permanent: bool = False
    why: str = ""
    permission_ends: datetime | None = None


@dataclass(frozen=True)
class MailOut:
    """advice: what keeps answers from leaving; held_up: those that wait for a relay, since `held_up_since`."""

    advice: tuple[str, ...] = ()
    waiting: int = 0
    held_up: int = 0
    held_up_since: datetime | None = None
    failed: int = 0  # lately


@dataclass(frozen=True)
class Jobs:
    """is_served: somebody serves this folder; worker_seen_at: when the timetable was last kept."""

    is_served: bool = True
    worker_seen_at: datetime | None = None
    oldest_due_at: datetime | None = None
    parked: int = 0


@dataclass(frozen=True)
class Disk:
    """Of the data folder; shrinks_by_bytes: how much less is free each day, None while unknown."""

    free_bytes: int
    total_bytes: int
    shrinks_by_bytes: float | None = None


@dataclass(frozen=True)
class Clocks:
    """How far others are ahead of our clock, and the newest moment that was ever written down."""

    database_ahead: timedelta | None = None  # None on SQLite, which has no clock
    files_ahead: timedelta = timedelta()
    newest_at: datetime | None = None


@dataclass(frozen=True)
class Backups:
    """nightly: whether one is made each night; since: when the desk was set up."""

    nightly: bool = True
    newest_at: datetime | None = None
    failure: shelf.Failure | None = None
    since: datetime | None = None


@dataclass(frozen=True)
class Version:
    """What runs here, and how large its database is."""

    deskbell: str
    engine: str
    engine_version: str
    size_bytes: int


@dataclass(frozen=True)
class Facts:
    """All of it, as of `now`; certificate: None where nobody has looked yet."""

    now: datetime
    url: str
    mail_in: MailIn
    fetching: tuple[Fetched, ...]
    mail_out: MailOut
    jobs: Jobs
    disk: Disk
    clocks: Clocks
    certificate: watch.Certificate | None
    backups: Backups
    version: Version


def gather(*, is_served: bool = True) -> Facts:
    """Return how the desk is now.  Raises DatabaseError, OSError.

    is_served  False: the asker is no part of a running desk, so it is looked whether there is one
    """
    now = clock.now()
    return Facts(
        now=now,
        url=settings.DESK_URL,
        mail_in=_mail_in(),
        fetching=_fetching(),
        mail_out=_mail_out(now),
        jobs=_jobs(now, is_served=is_served or _is_served()),
        disk=_disk(),
        clocks=_clocks(now),
        certificate=watch.certificate(),
        backups=_backups(),
        version=_version(),
    )


def _mail_in() -> MailIn:
    newest = Letter.objects.order_by("-id").values_list("received_at", flat=True).first()
    waiting = Letter.objects.filter(state=Letter.State.WAITING).order_by("id")
    return MailIn(
        last_at=newest,
        parked=Letter.objects.filter(state=Letter.State.PARKED).count(),
        waiting_since=waiting.values_list("received_at", flat=True).first(),
    )


def _fetching() -> tuple[Fetched, ...]:
    return tuple(
        Fetched(
            address=one.box.address,
            last_look_at=one.last_look_at,
            last_letter_at=one.last_letter_at,
            since=one.started_at,
            lag=timedelta(seconds=one.lag_seconds),
            left=one.left,
            failed_since=one.failed_since,
            permanent=one.permanent,
            why=sentence_of(one.reason, one.words) if one.reason else "",
            permission_ends=end.at if (end := tokens.end_of(one)) else None,
        )
        for one in sources.wanted().select_related("grant").order_by("box__address")
    )


def _mail_out(now: datetime) -> MailOut:
    held_up = Delivery.objects.filter(state=Delivery.State.DEFERRED, reason__in=OF_THE_RELAY)
    first = held_up.exclude(first_at=None).order_by("first_at").values_list("first_at", flat=True)
    failed = Delivery.objects.filter(state=Delivery.State.FAILED, first_at__gt=now - LATELY)
    return MailOut(
        advice=tuple(advice()),
        waiting=Delivery.objects.filter(state__in=Delivery.PENDING).count(),
        held_up=held_up.count(),
        held_up_since=first.first(),
        failed=failed.count(),
    )


def _jobs(now: datetime, *, is_served: bool) -> Jobs:
    due = Job.objects.filter(state=Job.WAITING, run_at__lte=now).order_by("run_at")
    return Jobs(
        is_served=is_served,
        worker_seen_at=Tick.objects.aggregate(last=Max("last_run"))["last"],
        oldest_due_at=due.values_list("run_at", flat=True).first(),
        parked=Job.objects.filter(state=Job.PARKED).count(),
    )


def _is_served() -> bool:
    """Return whether `deskbell serve` holds the data folder of this machine."""
    try:
        with (settings.DATA / "serve.lock").open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _disk() -> Disk:
    usage = shutil.disk_usage(settings.DATA)
    return Disk(usage.free, usage.total, watch.shrinks_by_bytes())


def _clocks(now: datetime) -> Clocks:
    ahead = None
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            ahead = cursor.fetchone()[0] - now
    moments = (
        Entry.objects.order_by("-id").values_list("at", flat=True).first(),
        Letter.objects.order_by("-id").values_list("received_at", flat=True).first(),
        Tick.objects.aggregate(last=Max("last_run"))["last"],
    )
    return Clocks(ahead, _files_ahead(), max((one for one in moments if one), default=None))


def _files_ahead() -> timedelta:
    """Return how far the clock that dates files is ahead of ours: another one where the folder lies elsewhere."""
    try:
        with tempfile.NamedTemporaryFile(dir=settings.DATA, prefix=".clock-") as file:
            written = datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, UTC)
    except OSError:  # the disk is full, which the line about the disk tells
        return timedelta()
    return written - clock.now()


def _backups() -> Backups:
    desk = Desk.get()
    newest = next(iter(shelf.kept()), None)
    return Backups(
        nightly=desk.backs_up_nightly,
        newest_at=newest.at if newest else None,
        failure=shelf.last_failure(),
        since=desk.set_up_at,
    )


def _version() -> Version:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT current_setting('server_version'), pg_database_size(current_database())"
            )
            version, size = cursor.fetchone()
        return Version(__version__, "PostgreSQL", version.split()[0], size)
    with connection.cursor() as cursor:
        cursor.execute("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
        [size] = cursor.fetchone()
    return Version(__version__, "SQLite", sqlite3.sqlite_version, size)
