"""Places in a text that are covered, and with what.  Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cover:
    """The characters from `start` to before `end`, and what stands instead."""

    start: int
    end: int
    put: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a rule found in a text: how often, and what is covered for it; one find may need several covers."""

    times: int
    covers: tuple[Cover, ...]


Finder = Callable[[str], Found]

NOTHING = Found(0, ())


def merged(covers: Iterable[Cover]) -> list[Cover]:
    """Return covers in the order of the text, none over another: those that overlap are one."""
    found: list[Cover] = []
    for cover in sorted(covers, key=lambda one: (one.start, -one.end)):
        if found and cover.start < found[-1].end:
            under = found[-1]
            found[-1] = Cover(under.start, max(under.end, cover.end), under.put)
        else:
            found.append(cover)
    return found


def covered(text: str, covers: Sequence[Cover]) -> str:
    """Return `text` with what stands instead; `covers` as merged() gives them."""
    pieces: list[str] = []
    at = 0
    for cover in covers:
        pieces += (text[at : cover.start], cover.put)
        at = cover.end
    return "".join((*pieces, text[at:]))
