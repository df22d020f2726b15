"""The query language: `status:open,new dept:billing assignee:me ABC-DEFGH-123 words "as they stand"`.

Pure: text in, a Query out.  Terms narrow each other, values of one term after a comma widen it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from deskbell.errors import BadInput
from deskbell.tickets import codes, lifecycle

# How a term may be called, and what it is about.
TERMS = {
    "status": "statuses",
    "dept": "departments",
    "department": "departments",
    "assignee": "assignees",
    "customer": "customers",
    "from": "customers",
}

# More words than anybody types; each costs the database a comparison.
MOST_TERMS = 30

_PIECE = re.compile(r'(?:(?P<name>[A-Za-z_]+):(?!//))?(?P<value>(?:"[^"]*"?|[^\s"])+)')
_VALUE = re.compile(r'"(?P<quoted>[^"]*)"?|(?P<bare>[^",]+)')


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for; an empty field asks nothing.

    statuses     as in lifecycle.py
    departments  names or numbers
    assignees    me, none, a number or a mail address
    customers    mail addresses
    codes        of tickets, as they are stored
    words        all of which stand in the subject
    """

    statuses: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    customers: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


def parse(text: str) -> Query:
    """Return the query that `text` is.  Raises BadInput for a term that nobody knows."""
    found: dict[str, list[str]] = {}
    pieces = list(_PIECE.finditer(text))
    if len(pieces) > MOST_TERMS:
        raise BadInput("q", _("This has too many terms; {most} are enough."), most=MOST_TERMS)
    for piece in pieces:
        kind, values = _read(piece)
        found.setdefault(kind, []).extend(values)
    return Query(**{kind: tuple(dict.fromkeys(values)) for kind, values in found.items()})


def _read(piece: re.Match[str]) -> tuple[str, list[str]]:
    name = (piece["name"] or "").lower()
    if not name:
        return _bare(piece["value"])
    if name not in TERMS:
        raise BadInput("q", _("There is no term “{term}:” to search by."), term=name)
    values = [
        (value["quoted"] or value["bare"] or "").strip().lower()
        for value in _VALUE.finditer(piece["value"])
    ]
    kind = TERMS[name]
    if kind == "statuses":
        _require_statuses(values)
    return kind, [value for value in values if value]


def _bare(value: str) -> tuple[str, list[str]]:
    if code := codes.normal(value):
        return "codes", [code]
    words = value.replace('"', "").strip()
    return "words", [words] if words else []


def _require_statuses(values: list[str]) -> None:
    for value in values:
        if value not in lifecycle.KINDS:
            raise BadInput("q", _("There is no status “{status}”."), status=value)
