"""The query language: `status:open,new dept:billing -tag:vip created:<7d from:acme.hu has:file refund* "exact words"`.

Pure: text in, a Query out.  Terms narrow each other, values of one term after a comma widen it, a minus turns around
what stands after it.  docs/agents/searching.md tells it to people.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from deskbell.errors import BadInput
from deskbell.search.looked_for import LookedFor
from deskbell.search.models import Document
from deskbell.tickets import codes

if TYPE_CHECKING:
    from collections.abc import Mapping

# How much of a mistyped name must be right, so that another is offered for it: "from" for "form".
NEAR = 0.7
# How a term may be called, and what it is about: conditions.py knows what each selects.
NAMES = {
    "status": "status",
    "dept": "department",
    "department": "department",
    "assignee": "assignee",
    "by": "by",
    "customer": "customer",
    "from": "customer",
    "to": "to",
    "company": "company",
    "tag": "tag",
    "priority": "priority",
    "channel": "channel",
    "created": "created",
    "activity": "activity",
    "due": "due",
    "postponed": "postponed",
    "resolved": "resolved",
    "closed": "closed",
    "has": "has",
    "is": "is",
    "subject": "subject",
    "note": "note",
    "file": "file",
    "case": "case",
}
# Terms whose values are words that are looked for, and in documents of which kind.
WITHIN = {
    "subject": (Document.Kind.SUBJECT,),
    "note": (Document.Kind.NOTE,),
    "file": (Document.Kind.FILE,),
    "case": (Document.Kind.CASE,),
}

# More than anybody types; each costs the database a comparison.
MOST_TERMS = 30
# What a star stands behind has at least so many letters: a shorter one begins every other word.
SHORTEST_PREFIX = 2

_PIECE = re.compile(
    r'(?P<minus>-(?=[\w"]))?(?:(?P<name>[A-Za-z_]+)(?::(?!//)|(?=[<>])))?(?P<value>(?:"[^"]*"?|[^\s"])+)'
)
_VALUE = re.compile(r'"(?P<quoted>[^"]*)"?|(?P<bare>[^",]+)')


class BadQuery(BadInput):
    """A term cannot be used; `at` says where it stands in the query: its first character and the one behind it."""

    code = "bad_query"

    def __init__(self, reason: str | Promise, start: int, end: int, **fields: object) -> None:
        super().__init__("q", reason, at=[start, end], **fields)

    @property
    def at(self) -> tuple[int, int]:
        """Where the term stands in the query."""
        start, end = self.fields["at"]
        return start, end


@dataclass(frozen=True, slots=True)
class Term:
    """One term: what it is about, and its values in small letters.

    start, end  where it stands in the query
    """

    name: str
    values: tuple[str, ...]
    negated: bool = False
    start: int = 0
    end: int = 0

    def bad(self, reason: str | Promise, **fields: object) -> BadQuery:
        """Return the error that says what is wrong with it."""
        return BadQuery(reason, self.start, self.end, **fields)


@dataclass(frozen=True, slots=True)
class Sought:
    """Words to be found on a ticket: any of these; negated: none of them."""

    either: tuple[LookedFor, ...]
    negated: bool = False


@dataclass(frozen=True)
class Query:
    """What is looked for; what is empty asks nothing.

    codes  of tickets, as they are stored
    """

    terms: tuple[Term, ...] = ()
    sought: tuple[Sought, ...] = ()
    codes: tuple[str, ...] = ()

    @cached_property
    def positive(self) -> tuple[Sought, ...]:
        """Words that have to be found."""
        return tuple(one for one in self.sought if not one.negated)

    def values(self, name: str) -> tuple[str, ...]:
        """Return all values that a term is asked to have, those of negated ones apart."""
        return tuple(
            value
            for term in self.terms
            if term.name == name and not term.negated
            for value in term.values
        )


def parse(text: str) -> Query:
    """Return the query that `text` is.  Raises BadQuery for a term that nobody knows."""
    pieces = list(_PIECE.finditer(text))
    if len(pieces) > MOST_TERMS:
        last = pieces[MOST_TERMS]
        raise BadQuery(
            _("This has too many terms; {most} are enough."),
            last.start(),
            len(text),
            most=MOST_TERMS,
        )
    terms: list[Term] = []
    sought: list[Sought] = []
    found_codes: list[str] = []
    for piece in pieces:
        name = _name_of(piece)
        if not name:
            if not piece["minus"] and (code := codes.normal(piece["value"])):
                found_codes.append(code)
            elif (word := _words(_without_name(piece))).words:
                sought.append(Sought((word,), bool(piece["minus"])))
        elif name in WITHIN:
            either = tuple(one for one in _each(piece, WITHIN[name]) if one.words)
            if either:
                sought.append(Sought(either, bool(piece["minus"])))
        elif values := _values(piece):
            terms.append(Term(name, values, bool(piece["minus"]), *piece.span()))
    return Query(_widened(terms), tuple(dict.fromkeys(sought)), tuple(dict.fromkeys(found_codes)))


def rewritten(text: str, terms: Mapping[str, str]) -> str:
    """Return the query with these terms instead of those it has of the same name; "" leaves a name out.

    terms  name, as in NAMES → its value, as it is typed
    """
    kept = [
        piece[0]
        for piece in _PIECE.finditer(text)
        if piece["minus"] or NAMES.get((piece["name"] or "").lower(), "") not in terms
    ]
    shown = {canonical: name for name, canonical in reversed(NAMES.items())}
    new = [f"{shown[name]}:{value}" for name, value in terms.items() if value]
    return " ".join((*kept, *new))


def _name_of(piece: re.Match[str]) -> str:
    """Return what a piece is about; "" for words."""
    typed = (piece["name"] or "").lower()
    if not typed:
        return ""
    if typed in NAMES:
        return NAMES[typed]
    if piece["value"][0] in "<>":  # "a<b" is no term
        return ""
    if near := get_close_matches(typed, NAMES, n=1, cutoff=NEAR):
        reason = _("There is no term “{term}:”. Did you mean “{near}:”?")
        raise BadQuery(reason, *piece.span(), term=typed, near=near[0])
    raise BadQuery(
        _("There is no term “{term}:” to search by. Put quotes around words with a colon."),
        *piece.span(),
        term=typed,
    )


def _without_name(piece: re.Match[str]) -> str:
    """Return a piece as words, with what might have been the name of a term."""
    return f"{piece['name'] or ''}{piece['value']}"


def _values(piece: re.Match[str]) -> tuple[str, ...]:
    found = _VALUE.finditer(piece["value"])
    values = ((one["quoted"] or one["bare"] or "").strip().lower() for one in found)
    return tuple(dict.fromkeys(value for value in values if value))


def _each(piece: re.Match[str], kinds: tuple[str, ...]) -> list[LookedFor]:
    return [_words(one[0], kinds) for one in _VALUE.finditer(piece["value"])]


def _words(typed: str, kinds: tuple[str, ...] = ()) -> LookedFor:
    exact = '"' in typed
    bare = typed.replace('"', " ").strip()
    letters = bare.rstrip("*").rstrip()
    prefix = bare.endswith("*") and len(letters) >= SHORTEST_PREFIX
    return LookedFor(letters, exact=exact, prefix=prefix, kinds=kinds)


def _widened(terms: list[Term]) -> tuple[Term, ...]:
    """Return the terms with those of one name made one: `status:open status:new` is `status:open,new`.

    Times narrow: `created:>7d created:<30d` lies between.
    """
    together: dict[tuple[object, ...], Term] = {}
    for place, term in enumerate(terms):
        alone = term.name in NARROWING or term.negated
        key = (term.name, place) if alone else (term.name,)
        if key in together:
            first = together[key]
            values = tuple(dict.fromkeys((*first.values, *term.values)))
            together[key] = Term(first.name, values, first.negated, first.start, term.end)
        else:
            together[key] = term
    return tuple(together.values())


TIMES = ("created", "activity", "due", "postponed", "resolved", "closed")
NARROWING = frozenset({*TIMES, "tag", "has", "is", "to"})
