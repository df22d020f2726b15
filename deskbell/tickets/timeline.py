"""The one door.  `record()` is the only code that changes a ticket: it appends the entry and writes the
row, participants, links, stretch and whatever else may never disagree with it, in one transaction.

Actions call it after they have locked, and after they have refused what must be refused.
"""

from __future__ import annotations

import functools
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, cast

from django.db import connection, transaction

from deskbell import clock
from deskbell.database import written
from deskbell.database.prepared import Prepared, prepared_cursor
from deskbell.people.actors import CLOCK, Actor
from deskbell.tickets import codes
from deskbell.tickets.events import ALWAYS_WRITES, Event, Happened
from deskbell.tickets.models import Entry, Link, Participant, Stretch, Tagging, Ticket
from deskbell.tickets.queries import survivor_id
from deskbell.tickets.state import COLUMNS, TicketState, state_of
from deskbell.work import jobs, signal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

P = ParamSpec("P")
R = TypeVar("R")

# A chain of causes longer than this is a loop that nobody foresaw.
MOST_CAUSES = 50


@dataclass
class _Followers:
    """Who follows in the same transaction; filled by reactions.py at start-up, the heart knows none of them.

    functions  what follows an entry
    take_back  what takes back what entries of one ticket have sent, before they are undone; each raises TooLate
               when that has left the house
    settle     the job that settles a ticket; "" while nobody registered one
    """

    functions: tuple[Callable[[Entry, TicketState], list[Event]], ...] = ()
    take_back: tuple[Callable[[Ticket, Sequence[Entry]], None], ...] = ()
    settle: str = field(default="")


followers = _Followers()

_cause: ContextVar[Entry | None] = ContextVar("cause", default=None)


@contextmanager
def caused_by(entry: Entry | None) -> Iterator[None]:
    """Give all entries recorded inside `entry` as their cause: nothing automatic stands without one.

    None leaves the cause that there is.
    """
    token = _cause.set(entry or _cause.get())
    try:
        yield
    finally:
        _cause.reset(token)


def action(
    function: Callable[Concatenate[Ticket, P], R],
) -> Callable[Concatenate[Ticket, P], R]:
    """Make a function an action: one transaction, the ticket locked and fresh before the first line.

    The caller's own ticket object shows the new row afterwards; when the action raises, nothing has changed.
    """

    @functools.wraps(function)
    def locked(ticket: Ticket, *args: P.args, **kwargs: P.kwargs) -> R:
        with transaction.atomic():
            fresh = lock(ticket.pk)
            result = function(fresh, *args, **kwargs)
        show(fresh, on=ticket)
        return result

    return cast("Callable[Concatenate[Ticket, P], R]", locked)


def lock(ticket_id: int) -> Ticket:
    """Return the ticket's row as it is now, held until the transaction ends.

    PostgreSQL locks the row, but not its number, to which others may tie a link meanwhile; on SQLite the transaction
    itself is the lock (BEGIN IMMEDIATE).
    Raises Ticket.DoesNotExist.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("a ticket is locked inside a transaction only")
    if found := _held(ticket_id):
        return found[0]
    raise Ticket.DoesNotExist(f"there is no ticket {ticket_id}")


def _hold(ticket_id: int) -> QuerySet[Ticket]:
    rows = Ticket.objects.filter(pk=ticket_id)
    if connection.features.has_select_for_update:
        return rows.select_for_update(of=("self",), no_key=True)
    return rows


_held = Prepared(_hold)


def lock_survivor(ticket_id: int) -> Ticket:
    """Return the ticket that this one was merged into, or itself, held: what comes to a part goes there.

    Who holds one ticket and waits for another takes them in the order of their numbers; this one waits for one at a
    time, and lets go of it when it was merged meanwhile.
    """
    while True:
        with transaction.atomic():
            held = lock(survivor_id(ticket_id))
            if held.merged_into_id is None:
                return held
            transaction.set_rollback(
                True
            )  # only to this savepoint: nothing but the lock is given back


def lock_all(ticket_ids: Iterable[int]) -> dict[int, Ticket]:
    """Return several tickets by number, each held; in the order of their numbers, so that no two wait for each other.

    Raises Ticket.DoesNotExist.
    """
    return {number: lock(number) for number in sorted(set(ticket_ids))}


@contextmanager
def locked(*tickets: Ticket) -> Iterator[tuple[Ticket, ...]]:
    """Hold several tickets, fresh, in one transaction: what @action does for an action on more than one.

    The caller's own objects show the new rows afterwards; when the block raises, nothing has changed.
    """
    with transaction.atomic():
        fresh = lock_all(ticket.pk for ticket in tickets)
        yield tuple(fresh[ticket.pk] for ticket in tickets)
    for ticket in tickets:
        show(fresh[ticket.pk], on=ticket)


def begin(event: Event, *, by: Actor, occurred_at: datetime | None = None) -> Entry:
    """Make a ticket from its first event.  Returns the entry of step 1; its `ticket` is the new one, locked.

    What else the opening brings about has this entry as its cause.
    """
    happened = Happened(1, clock.now(), by)
    after = event.apply(TicketState(), happened).but(step=1, at=happened.at)
    ticket = Ticket(code=codes.new_code(), last_step=1, extra=after.extra(), **after.columns())
    written.insert(ticket)
    entry = _append(ticket, event, happened, before={}, occurred_at=occurred_at)
    _finish(ticket, entry, TicketState(), after)
    return entry


def record(
    ticket: Ticket, event: Event, *, by: Actor, occurred_at: datetime | None = None
) -> Entry:
    """Append `event` to the timeline of `ticket`, which the caller has locked in this transaction.

    by           the author, never None
    occurred_at  when it truly happened, if that is not now (late mail, imports)

    1. Take the state before, and a moment not earlier than the entry before.
    2. Apply the event; refuse one that writes a field it did not declare.
    3. Append the entry, with the old values of what it changes.
    4. Write the row and its companions.
    5. Let those follow who may never disagree.
    6. Mark the ticket unsettled, and tell whoever watches.
    """
    before = state_of(ticket)
    happened = Happened(before.step + 1, next_moment(before), by)

    after = event.apply(before, happened).but(step=happened.step, at=happened.at)
    old = old_values(event, before, after)

    entry = _append(ticket, event, happened, before=old, occurred_at=occurred_at)
    _write_row(ticket, before, after)
    _finish(ticket, entry, before, after)
    return entry


def next_moment(state: TicketState) -> datetime:
    """Return the moment of the next entry: now, but not earlier than the last one, wherever the clock was set to."""
    now = clock.now()
    return now if state.at is None else max(now, state.at)


def mark_settled(ticket: Ticket, step: int) -> None:
    """Move the cursor of settling; it is no state, and has no entry."""
    ticket.settled_step = step
    written.update(ticket, "settled_step")


def old_values(event: Event, before: TicketState, after: TicketState) -> dict[str, Any]:
    """Return the values that the event overwrites, as JSON: what undo would write back.

    Raises RuntimeError for an event that writes a field it did not declare.
    """
    changed = after.differences(before)
    old = {name: value for name, value in changed.items() if name not in ALWAYS_WRITES}
    if undeclared := old.keys() - event.writes:
        raise RuntimeError(f"{event.kind} writes {sorted(undeclared)} without declaring it")
    return old


def _append(
    ticket: Ticket,
    event: Event,
    happened: Happened,
    *,
    before: dict[str, Any],
    occurred_at: datetime | None,
) -> Entry:
    cause = _cause.get()
    entry = Entry(
        ticket=ticket,
        step=happened.step,
        at=happened.at,
        occurred_at=occurred_at,
        by_kind=happened.by.kind,
        by_id=happened.by.id,
        kind=event.kind,
        v=event.v,
        data=event.to_data(),
        before=before,
        cause=cause,
        depth=_depth(cause),
    )
    written.insert(entry)
    return entry


def _finish(ticket: Ticket, entry: Entry, before: TicketState, after: TicketState) -> None:
    """Write what goes with the row, let others follow, and ask for settling."""
    _write_companions(ticket, before, after)
    for follow in followers.functions:
        for consequence in follow(entry, after):
            with caused_by(entry):
                record(ticket, consequence, by=CLOCK)
    # One job settles all entries of a transaction; the object lives no longer than that.
    if followers.settle and not hasattr(ticket, "_is_to_be_settled"):
        jobs.enqueue(followers.settle, key=f"{followers.settle}:{ticket.pk}", ticket_id=ticket.pk)
        ticket._is_to_be_settled = True  # type: ignore[attr-defined]
    signal.tell()


def _depth(cause: Entry | None) -> int:
    depth = 0 if cause is None else cause.depth + 1
    if depth > MOST_CAUSES:
        raise RuntimeError(f"a chain of {depth} causes on ticket {cause and cause.ticket_id}")
    return depth


def _write_row(ticket: Ticket, before: TicketState, after: TicketState) -> None:
    changed = [name for name in COLUMNS if getattr(before, name) != getattr(after, name)]
    for name in changed:
        setattr(ticket, name, getattr(after, name))
    ticket.extra, ticket.last_step = after.extra(), after.step
    written.update(ticket, *changed, "extra", "last_step")


def _write_companions(ticket: Ticket, before: TicketState, after: TicketState) -> None:
    if after.participants != before.participants:
        _write_participants(ticket, before, after)
    if after.links != before.links:
        _write_links(ticket, before, after)
    if after.tags != before.tags:
        _write_tags(ticket, before, after)
    if before.stretch() != after.stretch():
        _write_stretch(ticket, after)


def _write_participants(ticket: Ticket, before: TicketState, after: TicketState) -> None:
    """Write the parties that differ anew."""
    old, new = set(before.participants), set(after.participants)
    gone = [party.address_id for party in old - new]
    if gone:
        Participant.objects.filter(ticket=ticket, address_id__in=gone).delete()
    Participant.objects.bulk_create(
        Participant(
            ticket=ticket,
            address_id=party.address_id,
            role=party.role,
            since_step=party.since_step,
            accepted=party.accepted,
        )
        for party in after.participants
        if party not in old
    )


def _write_links(ticket: Ticket, before: TicketState, after: TicketState) -> None:
    for tie in set(before.links) - set(after.links):
        Link.objects.filter(ticket=ticket, other_id=tie.other_id, kind=tie.kind).delete()
    for tie in set(after.links) - set(before.links):
        Link.objects.create(ticket=ticket, other_id=tie.other_id, kind=tie.kind)


def _write_tags(ticket: Ticket, before: TicketState, after: TicketState) -> None:
    gone = set(before.tags) - set(after.tags)
    if gone:
        Tagging.objects.filter(ticket=ticket, tag_id__in=gone).delete()
    Tagging.objects.bulk_create(
        Tagging(ticket=ticket, tag_id=tag) for tag in after.tags if tag not in before.tags
    )


def _write_stretch(ticket: Ticket, after: TicketState) -> None:
    """End the stretch that lasts and begin the next; a part of another ticket is in no queue of its own."""
    assert after.at is not None
    if after.step > 1:
        with prepared_cursor() as cursor:
            cursor.execute(
                _END_STRETCH, [connection.ops.adapt_datetimefield_value(after.at), ticket.pk]
            )
    if (stretch := after.stretch()) is not None:
        written.insert(Stretch(ticket=ticket, since=after.at, **stretch))


_END_STRETCH = "UPDATE tickets_stretch SET till = %s WHERE ticket_id = %s AND till IS NULL"


def show(fresh: Ticket, *, on: Ticket) -> None:
    """Bring the caller's object up to date; relations that were loaded for other ids are dropped."""
    for column in Ticket._meta.concrete_fields:
        setattr(on, column.attname, getattr(fresh, column.attname))
