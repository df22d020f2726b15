"""What a canned answer says for one ticket: the text in the right language, with its places filled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import translation

from deskbell import languages
from deskbell.people.models import Agent, Customer, Department, Desk
from deskbell.people.wording import filled_html, filled_wording
from deskbell.people.zones import desk_zone
from deskbell.search.words import languages_of, words_of
from deskbell.tickets.models import Message, Ticket
from deskbell.tickets.queries import numbers_of

if TYPE_CHECKING:
    from deskbell.knowledge.models import CannedText

# What can be filled in; values_for says with what.
PLACES = (
    "first_name", "name", "company", "code", "subject", "due", "agent", "team", "department",
)  # fmt: skip
# Of a letter so much is read to tell its language, or what it is about.
READ = 5_000
# The newest messages of a customer that tell in which language they write.
LOOKED_INTO = 5
# The search knows two languages for a text whose own is plain: that one, and Russian for words in its script.
_PLAIN = 2


@dataclass(frozen=True, slots=True)
class About:
    """What an answer is about; "" and None where nothing is known.

    name       the customer's
    due_at     until when they were promised an answer
    languages  in which they would rather be answered, the best first
    """

    name: str = ""
    company: str = ""
    code: str = ""
    subject: str = ""
    department: str = ""
    due_at: datetime | None = None
    languages: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Filled:
    """What is said for a ticket; html: the same with its looks, safe, "" where it has none."""

    plain: str
    html: str
    language: str


def about_ticket(ticket: Ticket) -> About:
    """Return what is known of a ticket."""
    customer = ticket.customer
    return About(
        name=customer.name if customer else "",
        company=company_of(customer),
        code=ticket.code,
        subject=ticket.subject.plain,
        department=ticket.department.name,
        due_at=ticket.due_at,
        languages=languages_on(ticket),
    )


def company_of(customer: Customer | None) -> str:
    """Return the name of a customer's company, "" for none."""
    return customer.company.name if customer and customer.company else ""


def languages_for(customer: Customer | None, said: Iterable[str] = ()) -> list[str]:
    """Return in which languages to answer: the customer's, else that of what they said, then the desk's.

    said  the newest first: the language of the first counts in which it is plain; of "Thanks!" it is not
    """
    known = customer.language if customer else ""
    spoken = known or next(filter(None, map(_language_of, said)), "")
    wishes = [spoken, Desk.get().language]
    return [one for one in dict.fromkeys(languages.nearest(wish) for wish in wishes if wish) if one]


def languages_on(ticket: Ticket) -> list[str]:
    """Return in which languages to answer a ticket."""
    return languages_for(ticket.customer, _said_last(ticket, LOOKED_INTO))


def last_words(ticket: Ticket) -> str:
    """Return what the customer said last; "" for nothing."""
    return next(_said_last(ticket, 1), "")


def _said_last(ticket: Ticket, most: int) -> Iterator[str]:
    """Yield what the customer said, on parts too, the newest first; nothing is asked before the first is wanted."""
    said_here = Message.objects.filter(ticket__in=numbers_of(ticket), kind=Message.Kind.CUSTOMER)
    found = said_here.order_by("-id")
    for said in found.values_list("text__plain", flat=True)[:most]:
        yield said[:READ]


def in_language(texts: Sequence[CannedText], wishes: Sequence[str]) -> CannedText | None:
    """Return the text in the first language of `wishes` that there is, else the one written first; None without any."""
    by_language = {one.language: one for one in texts}
    found = next((by_language[one] for one in wishes if one in by_language), None)
    return found or next(iter(texts), None)


def fill(plain: str, html: str, language: str, about: About, agent: Agent) -> Filled:
    """Return a text with its places filled."""
    values = values_for(about, agent, language)
    return Filled(filled_wording(plain, values), filled_html(html, values), language)


def values_for(about: About, agent: Agent, language: str) -> dict[str, str]:
    """Return what fills each of PLACES in a text of this language; "" where nothing is known."""
    return {
        "first_name": first_name(about.name, language),
        "name": about.name,
        "company": about.company,
        "code": about.code,
        "subject": about.subject,
        "due": _moment(about.due_at, language),
        "agent": agent.name,
        "team": Desk.get().name or about.department,
        "department": about.department,
    }


def first_name(name: str, language: str) -> str:
    """Return the given name out of a whole one: before the family's, in Hungarian after it, and after a comma."""
    family, comma, given = name.partition(",")
    parts = (given if comma and given.strip() else family).split()
    if not parts or "@" in name:
        return ""
    return parts[-1] if language == "hu" and not comma else parts[0]


def a_department(department: Department | None) -> str:
    """Return the name of a department, "" for none."""
    return department.name if department else ""


def _language_of(said: str) -> str:
    found = languages_of(words_of(said)) if said else ()
    return found[0] if len(found) == _PLAIN else ""


def _moment(at: datetime | None, language: str) -> str:
    if at is None:
        return ""
    local = at.astimezone(desk_zone())
    with translation.override(languages.nearest(language) or languages.SOURCE):
        return f"{languages.day(local.date(), with_year=True)}, {languages.time_of_day(local)}"
