"""Which job is whose: taking what is due, keeping it, and writing how it ended.

Every row is taken in one short transaction (SQLite: one writer; PostgreSQL: FOR UPDATE SKIP LOCKED), and every
outcome names the attempt it belongs to, so that a worker that was overtaken changes nothing.
"""

import random
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import F, QuerySet

from deskbell import clock
from deskbell.database.prepared import prepared_cursor
from deskbell.work.models import Job
from deskbell.work.registry import KINDS, Kind

FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(hours=1)


@dataclass(frozen=True)
class Claim:
    """One attempt at one job: what a worker holds while it runs."""

    id: int
    attempt: int
    kind: Kind
    args: dict[str, object] = field(compare=False)


@dataclass(frozen=True)
class Done:
    """It ran to its end."""


@dataclass(frozen=True)
class PutBack:
    """It asked for another time; no failure."""

    at: datetime
    reason: str


@dataclass(frozen=True)
class Failed:
    """It ended in an error; final: no further attempt is of use."""

    reason: str
    detail: str
    final: bool


Outcome = Done | PutBack | Failed


def claim(worker: str, room: Mapping[str, int], done: Collection[Claim] = ()) -> list[Claim]:
    """Take what is due, the longest due first.

    worker  who takes it
    room    for each lane, how many at most
    done    finished attempts, removed in the same transaction: others wait at each
    """
    now, first = clock.now(), first_due(lane for lane, places in room.items() if places > 0)
    lanes = [lane for lane, moment in first.items() if moment <= now]
    if not lanes and not done:
        return []
    taken: list[Claim] = []
    with transaction.atomic():
        if done:
            remove_done(done)
        for lane in lanes:
            taken += _claim_in(lane, room[lane], worker)
    return taken


def renew(worker: str, claims: Collection[Claim]) -> None:
    """Say that `worker` still lives and still runs these: the heartbeat."""
    now = clock.now()
    with transaction.atomic():
        for kind, ids in _by_kind(claims).items():
            mine = Job.objects.filter(id__in=ids, worker=worker, state=Job.RUNNING)
            mine.update(leased_until=now + kind.lease)


def give_back(worker: str, reason: str = "worker_ended") -> int:
    """Let others have at once whatever `worker` holds; return how many jobs that were."""
    held = list(Job.objects.filter(worker=worker, state=Job.RUNNING))
    return sum(_wait_again(row, row.attempt, clock.now(), row.failures, reason) for row in held)


def take_from_the_silent() -> int:
    """Put back what is held by workers whose heartbeat stopped; return how many jobs that were.

    It counts as a failure: a job that takes every worker along with it is parked in the end.
    """
    silent = Job.objects.filter(
        state=Job.RUNNING, leased_until__lte=clock.now(), name__in=list(KINDS)
    )
    rows = list(silent)
    for row in rows:
        failures = row.failures + 1
        if failures >= KINDS[row.name].attempts:
            _park(row, failures, Failed("worker_lost", "", final=True))
        else:
            _wait_again(row, row.attempt, clock.now(), failures, "worker_lost")
    return len(rows)


def remove_done(claims: Collection[Claim]) -> None:
    """Remove the rows of finished attempts, in one transaction; those that were overtaken stay."""
    with transaction.atomic():
        for attempt, ids in _by_attempt(claims).items():
            Job.objects.filter(id__in=ids, attempt=attempt, state=Job.RUNNING).delete()


def write_unfinished(taken: Claim, outcome: PutBack | Failed) -> None:
    """Write that this attempt ended without finishing its job: the row waits again or is parked.

    In a transaction of its own: it may have to wait for somebody who enqueues the same key, and whoever waits
    while holding more rows could be waited for in turn.
    """
    row = Job.objects.filter(id=taken.id, attempt=taken.attempt, state=Job.RUNNING).first()
    if row is None:
        return
    if isinstance(outcome, PutBack):
        _wait_again(row, taken.attempt, outcome.at, row.failures, outcome.reason)
        return
    failures = row.failures + 1
    if outcome.final or failures >= taken.kind.attempts:
        _park(row, failures, outcome)
    else:
        again = clock.now() + _with_jitter(pause_after(failures))
        _wait_again(row, taken.attempt, again, failures, outcome.reason, outcome.detail)


def pause_after(failures: int) -> timedelta:
    """Return how long a job rests after its `failures`-th failure: 2 s, 6 s, 18 s … up to an hour."""
    growing: timedelta = FIRST_PAUSE * 3 ** min(failures - 1, 12)
    return min(growing, LONGEST_PAUSE)


def waiting_key(name: str, key: str) -> str | None:
    """Return what makes a waiting row the only one of its name and key; None when it has no key."""
    return f"{name} {key}" if key else None


def first_due(lanes: Iterable[str]) -> dict[str, datetime]:
    """Return when the next waiting job of each of these lanes becomes due; a lane where none waits is missing.

    The worker asks after each job, so the SQL is written out: Django would take ten times as long to make it.
    """
    names, asked = list(KINDS), list(lanes)
    if not asked:
        return {}
    known = ", ".join(["%s"] * len(names))
    sql = " UNION ALL ".join(_FIRST.format(number=at, known=known) for at in range(len(asked)))
    with prepared_cursor() as cursor:
        cursor.execute(sql, [value for lane in asked for value in (lane, *names)])
        return {lane: _read_moment(moment) for lane, moment in cursor.fetchall()}


_FIRST = """
SELECT * FROM (SELECT lane, run_at FROM work_job WHERE state = 'waiting' AND lane = %s AND name IN ({known})
ORDER BY run_at LIMIT 1) AS lane_{number}"""


def _read_moment(value: Any) -> datetime:
    column = Job._meta.get_field("run_at").get_col("work_job")
    for convert in connection.ops.get_db_converters(column):
        value = convert(value, column, connection)
    moment: datetime = value
    return moment


def _claim_in(lane: str, places: int, worker: str) -> list[Claim]:
    rows = list(_due(lane).select_for_update(skip_locked=True).order_by("run_at", "id")[:places])
    claims = [Claim(row.id, row.attempt + 1, KINDS[row.name], row.args) for row in rows]
    now = clock.now()
    for kind, ids in _by_kind(claims).items():
        Job.objects.filter(id__in=ids).update(
            state=Job.RUNNING,
            waiting_key=None,
            worker=worker,
            attempt=F("attempt") + 1,
            leased_until=now + kind.lease,
        )
    return claims


def _due(lane: str) -> QuerySet[Job]:
    # Only names that this process knows: during an upgrade an older worker leaves new jobs to the new one.
    return Job.objects.filter(
        state=Job.WAITING, lane=lane, run_at__lte=clock.now(), name__in=list(KINDS)
    )


def _wait_again(
    row: Job, attempt: int, at: datetime, failures: int, reason: str, detail: str = ""
) -> bool:
    """Let `row` wait until `at`, or melt it into the one of the same key that waits already.

    Returns False when `attempt` is no longer the one that holds the row.
    """
    held = Job.objects.filter(pk=row.pk, attempt=attempt, state=Job.RUNNING)
    while True:
        try:
            with transaction.atomic():
                return (
                    held.update(
                        state=Job.WAITING,
                        waiting_key=waiting_key(row.name, row.key),
                        run_at=at,
                        failures=failures,
                        leased_until=None,
                        worker="",
                        reason=reason[:100],
                        detail=detail,
                    )
                    == 1
                )
        except IntegrityError:
            if _melt(row, attempt, at, failures):
                return True


def _melt(row: Job, attempt: int, at: datetime, failures: int) -> bool:
    with transaction.atomic():
        other = (
            Job.objects.select_for_update()
            .filter(waiting_key=waiting_key(row.name, row.key))
            .first()
        )
        if other is None:
            return False
        other.run_at, other.failures = min(other.run_at, at), max(other.failures, failures)
        other.save(update_fields=["run_at", "failures"])
        Job.objects.filter(pk=row.pk, attempt=attempt, state=Job.RUNNING).delete()
        return True


def _park(row: Job, failures: int, outcome: Failed) -> None:
    with transaction.atomic():
        Job.objects.filter(pk=row.pk, attempt=row.attempt, state=Job.RUNNING).update(
            state=Job.PARKED,
            parked_at=clock.now(),
            failures=failures,
            leased_until=None,
            worker="",
            reason=outcome.reason[:100],
            detail=outcome.detail,
        )


def _with_jitter(pause: timedelta) -> timedelta:
    # Up to a fifth longer: a hundred jobs that failed together should not come back together.
    return pause * random.uniform(1.0, 1.2)  # noqa: S311  nobody gains by guessing it


def _by_kind(claims: Iterable[Claim]) -> dict[Kind, list[int]]:
    groups: defaultdict[Kind, list[int]] = defaultdict(list)
    for taken in claims:
        groups[taken.kind].append(taken.id)
    return groups


def _by_attempt(claims: Iterable[Claim]) -> dict[int, list[int]]:
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for taken in claims:
        groups[taken.attempt].append(taken.id)
    return groups
