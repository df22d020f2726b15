"""What stands in a copied database, in a few words; asked with plain SQL, for no Django runs when one is restored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

# What is counted, and the table that it stands in.
COUNTED = {
    "tickets": "tickets_ticket",
    "letters": "mail_letter",
    "attachments": "tickets_attachment",
}

Ask = Callable[[str], Sequence[Any]]


@dataclass(frozen=True)
class Contents:
    """Engine and its version, the team's name, counts, and for each app the newest migration."""

    engine: str
    engine_version: str
    desk: str
    counts: dict[str, int]
    migrations: dict[str, str]


def contents(ask: Ask) -> Contents:
    """Return what a database says that `ask` puts questions to; of an older version it may lack tables."""
    newest = dict(ask("SELECT app, name FROM django_migrations ORDER BY id"))
    counts = {
        word: int(ask(f"SELECT count(*) FROM {table}")[0][0])  # noqa: S608 -- our own names
        for word, table in COUNTED.items()
        if table.partition("_")[0] in newest
    }
    desks = ask("SELECT name FROM people_desk") if "people" in newest else []
    return Contents("", "", desks[0][0] if desks else "", counts, newest)
