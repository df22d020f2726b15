"""What the palette offers beside what the page itself has: tickets and customers that may be meant by what is typed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from django.http import HttpResponseBase, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from deskbell.errors import BadInput
from deskbell.people import phones
from deskbell.people.models import Customer
from deskbell.search.found import found
from deskbell.search.query import Query, parse
from deskbell.search.tickets import selected
from deskbell.tickets import codes, queries
from deskbell.tickets.queries import Row
from deskbell.web import rooms
from deskbell.web.desk.people import SHORTEST, addresses_meant
from deskbell.web.visit import AgentRequest, for_agents
from deskbell.web.words import subject

LONGEST, MOST = 200, 6


@require_GET
@for_agents
def palette(request: AgentRequest) -> HttpResponseBase:
    """Give the tickets, the rooms of the settings and, to who sees customers, the customers whom `q` may mean.

    At most MOST of each.

    The last word may be unfinished.  What is no query that can be searched finds no tickets.
    """
    asked = request.GET.get("q", "").strip()[:LONGEST]
    tickets = [
        {
            "leads": f"/tickets/{row.code}",
            "says": subject(row.subject),
            "under": _under(row),
            "status": row.status,
        }
        for row in _tickets(request, asked)
    ]
    people = [
        {
            "leads": f"/customers/{one.pk}",
            "says": one.name or address,
            "under": address if one.name else "",
        }
        for one, address in islice(_customers(request, asked), MOST)
    ]
    places = [
        {"leads": reverse(room.name), "says": str(room.title), "under": str(room.holds)}
        for room in rooms.meant(asked, request.standing)[:MOST]
    ]
    return JsonResponse({"tickets": tickets, "people": people, "places": places})


def _tickets(request: AgentRequest, asked: str) -> tuple[Row, ...]:
    if len(asked) < SHORTEST:
        return ()
    if codes.normal(asked):
        return queries.rows_of(request.by, [codes.normal(asked) or ""])
    try:
        query = _begun(asked)
        if not (query.terms or query.sought):
            return ()
        if not query.positive:
            return queries.page(selected(request.by, query), limit=MOST).rows
        rows = tuple(one.row for one in found(request.by, query, limit=MOST).rows)
        return rows or _of_number(request, asked)
    except BadInput:
        return ()


def _of_number(request: AgentRequest, asked: str) -> tuple[Row, ...]:
    """Return the tickets of who is called by the number that is typed: a logged call does not say it in words."""
    number = phones.bare(asked)
    if len(number) < phones.TELLING:
        return ()
    theirs = selected(request.by, parse(f"from:{number}"))
    return queries.page(theirs, limit=MOST).rows


def _begun(asked: str) -> Query:
    """Return the query, its last word as the beginning of one."""
    is_word = asked[-1].isalnum() and ":" not in asked.rsplit(maxsplit=1)[-1]
    return parse(f"{asked}*" if is_word else asked)


def _customers(request: AgentRequest, asked: str) -> Iterator[tuple[Customer, str]]:
    """Yield customers, each once, with the address by which they were found."""
    if len(asked) < SHORTEST or not request.standing.may("see_customers", None):
        return
    seen: set[int] = set()
    for address in addresses_meant(asked.lower()):
        if address.customer_id not in seen:
            seen.add(address.customer_id)
            yield address.customer, address.value


def _under(row: Row) -> str:
    return " · ".join(part for part in (row.customer, row.code) if part)
