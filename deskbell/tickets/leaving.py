"""What waits to leave later, and what was to: rows beside drafts, of which scheduled.py makes letters.

Read by pages, written by scheduled.py and first_mails.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from deskbell import clock
from deskbell.database.prepared import Prepared
from deskbell.errors import BadInput, NotFound
from deskbell.people.customers import customer_for
from deskbell.tickets import drafts, timeline
from deskbell.tickets.actions.postpone import require_ahead
from deskbell.tickets.content import Recipient
from deskbell.tickets.models import Draft, Ticket
from deskbell.work.jobs import enqueue

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from django.db.models import QuerySet

    from deskbell.people.models import Address, Agent
    from deskbell.tickets.actions.reply import Outcome
    from deskbell.tickets.content import NewFile
    from deskbell.tickets.drafts import Words

JOB = "send_scheduled"

# What may become of the ticket when an answer leaves; whether it rests then is decided that day.
OUTCOMES: tuple[Outcome, ...] = ("answered", "resolved", "as_it_was")


@dataclass(frozen=True, slots=True)
class Plan:
    """When a letter is to leave, and how.

    send_at                 aware, ahead
    then                    of an answer: one of OUTCOMES
    unless_something_comes  whether a message before keeps it here
    to                      its recipients, each once, as the actions take them; for an answer () for the usual ones
    copies                  the addresses of those among them who take part from then on
    files                   what goes with it; None for what its writer has begun on the page, which goes over into it
                            with its files
    """

    send_at: datetime
    then: Outcome = "answered"
    unless_something_comes: bool = True
    to: Sequence[Recipient] = ()
    copies: Collection[str] = ()
    files: Sequence[NewFile] | None = None


def put_aside(
    draft: Draft | None, agent: Agent, ticket: Ticket | None, words: Words, plan: Plan, once: str
) -> Draft:
    """Make a draft what waits to leave, with the job that sends it; in the transaction of who asked for it.

    draft  what the agent has begun, held, where the plan names no files; None for nothing
    Raises BadInput.
    """
    require_ahead(plan.send_at)
    if words.is_empty and not (plan.files or (draft is not None and draft.files.exists())):
        raise BadInput("text", _("Write something before you send it."))
    now = clock.now()
    draft = draft or Draft(agent=agent, begun_at=now)
    draft.ticket, draft.changed_at, draft.once = ticket, now, once or draft.once
    draft.text, draft.html = words.text, words.html
    draft.fields = {name: list(values) for name, values in words.fields.items()}
    draft.send_at, draft.then = plan.send_at, plan.then
    draft.was_due_at, draft.stayed = None, ""
    draft.unless_something_comes = plan.unless_something_comes
    draft.going_to = [
        [one.role, one.address, one.name, "part" if one.address in plan.copies else ""]
        for one in plan.to
    ]
    draft.save()
    for file in plan.files or ():
        drafts.keep_again(draft, file)
    enqueue(JOB, key=str(draft.pk), run_at=plan.send_at, number=draft.pk)
    return draft


def waiting(tickets: Collection[int] | None = None) -> QuerySet[Draft]:
    """Return what waits to leave, of everybody, the next one first.

    tickets  only on these
    """
    found = Draft.objects.exclude(send_at=None).select_related("agent", "ticket__subject")
    found = found.order_by("send_at", "pk")
    return found if tickets is None else found.filter(ticket__in=tickets)


def kept_here(agent: Agent) -> QuerySet[Draft]:
    """Return the drafts of `agent` that were to leave and are being changed, or stayed here; the next one first."""
    found = Draft.objects.filter(agent=agent, send_at=None).exclude(was_due_at=None)
    return found.select_related("ticket__subject").order_by("was_due_at", "pk")


def of_leavers() -> QuerySet[Draft]:
    """Return what was to leave of agents who have left, and stayed here; the next one first."""
    found = Draft.objects.filter(send_at=None).exclude(was_due_at=None)
    found = found.exclude(agent__archived_at=None).select_related("agent", "ticket__subject")
    return found.order_by("was_due_at", "pk")


def count_of(agent: Agent) -> int:
    """Return how many letters of `agent` wait, or were to leave and stayed here."""
    return Draft.objects.filter(_LATER, agent=agent).count()


def outstanding() -> list[tuple[int, datetime | None, str, datetime | None]]:
    """Return for each letter that waits, and each that was to leave: its writer, its moment if it waits, why not.

    The last is since when its writer is gone.
    """
    return list(_outstanding())


def held(found: Draft) -> tuple[Ticket | None, Draft]:
    """Return what waits and its ticket, or the one that this was merged into, both held; None for a first mail.

    Raises NotFound when it waits no longer.
    """
    ticket = None if found.ticket_id is None else timeline.lock_survivor(found.ticket_id)
    there = Draft.objects.filter(pk=found.pk).exclude(send_at=None).select_related("agent")
    if connection.features.has_select_for_update:
        there = there.select_for_update(of=("self",), no_key=True)
    draft = there.first()
    if draft is None:
        raise NotFound
    return ticket, draft


def recipients_of(draft: Draft) -> tuple[Recipient, ...]:
    """Return whom what waits goes to, and the address of ours that it leaves from."""
    return tuple(Recipient(role, value, name) for role, value, name, _part in draft.going_to)


def addresses_of(draft: Draft) -> set[str]:
    """Return the addresses that what waits names, as those of customers are kept: in small letters."""
    return {one.address.lower() for one in recipients_of(draft)}


def copies_of(draft: Draft) -> list[Address]:
    """Return who takes part from then on, met now if they are new."""
    return [customer_for(value, name) for _role, value, name, part in draft.going_to if part]


_LATER = Q(send_at__isnull=False) | Q(was_due_at__isnull=False)

# Asked on every page, so its SQL is worked out once.
_outstanding = Prepared(
    lambda: (
        Draft.objects.filter(_LATER)
        .order_by()
        .values_list("agent_id", "send_at", "stayed", "agent__archived_at")
    )
)
