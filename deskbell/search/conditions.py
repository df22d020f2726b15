"""What each term of a query selects, as conditions on tickets, or on where tickets stood.

One function for each name of query.NAMES; it raises the term's own error for a value that there is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from django.db.models import Exists, Model, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from deskbell.people import phones
from deskbell.people.models import Address, Agent, Company, Department
from deskbell.search.looked_for import LookedFor
from deskbell.search.models import Document
from deskbell.search.spans import span_of
from deskbell.tickets import lifecycle
from deskbell.tickets.models import Attachment, Link, Message, Participant, Tag, Tagging, Ticket
from deskbell.tickets.queries import ACTIVE, UNRESOLVED, Parts, survivors

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, tzinfo

    from django.db.models import QuerySet

    from deskbell.people.actors import Actor
    from deskbell.search.query import Term

M = TypeVar("M", bound=Model)

LARGEST_NUMBER = 2**63 - 1
# Up to so many customers, or tickets, are named one by one to a database; what more there are it looks for itself.
FEW = 5_000
PRIORITIES = {"low": 1, "normal": 2, "high": 3, "urgent": 4}
CHANNELS = ("mail", "form", "call", "visit", "internal", "portal", "api")
IS = ("mine", "unassigned", "overdue", "soon", "active", "ended", "merged")
HAS = ("file", "answer", "note", "outsider", "tag", "assignee", "customer", "link", "due")


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, and when.

    zone    tells whose days are meant
    prefix  leads from what is selected to the ticket: "" from tickets, "ticket__" from where they stood
    """

    by: Actor
    now: datetime
    zone: Callable[[], tzinfo]
    prefix: str = ""

    def q(self, **conditions: object) -> Q:
        """Return conditions on the ticket."""
        return Q(**{f"{self.prefix}{name}": value for name, value in conditions.items()})

    @property
    def number(self) -> OuterRef:
        """The ticket's number, for a query within."""
        return OuterRef("ticket_id" if self.prefix else "pk")


def condition(term: Term, asked: Asked) -> Q:
    """Return what a term selects.  Raises BadQuery."""
    wanted = Q()
    for value in term.values:
        wanted |= _SELECTS[term.name](value, term, asked)
    return ~wanted if term.negated else wanted


def _status(value: str, term: Term, asked: Asked) -> Q:
    if value not in lifecycle.KINDS:
        raise term.bad(_("There is no status “{status}”."), status=value)
    return Q(status=value)


def _department(value: str, term: Term, asked: Asked) -> Q:
    is_this = Q(name__iexact=value) | Q(pk=_number(value))
    found = list(Department.objects.filter(is_this).values_list("pk", flat=True))
    # Databases differ in which letters they know the small ones of.
    found = found or [
        pk for pk, name in Department.objects.values_list("pk", "name") if name.lower() == value
    ]
    if not found:
        raise term.bad(_("There is no department “{department}”."), department=value)
    return Q(department_id__in=found)


def _assignee(value: str, term: Term, asked: Asked) -> Q:
    match value:
        case "me":
            return Q(assignee_id=asked.by.id)
        case "none":
            return Q(assignee_id=None)
        case _:
            return Q(assignee_id__in=_agents(value, term, asked))


def _by(value: str, term: Term, asked: Asked) -> Q:
    """Select what an agent wrote on."""
    agents = [asked.by.id] if value == "me" else _agents(value, term, asked)
    return _said(Message.objects.filter(author_kind="agent", author_id__in=agents), asked)


def _agents(value: str, term: Term, asked: Asked) -> list[int]:
    if value == "me":
        return [asked.by.id or 0]
    is_this = Q(account__email=value) | Q(pk=_number(value))
    found = list(Agent.objects.filter(is_this).values_list("pk", flat=True))
    found = found or [
        pk for pk, name in Agent.objects.values_list("pk", "name") if _is_named(name, value)
    ]
    if not found:
        raise term.bad(_("There is no agent “{agent}”."), agent=value)
    return found


def _is_named(name: str, value: str) -> bool:
    """Whether somebody is called so: by the whole name or its first word."""
    whole = name.lower()
    return value in {whole, whole.partition(" ")[0]}


def _customer(value: str, term: Term, asked: Asked) -> Q:
    """Select by an address, a domain or a number, by a name, or by words that stood beside it when they wrote."""
    number = phones.bare(value)
    if "." in value or "@" in value or len(number) >= phones.TELLING:
        return _of(_at(value), asked)
    wrote = Document.objects.filter(words__says=LookedFor(value, by_them=True))
    is_named = asked.q(customer__name__icontains=value)
    theirs = Ticket.objects.filter(customer__name__icontains=value, pk__in=Parts(asked.number))
    named = Q(Exists(wrote.filter(ticket=asked.number))) | is_named | Q(Exists(theirs))
    return named | _of(_at(value), asked) if number else named


def _of(addresses: QuerySet[Address], asked: Asked) -> Q:
    """Select the tickets of customers with these addresses, and those into which one of theirs was merged."""
    customers = addresses.values("customer")
    few = set(addresses.values_list("customer", flat=True)[: FEW + 1])
    # Numbers of both lead a database to the few tickets by its indexes, where two questions with “or” between them
    # would have it look at every ticket.
    is_few = len(few) <= FEW
    own = asked.q(customer__in=few if is_few else customers)
    theirs = Q(customer__in=few) if is_few else Q(customer__in=customers)
    merged = Ticket.objects.filter(theirs, merged_into__isnull=False)
    parts = set(merged.values_list("merged_into_id", flat=True)[: FEW + 1])
    if not parts:
        return own
    if len(parts) <= FEW:
        return own | asked.q(pk__in=survivors(one for one in parts if one is not None))
    said = Ticket.objects.filter(customer__in=customers, pk__in=Parts(asked.number))
    return own | Q(Exists(said))


def _to(value: str, term: Term, asked: Asked) -> Q:
    """Select where somebody takes part, by an address, a domain or a phone number."""
    parties = Participant.objects.filter(address__in=_at(value))
    return Q(Exists(parties.filter(ticket=asked.number)))


def _at(value: str) -> QuerySet[Address]:
    if (number := phones.meant(value)) is not None:
        return Address.objects.filter(number)
    mails = Address.objects.filter(kind="mail")
    name, at, domain = value.rpartition("@")
    if name:
        return mails.filter(value=value)
    ends = Q(value__endswith=f"@{domain}")
    return mails.filter(ends if at else ends | Q(value__endswith=f".{domain}"))


def _company(value: str, term: Term, asked: Asked) -> Q:
    if value == "none":
        return asked.q(customer__company=None)
    found = [pk for pk, name in Company.objects.values_list("pk", "name") if value in name.lower()]
    if not found:
        raise term.bad(_("There is no company “{company}”."), company=value)
    return asked.q(customer__company__in=found)


def _tag(value: str, term: Term, asked: Asked) -> Q:
    if value == "none":
        return ~Q(Exists(Tagging.objects.filter(ticket=asked.number)))
    tag = Tag.objects.filter(key=value.casefold()).first()
    if tag is None:
        raise term.bad(_("There is no tag “{tag}”."), tag=value)
    return Q(Exists(Tagging.objects.filter(ticket=asked.number, tag=tag)))


def _priority(value: str, term: Term, asked: Asked) -> Q:
    bare = value.lstrip("<>=")
    level = PRIORITIES.get(bare, _number(bare))
    if level not in PRIORITIES.values():
        raise term.bad(_("There is no priority “{priority}”."), priority=value)
    lookup = {"": "", "<": "__lt", "<=": "__lte", ">": "__gt", ">=": "__gte"}
    sign = value.removesuffix(bare)
    if sign not in lookup:
        raise term.bad(_("There is no priority “{priority}”."), priority=value)
    return Q(**{f"priority{lookup[sign]}": level})


def _channel(value: str, term: Term, asked: Asked) -> Q:
    if value not in CHANNELS:
        raise term.bad(_("There is no channel “{channel}”."), channel=value)
    return asked.q(channel=value)


def _time(column: str, *, coming: bool = False) -> Callable[[str, Term, Asked], Q]:
    def select(value: str, term: Term, asked: Asked) -> Q:
        if value == "none":
            return asked.q(**{column: None})
        span = span_of(value, asked.now, asked.zone(), coming=coming)
        if span is None:
            raise term.bad(
                _("“{time}” is no time. Write 7d, >2w, 2026-11-01, 2026-11 or today."), time=value
            )
        since, till = span
        wanted = asked.q(**{f"{column}__isnull": False})
        wanted &= asked.q(**{f"{column}__gte": since}) if since else Q()
        return wanted & (asked.q(**{f"{column}__lt": till}) if till else Q())

    return select


def _is(value: str, term: Term, asked: Asked) -> Q:
    wanted = {
        "mine": lambda: Q(assignee_id=asked.by.id, status__in=UNRESOLVED),
        "unassigned": lambda: Q(assignee_id=None, status__in=UNRESOLVED),
        "overdue": lambda: asked.q(due_at__lte=asked.now),
        "soon": lambda: asked.q(due_at__gt=asked.now, warns_at=None),
        "active": lambda: Q(status__in=ACTIVE),
        "ended": lambda: Q(status="closed"),
        "merged": lambda: Q(Exists(Ticket.objects.filter(merged_into=asked.number))),
    }
    if value not in wanted:
        raise term.bad(
            _("Nothing is “{value}”. There is: {list}."), value=value, list=", ".join(IS)
        )
    return wanted[value]()


def _has(value: str, term: Term, asked: Asked) -> Q:
    wanted = {
        "file": lambda: _said(Attachment.objects.filter(inline=False), asked, "message__ticket"),
        "answer": lambda: _said(Message.objects.filter(kind="reply"), asked),
        "note": lambda: _said(Message.objects.filter(kind="note"), asked),
        "outsider": lambda: _said(Message.objects.filter(kind="outside"), asked),
        "tag": lambda: _exists(Tagging.objects.filter(ticket=asked.number)),
        "assignee": lambda: Q(assignee_id__isnull=False),
        "customer": lambda: asked.q(customer__isnull=False),
        "link": lambda: _exists(Link.objects.filter(ticket=asked.number)),
        "due": lambda: asked.q(due_at__isnull=False),
    }
    if value not in wanted:
        raise term.bad(
            _("Nothing has “{value}”. There is: {list}."), value=value, list=", ".join(HAS)
        )
    return wanted[value]()


def _exists(rows: QuerySet[M]) -> Q:
    return Q(Exists(rows))


def _said(rows: QuerySet[M], asked: Asked, ticket: str = "ticket") -> Q:
    """Return that there are such rows of the ticket, or of one that was merged into it.

    ticket  leads from a row to the ticket on which it was said, where a merge leaves it
    """
    own = _beside(rows, ticket, asked)
    has_parts = _beside(Ticket.objects.all(), "merged_into", asked)
    of_parts = rows.filter(**{f"{ticket}__in": Parts(asked.number)})
    return _exists(own) | (_exists(has_parts) & _exists(of_parts))


def _beside(rows: QuerySet[M], ticket: str, asked: Asked) -> QuerySet[M]:
    """Return those of the ticket, to be looked up by their index for each ticket that a list comes by."""
    # Beside an “or”, PostgreSQL would rather read every row of the table first; the second condition, which adds
    # nothing, keeps it from that (convert_EXISTS_to_ANY).
    return rows.filter(**{ticket: asked.number, f"{ticket}__gte": asked.number})


def _number(value: str) -> int:
    """Return the number that `value` is; 0, which nobody has, when it is none."""
    is_number = value.isascii() and value.isdecimal() and len(value) < 20  # noqa: PLR2004
    return min(int(value), LARGEST_NUMBER) if is_number else 0


_SELECTS: dict[str, Callable[[str, Term, Asked], Q]] = {
    "status": _status,
    "department": _department,
    "assignee": _assignee,
    "by": _by,
    "customer": _customer,
    "to": _to,
    "company": _company,
    "tag": _tag,
    "priority": _priority,
    "channel": _channel,
    "created": _time("created_at"),
    "activity": _time("last_activity_at"),
    "due": _time("due_at", coming=True),
    "postponed": _time("postponed_until", coming=True),
    "resolved": _time("resolved_at"),
    "closed": _time("closed_at"),
    "is": _is,
    "has": _has,
}
