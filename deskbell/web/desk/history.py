"""A ticket as it stood after one of its entries: read only, with a slider over all of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from deskbell.errors import BadInput, NoSuchTicket
from deskbell.people.models import Address, Agent, Customer, Department
from deskbell.tickets import history as time_machine
from deskbell.tickets import queries
from deskbell.tickets.models import Entry, Tag, Text, Ticket
from deskbell.tickets.state import TicketState
from deskbell.tickets.thread import thread
from deskbell.web.desk import moments, ticket_page
from deskbell.web.desk.page import page
from deskbell.web.visit import AgentRequest, for_agents


@dataclass(frozen=True, slots=True)
class Then:
    """What the head and the side say of a ticket of the past.

    checks  words of each line of the checklist, and whether it was done
    """

    subject: str
    description: str
    status: str
    status_label: str
    priority: int
    department: str
    assignee: Agent | None
    customer: Customer | None
    postponed_until: datetime | None
    addresses: tuple[str, ...]
    tags: tuple[str, ...]
    checks: tuple[tuple[str, bool], ...]


@require_GET
@for_agents
def history(request: AgentRequest, code: str) -> HttpResponse:
    """Show the ticket after `step`, or as it stood `at` a moment; its last step when neither is named."""
    ticket = queries.ticket_for(request.by, code)
    entry = _entry(request, ticket)
    state = time_machine.state_after(ticket, entry.step)
    # Several entries may share a moment: what came by later ones of them is left out.
    items = tuple(
        item
        for item in thread(ticket, until=entry.at)
        if (item.step <= entry.step if item.ticket_id == ticket.pk else state.sources)
    )
    context = {
        "ticket": ticket,
        "step": entry.step,
        "at": entry.at,
        "happened": next((one for one in reversed(items) if one.id == entry.pk), None),
        "then": _then(state),
        **ticket_page.read_only(request, ticket, items),
        "ratings": ticket_page.ratings(state),
    }
    return page(request, "desk/ticket/history.html", context, here="ticket")


def _entry(request: AgentRequest, ticket: Ticket) -> Entry:
    """Return the entry that the address names.  Raises BadInput, NoSuchTicket before the first one."""
    entries = Entry.objects.filter(ticket=ticket).order_by("-step")
    step, at = request.GET.get("step", ""), request.GET.get("at", "")
    if step:
        if not step.isdecimal() or len(step) > ticket_page.LONGEST_STEP:
            raise BadInput("step", "step must be a number")
        entries = entries.filter(step__lte=step)
    elif at:
        zone = moments.zone_of(request.GET.get("zone", ""))
        entries = entries.filter(at__lte=moments.typed(at, zone))
    found = entries.first()
    if found is None:
        raise NoSuchTicket(ticket=ticket.code)
    return found


def _then(state: TicketState) -> Then:
    """Return the names of what a state points at; the words are those that still stand."""
    checks = [check.text_id for check in state.checklist]
    texts = dict(
        Text.objects.filter(
            pk__in=[state.subject_id, state.description_id or 0, *checks]
        ).values_list("pk", "plain")
    )
    parties = [party.address_id for party in state.participants if party.role != "customer"]
    return Then(
        subject=texts.get(state.subject_id, ""),
        description=texts.get(state.description_id or 0, ""),
        status=state.status,
        status_label=str(Ticket.Status(state.status).label),
        priority=state.priority,
        department=Department.objects.get(pk=state.department_id).name,
        assignee=Agent.objects.filter(pk=state.assignee_id or 0).first(),
        customer=Customer.objects.filter(pk=state.customer_id or 0).first(),
        postponed_until=state.postponed_until,
        addresses=tuple(Address.objects.filter(pk__in=parties).values_list("value", flat=True)),
        tags=tuple(Tag.objects.filter(pk__in=state.tags).values_list("name", flat=True)),
        checks=tuple(
            (texts.get(one.text_id, ""), one.done_step is not None) for one in state.checklist
        ),
    )
