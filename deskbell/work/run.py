"""Run one claimed job and word its outcome; and run what is due in this thread, for tests and commands.

Nothing a job raises gets out of `run`: one bad job never holds up another.
"""

import threading
import traceback
from collections.abc import Callable

import structlog
from django.db import close_old_connections, connection
from django.utils import translation

from deskbell.errors import OutsideFailure
from deskbell.work.claims import (
    Claim,
    Done,
    Failed,
    Outcome,
    PutBack,
    claim,
    remove_done,
    take_from_the_silent,
    write_unfinished,
)
from deskbell.work.registry import BEHIND, FETCHING, INSIDE, LETTERS, OUTSIDE, Later

log = structlog.get_logger(__name__)

LANES = (INSIDE, LETTERS, OUTSIDE, BEHIND, FETCHING)


def run(taken: Claim) -> Outcome:
    """Run the job's function and return how it ended.  Raises nothing that the function raises."""
    return _run(taken)[0]


def run_due(limit: int | None = None) -> int:
    """Run what is due in this thread, one after another, and return how many ran (at most `limit`).

    What a job makes due is run too.  An unexpected error is written to the row as a worker would do, then raised
    again so that a test sees it; Later and OutsideFailure are a job's ordinary ends.
    """
    ran = 0
    while limit is None or ran < limit:
        taken = _next()
        if taken is None:
            break
        outcome, unexpected = _run(taken)
        write(taken, outcome)
        ran += 1
        if unexpected is not None:
            raise unexpected
    return ran


def run_each_twice() -> int:
    """Run what is due, each job twice in a row and, outside a test's transaction, twice at once; for tests.

    Returns how many jobs there were.  What a job makes due is run the same way.
    """
    ran = 0
    while (taken := _next()) is not None:
        first, unexpected = _run(taken)
        if unexpected is None and not connection.in_atomic_block:
            unexpected = _at_once(lambda again=taken: _run(again)[1])  # type: ignore[misc]
        elif unexpected is None:
            unexpected = _run(taken)[1]
        write(taken, first)
        ran += 1
        if unexpected is not None:
            raise unexpected
    return ran


def write(taken: Claim, outcome: Outcome) -> None:
    """Write the outcome of one attempt, whatever it is."""
    if isinstance(outcome, Done):
        remove_done([taken])
    else:
        write_unfinished(taken, outcome)


def _next() -> Claim | None:
    take_from_the_silent()
    for lane in LANES:
        for taken in claim("here", {lane: 1}):
            return taken
    return None


def _run(taken: Claim) -> tuple[Outcome, Exception | None]:
    try:
        with translation.override(None):
            taken.kind.function(**taken.args)
    except Later as later:
        return PutBack(later.at, later.reason), None
    except OutsideFailure as failure:
        log.warning("job.outside_failure", job=taken.kind.name, id=taken.id, reason=failure.reason)
        return Failed(failure.reason, "", final=failure.permanent), None
    except Exception as error:  # noqa: BLE001  whatever a job raises is its outcome
        # Where it happened, never what it said: an error's words may quote a letter.
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{frame.filename}:{frame.lineno}"
        log.error(  # noqa: TRY400
            "job.failed", job=taken.kind.name, id=taken.id, error=type(error).__name__, at=place
        )
        return Failed(
            type(error).__name__, "".join(traceback.format_exception(error))[-4000:], final=False
        ), error
    finally:
        if not connection.in_atomic_block:
            close_old_connections()
    return Done(), None


def _at_once(work: Callable[[], Exception | None]) -> Exception | None:
    """Do `work` in two threads that start together; return an error of either."""
    errors: list[Exception | None] = []
    start = threading.Barrier(2)

    def one() -> None:
        start.wait()
        try:
            errors.append(work())
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return next((error for error in errors if error is not None), None)
