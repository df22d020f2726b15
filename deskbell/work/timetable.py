"""Everything that happens by the clock, in one table.

Lines run on the minute (the hour, the day): what is every minute begins when the clock turns to a new one.  Each tick
happens at most once across all workers, as a durable job; after a stop a line is caught up once, not once for every
tick that was missed.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.module_loading import import_string

from deskbell import clock
from deskbell.work.jobs import enqueue, job
from deskbell.work.models import Tick

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Line:
    """One line: its name for ever, how often, and the dotted path of a function without arguments."""

    name: str
    every: timedelta
    function: str


TIMETABLE: tuple[Line, ...] = (
    Line(
        "close resolved tickets",
        timedelta(minutes=1),
        "deskbell.tickets.actions.close.close_when_due",
    ),
    Line(
        "wake postponed tickets",
        timedelta(minutes=1),
        "deskbell.tickets.actions.wake.wake_when_due",
    ),
    Line("warn of due times", timedelta(minutes=1), "deskbell.sla.warnings.warn_when_due"),
    Line(
        "give back of leavers",
        timedelta(minutes=1),
        "deskbell.tickets.handover.give_back_of_leavers",
    ),
    Line(
        "purge hidden tickets",
        timedelta(minutes=10),
        "deskbell.tickets.actions.purge.purge_when_due",
    ),
    Line(
        "write what can be found",
        timedelta(minutes=1),
        "deskbell.search.backlog.write_more",
    ),
    Line("settle what is left", timedelta(minutes=10), "deskbell.tickets.settle.settle_left"),
    Line("see to sweeps", timedelta(minutes=10), "deskbell.sweeps.going.see_to_sweeps"),
    Line("forget sent forms", timedelta(days=1), "deskbell.tickets.pressed.forget_old"),
    Line(
        "adopt orphaned letters",
        timedelta(minutes=5),
        "deskbell.channels.mail.letters.adopt_orphans",
    ),
    Line(
        "look into mail boxes",
        timedelta(minutes=1),
        "deskbell.channels.mail.fetch.sources.look_where_due",
    ),
    Line(
        "tell of ending permissions",
        timedelta(hours=1),
        "deskbell.channels.mail.fetch.ending.tell_when_due",
    ),
    Line("forget failed sign-ins", timedelta(hours=1), "deskbell.security.throttle.forget_old"),
    Line("forget old idempotency keys", timedelta(hours=1), "deskbell.api.once.forget_old"),
    Line("forget unused uploads", timedelta(hours=1), "deskbell.api.uploads.forget_old"),
    Line(
        "park forgotten letters",
        timedelta(minutes=15),
        "deskbell.channels.mail.letters.park_forgotten",
    ),
    Line("look at the machine", timedelta(hours=1), "deskbell.running.watch.look"),
    Line("back up every night", timedelta(hours=1), "deskbell.running.nightly.back_up_when_due"),
    Line("forget old notices", timedelta(hours=1), "deskbell.notices.reading.forget_old"),
    Line("clear sessions", timedelta(days=1), "deskbell.security.sessions.forget_expired"),
)


def tick(lines: tuple[Line, ...] = TIMETABLE) -> datetime:
    """Enqueue every line that is due and return when the next one will be."""
    last_runs = dict(Tick.objects.values_list("name", "last_run"))
    return min((_tick_line(line, last_runs.get(line.name)) for line in lines), default=_far())


# It never parks: a line that fails stays visible as one waiting row and is tried with every tick.
@job("timetable", attempts=1_000_000)
def run_line(function: str) -> None:
    """Call the function of one line."""
    import_string(function)()


def _tick_line(line: Line, last_run: datetime | None) -> datetime:
    now = clock.now()
    turn, next_turn = _turn(now, line.every)
    # A last run in the future means that the clock was set back: waiting for it could take years.
    if last_run is not None and turn <= last_run <= now:
        return next_turn
    try:
        with transaction.atomic():
            if _take(line, last_run, now):
                enqueue("timetable", key=line.name, function=line.function)
    except IntegrityError:
        pass  # another worker made the row of a new line first
    return next_turn


def _turn(now: datetime, every: timedelta) -> tuple[datetime, datetime]:
    """Return when the turn of `every` began that `now` lies in, and when the next one does."""
    since = (now - EPOCH) // every * every
    return EPOCH + since, EPOCH + since + every


def _take(line: Line, last_run: datetime | None, now: datetime) -> bool:
    if last_run is None:
        Tick.objects.create(name=line.name, last_run=now)
        return True
    return Tick.objects.filter(name=line.name, last_run=last_run).update(last_run=now) == 1


def _far() -> datetime:
    return clock.now() + timedelta(hours=1)
