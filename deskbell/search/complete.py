"""What may be meant while a query is typed: names of terms, and their values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deskbell import access
from deskbell.people import phones
from deskbell.people.models import Address, Agent, Company, Department
from deskbell.search.conditions import CHANNELS, HAS, IS, PRIORITIES
from deskbell.search.query import NAMES, TIMES
from deskbell.search.words import fold
from deskbell.tickets import lifecycle
from deskbell.tickets.models import Tag

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from deskbell.people.actors import Actor

    Offers = Sequence[tuple[str, str]]

MOST = 8
# The piece of a query that ends at the caret: a term with the value being typed, or the beginning of a word.
_TYPED = re.compile(
    r'(?P<minus>-?)(?:(?P<name>[A-Za-z_]+):(?P<before>(?:"[^"]*",|[^\s",]+,)*))?(?P<begun>"[^"]*|[^\s",]*)$'
)

# Each term as it is offered, with an example that tells what it takes.
EXAMPLES = {
    "status": "open,new",
    "dept": "billing",
    "assignee": "me",
    "from": "emil@acme.example",
    "to": "frida@acme.example",
    "company": "acme",
    "tag": "vip",
    "priority": ">=high",
    "channel": "mail",
    "by": "me",
    "created": "<7d",
    "activity": ">2w",
    "due": "<1h",
    "postponed": "today",
    "resolved": "2026-11",
    "closed": "yesterday",
    "is": "overdue",
    "has": "file",
    "subject": "refund",
    "note": "phone",
    "file": "invoice",
    "case": "cause",
}
PAST = ("today", "yesterday", "<7d", "<30d", ">30d")
COMING = ("<1h", "today", "tomorrow", "<7d", "none")


@dataclass(frozen=True, slots=True)
class Completions:
    """What may stand instead of what is typed.

    start, end  where that stands in the query
    offers      what to put there, and what it is: an example, or a name
    """

    start: int
    end: int
    offers: tuple[tuple[str, str], ...] = ()


def complete(actor: Actor, text: str, caret: int) -> Completions:
    """Return at most MOST completions of what ends at the caret, a place in `text`."""
    found = _TYPED.search(text[:caret])
    if found is None:
        return Completions(caret, caret)
    begun = found["begun"].lstrip('"')
    if found["name"] is None:
        return Completions(found.start("begun"), caret, _names(begun))
    name = NAMES.get(found["name"].lower(), "")
    values = _VALUES[name](actor, fold(begun)) if name in _VALUES else ()
    fitting = [one for one in values if _fits(one, begun)][:MOST]
    offers = tuple((f"{_quoted(value)} ", says) for value, says in fitting)
    return Completions(found.start("begun"), caret, offers)


def _names(begun: str) -> tuple[tuple[str, str], ...]:
    if not begun:
        return ()
    names = [name for name in EXAMPLES if name.startswith(begun.lower())]
    return tuple((f"{name}:", f"{name}:{EXAMPLES[name]}") for name in names[:MOST])


def _fits(one: tuple[str, str], begun: str) -> bool:
    wanted = fold(begun)
    return any(
        folded.startswith(wanted) or f" {wanted}" in folded
        for folded in (fold(one[0]), fold(one[1]))
    ) or phones.begins(one[0], begun)


def _quoted(value: str) -> str:
    return f'"{value}"' if re.search(r'[\s,"]', value) else value


def _fixed(*values: str) -> Callable[[Actor, str], Offers]:
    return lambda _actor, _begun: [(value, "") for value in values]


def _departments(actor: Actor, _begun: str) -> Offers:
    sight = access.sight_of(actor)
    working = Department.objects.filter(archived_at=None).order_by("name")
    return [(one.name, "") for one in working if sight.covers(one.pk, None)]


def _agents(*first: str) -> Callable[[Actor, str], Offers]:
    def offer(_actor: Actor, _begun: str) -> Offers:
        here = Agent.objects.filter(archived_at=None).select_related("account").order_by("name")
        return [*((one, "") for one in first), *((one.account.email, one.name) for one in here)]

    return offer


def _tags(_actor: Actor, begun: str) -> Offers:
    tags = Tag.objects.filter(archived_at=None).order_by("name")
    return [(name, "") for name in tags.values_list("name", flat=True) if begun in fold(name)]


def _companies(actor: Actor, _begun: str) -> Offers:
    if not access.may(actor, "see_customers"):
        return []
    return [(name, "") for name in Company.objects.order_by("name").values_list("name", flat=True)]


def _customers(actor: Actor, begun: str) -> Offers:
    if len(begun) < 2 or not access.may(actor, "see_customers"):  # noqa: PLR2004
        return []
    theirs = Address.objects.filter(customer__erased_at=None).order_by("-pk")
    offered = theirs.values_list("value", "customer__name")
    number = phones.begun(begun)
    called = [] if number is None else list(offered.filter(number)[:MOST])
    return [*offered.filter(kind="mail", value__startswith=begun)[:MOST], *called]


_VALUES: dict[str, Callable[[Actor, str], Offers]] = {
    "status": _fixed(*lifecycle.KINDS),
    "department": _departments,
    "assignee": _agents("me", "none"),
    "by": _agents("me"),
    "customer": _customers,
    "to": _customers,
    "company": _companies,
    "tag": _tags,
    "priority": _fixed(*PRIORITIES, ">=high"),
    "channel": _fixed(*CHANNELS),
    "is": _fixed(*IS),
    "has": _fixed(*HAS),
    **{name: _fixed(*PAST) for name in TIMES},
    "due": _fixed(*COMING),
    "postponed": _fixed(*COMING),
}
