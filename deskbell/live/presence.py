"""Who looks at which ticket, and who types there.  In memory only: it is true now or not at all.

Pure: the time is passed in, in seconds of a clock that never jumps.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Protocol

from deskbell.access.rights import Ticketlike

# A browser repeats every few seconds that somebody types; silence means that they stopped.
TYPING_SECONDS = 8.0


Picture = list[dict[str, object]]


class Ticket(Ticketlike, Protocol):
    """A ticket as far as it is needed here: its name, and what rights ask."""

    @property
    def code(self) -> str: ...


@dataclass(frozen=True)
class Look:
    """What one visitor (a socket) looks at; typing_until lies in the past when they only read."""

    ticket: Ticket
    agent_id: int
    name: str
    typing_until: float = 0.0


class Presence:
    """One look per visitor; an agent with several sockets is shown once."""

    def __init__(self) -> None:
        self._looks: dict[Hashable, Look] = {}
        self._told: dict[str, tuple[Ticket, Picture]] = {}

    def set(self, visitor: Hashable, look: Look | None) -> None:
        """Say what a visitor looks at; None when they look away or are gone."""
        if look is None:
            self._looks.pop(visitor, None)
        else:
            self._looks[visitor] = look

    def news(self, now: float) -> list[tuple[Ticket, Picture]]:
        """Return the tickets whose picture differs from what was told last, and tell it hereby.

        A picture is [{"id": agent, "name": …, "typing": bool}, …] by name; empty when nobody looks any more.
        """
        pictures = self._pictures(now)
        gone: list[tuple[Ticket, Picture]] = [
            (ticket, []) for code, (ticket, _) in self._told.items() if code not in pictures
        ]
        changed = [
            (ticket, picture)
            for code, (ticket, picture) in pictures.items()
            if picture != self.picture(code)
        ]
        self._told = pictures
        return [*changed, *gone]

    def picture(self, code: str) -> Picture:
        """Return what was told last of a ticket."""
        return self._told[code][1] if code in self._told else []

    def _pictures(self, now: float) -> dict[str, tuple[Ticket, Picture]]:
        tickets: dict[str, Ticket] = {}
        people: dict[str, dict[int, dict[str, object]]] = {}
        for look in self._looks.values():
            code = look.ticket.code
            tickets[code] = look.ticket
            there = people.setdefault(code, {})
            types = look.typing_until > now or bool(there.get(look.agent_id, {}).get("typing"))
            there[look.agent_id] = {"id": look.agent_id, "name": look.name, "typing": types}
        return {
            code: (tickets[code], sorted(there.values(), key=_by_name))
            for code, there in people.items()
        }


def _by_name(person: dict[str, object]) -> tuple[str, str]:
    return str(person["name"]), str(person["id"])
