"""The registry of jobs: what a job is, under which name, and how it asks for another time.

Filled by the modules of settings.JOB_MODULES when Django starts, so that every process knows every job.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

# What the worker's threads are divided by: work inside the database, reading letters in a child process, talking
# to the outside world, where a silent relay must never hold up a ticket, what may go there behind all else, and
# fetching, which may take minutes.
INSIDE, LETTERS, OUTSIDE, BEHIND = "inside", "letters", "outside", "behind"
FETCHING = "fetching"

Function = TypeVar("Function", bound=Callable[..., object])


class Later(Exception):
    """Raised in a job: put it back until `at`, without counting a failure; `reason` is shown beside it."""

    def __init__(self, at: datetime, reason: str = "") -> None:
        super().__init__(f"later, at {at.isoformat()}: {reason}")
        self.at = at
        self.reason = reason


@dataclass(frozen=True)
class Kind:
    """What is known of all jobs of one name."""

    name: str
    function: Callable[..., object]
    attempts: int
    lease: timedelta
    lane: str


KINDS: dict[str, Kind] = {}


def job(
    name: str, *, attempts: int = 10, lease: timedelta = timedelta(seconds=30), lane: str = INSIDE
) -> Callable[[Function], Function]:
    """Register the function below as the job `name`; its module stands in settings.JOB_MODULES.

    attempts  how many failures until it is parked; 10, with their pauses, last about two and a half hours
    lease     how long a worker that fell silent keeps it; a living worker renews it while the job runs
    lane      INSIDE, LETTERS, OUTSIDE, BEHIND or FETCHING: which threads run it
    """

    def register(function: Function) -> Function:
        KINDS[name] = Kind(name, function, attempts, lease, lane)
        return function

    return register
