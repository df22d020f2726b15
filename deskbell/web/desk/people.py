"""Whom one may write to, while their name or address is typed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from django.db.models import Q
from django.http import HttpResponseBase, JsonResponse
from django.views.decorators.http import require_safe

from deskbell import access
from deskbell.people.models import Address, Agent
from deskbell.tickets.content import Recipient, line_of
from deskbell.web.visit import AgentRequest, for_agents

MOST = 8
SHORTEST = 2


@require_safe
@for_agents
def known(request: AgentRequest) -> HttpResponseBase:
    """Give at most MOST people whom `q` may mean, colleagues first, then who was met last."""
    access.require(request.by, "see_customers")
    asked = request.GET.get("q", "").strip().lower()[:100]
    if len(asked) < SHORTEST:
        return JsonResponse({"people": []})
    found = {one.address: one for one in islice(_meant(asked), 3 * MOST)}
    people = list(found.values())[:MOST]
    return JsonResponse({"people": [line_of([one], one.role) for one in people]})


def _meant(asked: str) -> Iterator[Recipient]:
    ours = Agent.objects.filter(
        Q(name__icontains=asked) | Q(account__email__startswith=asked), archived_at=None
    )
    for agent in ours.select_related("account").order_by("name")[:MOST]:
        yield Recipient("to", agent.account.email, agent.name)
    for address in addresses_meant(asked):
        yield Recipient("to", address.value, address.name or address.customer.name)


def addresses_meant(asked: str) -> Iterator[Address]:
    """Yield addresses of customers that begin so, then those whose owner's name holds it; of each, who was met last.

    asked  in small letters
    """
    theirs = Address.objects.filter(kind="mail", customer__erased_at=None)
    # Two queries: a database that looks for either looks at every row, for one of them it stops when it has enough.
    for named in (
        theirs.filter(value__startswith=asked),
        theirs.filter(customer__name__icontains=asked),
    ):
        yield from named.select_related("customer").order_by("-pk")[:MOST]
