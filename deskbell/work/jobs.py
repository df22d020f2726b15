"""Durable jobs, what everybody imports: `job`, `enqueue`, `Later`, and `run_due` for tests.

A job is a row written in the transaction that wants it; its function belongs to the domain and must be harmless
when it runs twice, also at once.  `claims.py` takes rows and writes outcomes, `worker.py` runs them.
"""

import json
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction

from deskbell import clock
from deskbell.database.prepared import prepared_cursor
from deskbell.work import signal
from deskbell.work.claims import waiting_key
from deskbell.work.registry import BEHIND, FETCHING, INSIDE, KINDS, LETTERS, OUTSIDE, Later, job
from deskbell.work.run import run_due, run_each_twice

__all__ = [
    "BEHIND",
    "FETCHING",
    "INSIDE",
    "LETTERS",
    "OUTSIDE",
    "Later",
    "enqueue",
    "job",
    "run_due",
    "run_each_twice",
]


def enqueue(name: str, *, key: str = "", run_at: datetime | None = None, **args: object) -> None:
    """Ask for the job `name`, in the caller's transaction: it exists only if that commits.

    key     while a job of this name and key waits, no second one is made: the earlier time of the two holds
    run_at  not before this moment; None is now
    args    keyword arguments of the function; JSON values, best ids
    Raises KeyError for a name that nobody registered.
    """
    now = clock.now()
    row: dict[str, Any] = {
        "name": name,
        "lane": KINDS[name].lane,
        "args": json.dumps(args, cls=DjangoJSONEncoder),
        "key": key,
        "waiting_key": waiting_key(name, key),
        "run_at": _as_column(run_at or now),
        "created_at": _as_column(now),
    }
    with transaction.atomic(savepoint=False):
        with prepared_cursor() as cursor:
            cursor.execute(_INSERT, row)
        signal.tell()


# A waiting row with the same key is updated even when nothing changes: on PostgreSQL this locks it, so that no
# worker takes it before the caller's transaction, whose doings the job is to see, has committed.
_INSERT = """
INSERT INTO work_job (name, lane, args, key, waiting_key, run_at, created_at,
    state, attempt, failures, worker, reason, detail)
VALUES (%(name)s, %(lane)s, %(args)s, %(key)s, %(waiting_key)s, %(run_at)s, %(created_at)s,
    'waiting', 0, 0, '', '', '')
ON CONFLICT (waiting_key) DO UPDATE SET run_at =
    CASE WHEN excluded.run_at < work_job.run_at THEN excluded.run_at ELSE work_job.run_at END
"""


def _as_column(moment: datetime) -> object:
    return connection.ops.adapt_datetimefield_value(moment)
