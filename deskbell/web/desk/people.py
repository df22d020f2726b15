"""Whom one may write to, while their name or address is typed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice

from django.db.models import Q
from django.http import HttpResponseBase, JsonResponse
from django.views.decorators.http import require_safe

from deskbell import access
from deskbell.people import phones
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
    for address in chain(addresses_meant(asked, kinds=("mail",)), _of_number(asked)):
        yield Recipient("to", address.value, address.name or address.customer.name)


def addresses_meant(asked: str, *, kinds: Sequence[str] = ("mail", "phone")) -> Iterator[Address]:
    """Yield addresses of customers that begin so, then those whose owner's name holds it; of each, who was met last.

    asked  in small letters; a number may be typed with blanks, with its country or without
    kinds  of addresses, which are wanted alone
    """
    theirs = Address.objects.filter(customer__erased_at=None)
    wanted = [
        theirs.filter(kind="mail", value__startswith=asked),
        theirs.filter(kind__in=kinds, customer__name__icontains=asked),
    ]
    if "phone" in kinds:
        wanted += (theirs.filter(number) for number in _numbers(asked))
    # Several queries: a database that looks for any looks at every row, for one of them it stops when it has enough.
    for named in wanted:
        yield from named.select_related("customer").order_by("-pk")[:MOST]


def _of_number(asked: str) -> Iterator[Address]:
    """Yield the mail addresses of customers who may be called by the number that is typed."""
    for number in _numbers(asked):
        called = Address.objects.filter(number, customer__erased_at=None).order_by("-pk")[:MOST]
        of_them = Address.objects.filter(
            kind="mail", customer__in=[address.customer_id for address in called]
        )
        yield from of_them.select_related("customer").order_by("-pk")[:MOST]


def _numbers(asked: str) -> list[Q]:
    return [one for one in (phones.meant(asked), phones.begun(asked)) if one is not None]
