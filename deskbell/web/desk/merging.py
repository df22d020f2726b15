"""Making one ticket of two, and taking them apart again."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.views.decorators.http import require_http_methods

from deskbell import access
from deskbell.people.models import Address
from deskbell.tickets import actions, lifecycle, queries
from deskbell.tickets.actions.merge import absorbing
from deskbell.tickets.models import Ticket
from deskbell.web.desk import chosen
from deskbell.web.desk.asking import asked_about
from deskbell.web.desk.doing import away, do
from deskbell.web.desk.page import page
from deskbell.web.forms import Form, tried
from deskbell.web.visit import AgentRequest, for_agents, verb_of

# As many tickets of the same customer are offered to be picked from.
OFFERED = 20


@require_http_methods(["GET", "POST"])
@for_agents
def merging(request: AgentRequest, code: str) -> HttpResponseBase:
    """Ask which ticket `into`, then say what happens and ask again; post merges; DELETE takes it out again."""
    if verb_of(request) == "DELETE":
        return do(request, code, lambda ticket: actions.unmerge(ticket, by=request.by))
    ticket = asked_about(request, code, "merge")
    if request.method == "POST":
        return tried(
            request,
            lambda: _merge(request, ticket),
            lambda form, status: _which(request, ticket, form, status),
        )
    if "into" not in request.GET:
        return _which(request, ticket, Form(), 200)
    return tried(
        request,
        lambda: _confirm(request, ticket),
        lambda form, status: _which(request, ticket, form, status),
    )


def _merge(request: AgentRequest, ticket: Ticket) -> HttpResponseBase:
    into = chosen.ticket(request, request.POST.get("into", ""), "into")
    actions.merge(ticket, into, by=request.by)
    survivor = Ticket.objects.get(pk=queries.survivor_id(into.pk))
    return away(request, f"/tickets/{survivor.code}")


def _which(request: AgentRequest, ticket: Ticket, form: Form, status: int) -> HttpResponse:
    same = Ticket.objects.filter(customer=ticket.customer_id, merged_into=None)
    seen = access.visible(
        request.by, same.filter(status__in=lifecycle.SHOWN).exclude(pk=ticket.pk)
    ).select_related("subject")
    others = seen.order_by("-last_activity_at")[:OFFERED] if ticket.customer_id else ()
    context = {"ticket": ticket, "form": form, "others": others, "into": ""}
    return page(request, "desk/ticket/merging.html", context, status=status)


def _confirm(request: AgentRequest, ticket: Ticket) -> HttpResponse:
    named = chosen.ticket(request, request.GET["into"], "into")
    into = Ticket.objects.select_related("subject").get(pk=queries.survivor_id(named.pk))
    foreseen = absorbing(ticket, into)
    context = {
        "ticket": ticket,
        "into": into,
        "is_itself": into.pk == ticket.pk,
        "copied": list(Address.objects.filter(pk__in=foreseen.addresses)),
        "opens": foreseen.opens,
    }
    return page(request, "desk/ticket/merge.html", context)
