"""An agent takes back what they just did; what it had caused goes first."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell import access, clock
from deskbell.database.prepared import Prepared
from deskbell.errors import CannotUndo, Conflict, DeskError, NotFound
from deskbell.tickets import brought_back, events, lifecycle, timeline
from deskbell.tickets.actions.delete import TicketDeleted
from deskbell.tickets.actions.link import require_no_ring
from deskbell.tickets.events import ALWAYS_WRITES, Event, Happened, event
from deskbell.tickets.models import Entry, Message, Ticket
from deskbell.tickets.state import FIELDS, TicketState, from_json, state_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from deskbell.people.actors import Actor

WITHIN = timedelta(minutes=10)

# Who wrote since found the ticket as the act had left it.
SAID = ("message.received", "message.replied", "message.answered_aside")

# What is a message of ours, and is shown as taken back.
OURS = ("message.replied", "note.added", "message.forwarded")


@event("act.undone", v=1, writes=tuple(name for name in FIELDS if name not in ALWAYS_WRITES))
class ActUndone(Event):
    """Entries of this ticket were taken back.

    steps     their numbers
    restores  field of the state → the value before the first of them, as JSON
    """

    steps: tuple[int, ...]
    restores: dict[str, Any]
    sentence = _("{by} undid that")

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state with the fields as they were."""
        return state.but(**{name: from_json(name, old) for name, old in self.restores.items()})


def undo(ticket: Ticket, step: int, *, by: Actor, of_many: bool = False) -> Entry:
    """Take back the act of `by` that left the entry `step`, with all that it caused, here and on other tickets.

    of_many  as one of many that are taken back together: whoever does so has seen that it is not too late, and words
             that were written on all of them go back to no composer

    1. Hold every ticket that the act touched.
    2. Refuse: somebody else's act, an old one, a kind that is for good, one that was undone before.
    3. On each ticket, the last first, refuse when something since then wrote the same, or something left the house.
    4. Record there what it was; words of theirs go back to their composer.
    Raises NotFound, NotAllowed, CannotUndo.
    """
    with transaction.atomic():
        root = _root(ticket.pk, step)
        seen = _act(root)
        held = timeline.lock_all(entry.ticket_id for entry in seen)
        act = _act(root)
        if {entry.ticket_id for entry in act} - held.keys():
            raise Conflict  # it caused something more while we waited
        _require_may(root, held[root.ticket_id], by, of_many=of_many)
        _require_possible(act)
        here = _undo_all(held, act, root, by=by, of_many=of_many)
    timeline.show(held[ticket.pk], on=ticket)
    return here


def _root(ticket_id: int, step: int) -> Entry:
    """Return the entry of this step, or of the act on another ticket that it is the effect of.  Raises NotFound."""
    entries = _of_step(ticket_id, step)
    if not entries:
        raise NotFound
    found = entries[0]
    cause = found.cause
    # What was split off or merged shows on both tickets, and may be taken back on either.
    if cause is not None and cause.ticket_id != ticket_id and _is_by(cause, found):
        return _root(cause.ticket_id, cause.step)
    return found


def _act(root: Entry) -> list[Entry]:
    """Return the entry and all that it caused, the cause before its effects."""
    found = level = [root]
    while level:
        level = _effects([entry.pk for entry in level])
        found = found + level
    return found


def _is_by(entry: Entry, other: Entry) -> bool:
    return (entry.by_kind, entry.by_id) == (other.by_kind, other.by_id)


def _require_may(entry: Entry, ticket: Ticket, by: Actor, *, of_many: bool) -> None:
    access.require(by, "undo")
    lifecycle.require("undo", ticket, by)
    if (entry.by_kind, entry.by_id) != (by.kind, by.id):
        raise CannotUndo("not_yours")
    if entry.cause is not None and _is_by(entry.cause, entry):
        raise CannotUndo("a_part")
    if not of_many and clock.now() - entry.at > WITHIN:
        raise CannotUndo("too_late")


def _require_possible(act: list[Entry]) -> None:
    if act[0].step in _undone(act[0].ticket_id):
        raise CannotUndo("undone_before")
    for entry in act:
        kind = events.read(entry.kind, entry.v, entry.data)
        # A ticket that the act opened is deleted instead.
        if not kind.can_be_undone and not _began(act, entry.ticket_id):
            raise CannotUndo("for_good")


def _began(act: list[Entry], ticket_id: int) -> bool:
    return any(entry.ticket_id == ticket_id and entry.step == 1 for entry in act)


def _undo_all(
    held: dict[int, Ticket], act: list[Entry], root: Entry, *, by: Actor, of_many: bool
) -> Entry:
    """Undo the act on every ticket, where it began at the end; return the entry that says so there."""
    others = sorted(held.keys() - {root.ticket_id}, reverse=True)
    for number in (*others, root.ticket_id):
        entries = [entry for entry in act if entry.ticket_id == number]
        undone = _undone(number)
        left = [entry for entry in entries if entry.step not in undone]
        if left:
            _require_ties_hold(held, number, _overwritten(left), by)
            said = _undo_on(held[number], left, undone, by=by, of_many=of_many)
    return said


def _undo_on(
    ticket: Ticket, entries: list[Entry], undone: set[int], *, by: Actor, of_many: bool
) -> Entry:
    steps = {entry.step for entry in entries}
    restores = _overwritten(entries)
    _require_untouched(ticket, steps, undone, restores)
    for take_back in timeline.followers.take_back:
        take_back(ticket, entries)
    said = [entry.data["message_id"] for entry in entries if entry.kind in OURS]
    if said:
        Message.objects.filter(pk__in=said).update(taken_back_at=clock.now())
    if not of_many:
        brought_back.bring_back(ticket, entries, said, by=by)
    if 1 in steps:
        return timeline.record(ticket, TicketDeleted(), by=by)
    return timeline.record(ticket, ActUndone(steps=tuple(sorted(steps)), restores=restores), by=by)


def _overwritten(entries: Iterable[Entry]) -> dict[str, Any]:
    """Return what the fields held before the first entry that wrote each of them."""
    found: dict[str, Any] = {}
    for entry in sorted(entries, key=lambda one: one.step, reverse=True):
        found |= entry.before
    return found


def _require_untouched(
    ticket: Ticket, steps: set[int], undone: set[int], restores: dict[str, Any]
) -> None:
    """Refuse when an entry since then, which was not undone itself, wrote one of the same fields.

    Or when somebody wrote since whom the status before would leave waiting: an open ticket that a customer writes to
    stays open, so nothing of it is in `before`.
    """
    for entry in _since(ticket.pk, min(steps)):
        if entry.step in steps | undone:
            continue
        if 1 in steps or entry.before.keys() & restores.keys() or _leaves_waiting(entry, restores):
            raise CannotUndo("changed_since")


def _require_ties_hold(
    held: dict[int, Ticket], number: int, restores: dict[str, Any], by: Actor
) -> None:
    """Refuse to tie the ticket again to one that has changed since, though nothing was written here.

    A merge or a part that comes back is one that could be made now: nothing hidden or purged is in it, and no ring.
    """
    ticket, into = held[number], restores.get("merged_into_id")
    before = state_of(ticket).links
    ties = [tie for tie in from_json("links", restores.get("links", ())) if tie not in before]
    try:
        for one in () if into is None else (ticket, held[into]):
            lifecycle.require("merge", one, by)
        for tie in ties:
            if tie.kind == "child_of":
                require_no_ring(ticket, Ticket.objects.get(pk=tie.other_id))
    except DeskError as error:
        raise CannotUndo("changed_since") from error


def _leaves_waiting(entry: Entry, restores: dict[str, Any]) -> bool:
    return entry.kind in SAID and entry.data["status"] != restores.get(
        "status", entry.data["status"]
    )


def _undone(ticket_id: int) -> set[int]:
    """Return the steps of the ticket that were undone."""
    return {step for data in _what_was_undone(ticket_id) for step in data["steps"]}


# Asked for each of the thousands of tickets of a sweep, so their SQL is worked out once.
_of_step = Prepared(
    lambda ticket, step: Entry.objects.select_related("cause").filter(ticket=ticket, step=step)
)
_effects = Prepared(lambda causes: Entry.objects.filter(cause__in=causes).order_by("pk"))
_since = Prepared(
    lambda ticket, step: Entry.objects.filter(ticket=ticket, step__gt=step).exclude(
        kind="act.undone"
    )
)
_what_was_undone = Prepared(
    lambda ticket: Entry.objects.filter(ticket=ticket, kind="act.undone").values_list(
        "data", flat=True
    )
)
