"""What a query selects: the tickets that somebody may see and that fit."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.db.models import Exists, Q

from deskbell import access, clock
from deskbell.people.models import Account
from deskbell.people.zones import desk_zone, zone_of
from deskbell.search import hits
from deskbell.search.conditions import Asked, condition
from deskbell.search.models import Document
from deskbell.search.query import Query, Sought, parse
from deskbell.tickets import history
from deskbell.tickets.models import CodeAlias, Ticket

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, tzinfo

    from django.db.models import QuerySet

    from deskbell.people.actors import Actor
    from deskbell.tickets.models import Stretch

# Not shown unless somebody asks for them.
HIDDEN = ("spam", "deleted")
# Up to so many documents, their tickets are named one by one; where there are more, tickets are looked into: sooner
# where only those are asked about on which other words were found.
FEW, FEW_BESIDES = 5_000, 1_000


def find(actor: Actor, text: str) -> QuerySet[Ticket]:
    """Return the tickets that fit the query `text` and that `actor` may see, in no order.

    Raises BadQuery for a term, or a value of one, that there is not.
    """
    return selected(actor, parse(text))


def selected(actor: Actor, query: Query, *, besides: Sought | None = None) -> QuerySet[Ticket]:
    """Return the tickets that fit a query and that `actor` may see, in no order; `besides` was looked for already.

    Raises BadQuery.
    """
    tickets = access.visible(actor, Ticket.objects.filter(merged_into=None))
    return tickets.filter(*_wanted(query, _asked(actor), besides))


def find_at(actor: Actor, text: str, at: datetime) -> QuerySet[Stretch]:
    """Return where the tickets stood at the moment `at` that fitted the query `text` then, in no order.

    Status, department, assignee and priority are those of then; all else is as it is now.  Rights are those of today.
    Raises BadQuery as find does.
    """
    stood = history.stretches(actor, at)
    return stood.filter(*_wanted(parse(text), _asked(actor, "ticket__")))


def zone_for(actor: Actor) -> tzinfo:
    """Return the zone whose days an actor means."""
    account = Account.objects.filter(agent=actor.id).first() if actor.is_agent else None
    return desk_zone() if account is None else zone_of(account)


def _asked(actor: Actor, prefix: str = "") -> Asked:
    return Asked(actor, clock.now(), partial(zone_for, actor), prefix)


def _wanted(query: Query, asked: Asked, besides: Sought | None = None) -> Iterator[Q]:
    asks_for_status = bool(query.values("status"))
    if not asks_for_status and not query.codes:
        yield ~Q(status__in=HIDDEN)
    for term in query.terms:
        yield condition(term, asked)
    if query.codes:
        old = CodeAlias.objects.filter(code__in=query.codes)
        yield asked.q(code__in=query.codes) | asked.q(pk__in=old.values("ticket"))
    for sought in query.sought:
        if sought != besides:
            yield _says(sought, asked, FEW if besides is None else FEW_BESIDES)


def _says(sought: Sought, asked: Asked, few: int) -> Q:
    """Return that a ticket says what is sought, or that it does not."""
    found = hits.newest(sought.either, few + 1)
    if len(found) <= few:
        wanted = asked.q(pk__in={hit.ticket_id for hit in found})
    else:
        wanted = Q(Exists(Document.objects.filter(says(sought), ticket=asked.number)))
    return ~wanted if sought.negated else wanted


def says(sought: Sought) -> Q:
    """Return that a document says any of what is sought."""
    wanted = Q()
    for one in sought.either:
        wanted |= Q(words__says=one)
    return wanted
