"""What an agent may still take back of what they did to a ticket: for the page, which offers it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from django.urls import reverse

from deskbell import clock
from deskbell.channels.mail.models import Delivery
from deskbell.people.actors import Actor
from deskbell.tickets import events
from deskbell.tickets.actions.undo import WITHIN
from deskbell.tickets.models import Entry
from deskbell.tickets.thread import Item, items, undone_among
from deskbell.web.visit import AgentRequest


@dataclass(frozen=True, slots=True)
class Act:
    """Something that its author may take back.

    entry    the entry that it left
    address  where a form says so, with _method=DELETE
    until    when it is too late, aware UTC, as ISO
    leaves   in how many seconds a letter of it leaves that can still be taken back; 0 for none.  A span, for the
             clock of a reader may be wrong
    """

    entry: Entry
    address: str
    until: str
    leaves: int = 0


def acts(by: Actor, tickets: Collection[int]) -> dict[int, Act]:
    """Return the acts of `by` on these tickets that may be taken back, oldest first, by the number of the entry.

    Two queries.  Whether one truly may is decided by the action; this leaves out what it would surely refuse.
    """
    recent = list(
        Entry.objects.filter(ticket__in=tickets, at__gte=clock.now() - WITHIN)
        .select_related("cause", "ticket")
        .order_by("at", "id")
    )
    gone = undone_among(recent)
    sent, waiting = _letters(recent)
    return {
        entry.pk: _act(entry, _leave_at(effects, waiting))
        for entry in recent
        if _is_root(entry, by)
        and (entry.ticket_id, entry.step) not in gone
        and _may_be_possible(effects := _with_effects(entry, recent), sent)
    }


def _leave_at(act: list[Entry], waiting: dict[int, datetime]) -> datetime | None:
    """Return when the last letter of an act leaves: the one that began a ticket is an effect of its opening."""
    return max((waiting[one.pk] for one in act if one.pk in waiting), default=None)


def last_act(request: AgentRequest, number: str) -> tuple[Item, Act] | None:
    """Return the act of this agent that left the entry `number`, for a page that is not the ticket's."""
    entry = Entry.objects.filter(pk=number).first() if number.isdecimal() else None
    if entry is None:
        return None
    found = acts(request.by, [entry.ticket_id]).get(entry.pk)
    return (items([found.entry])[0], found) if found else None


def _is_root(entry: Entry, by: Actor) -> bool:
    """Whether `by` did it themselves; what came with an act on another ticket is taken back from here as well."""
    if (entry.by_kind, entry.by_id) != (by.kind, by.id):
        return False
    cause = entry.cause
    if cause is None:
        return True
    return cause.ticket_id != entry.ticket_id and (cause.by_kind, cause.by_id) == (by.kind, by.id)


def _with_effects(root: Entry, recent: list[Entry]) -> list[Entry]:
    found = [root]
    numbers = {root.pk}
    for entry in recent:  # effects come after their causes
        if entry.cause_id in numbers:
            numbers.add(entry.pk)
            found.append(entry)
    return found


def _may_be_possible(act: list[Entry], sent: set[int]) -> bool:
    # A ticket that the act opened is deleted instead, with all that came with it.
    begun = {entry.ticket_id for entry in act if entry.step == 1}
    return all(
        entry.pk not in sent
        and (entry.ticket_id in begun or events.read(entry.kind, entry.v, entry.data).can_be_undone)
        for entry in act
    )


def _letters(recent: list[Entry]) -> tuple[set[int], dict[int, datetime]]:
    """Return the entries whose letters have left the house, or are about to; and of the others when theirs leave."""
    sent, waiting = set[int](), dict[int, datetime]()
    steps = {(entry.ticket_id, entry.step): entry.pk for entry in recent}
    found = Delivery.objects.filter(
        ticket__in={ticket for ticket, _ in steps}, entry_step__in={step for _, step in steps}
    ).exclude(state=Delivery.State.CANCELLED)
    for delivery in found if recent else ():
        number = steps.get((delivery.ticket_id or 0, delivery.entry_step or 0))
        if number is None:
            continue
        if delivery.state not in Delivery.PENDING or delivery.attempts:
            sent.add(number)
        elif delivery.hold_until is not None:
            waiting[number] = max(delivery.hold_until, waiting.get(number, delivery.hold_until))
    return sent, waiting


def _act(entry: Entry, leaves: datetime | None) -> Act:
    return Act(
        entry=entry,
        address=reverse("act", kwargs={"code": entry.ticket.code, "step": entry.step}),
        until=(entry.at + WITHIN).isoformat(timespec="milliseconds"),
        leaves=0 if leaves is None else max(0, ceil((leaves - clock.now()).total_seconds())),
    )
