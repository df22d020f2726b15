"""What a benchmark found out: how it is told, and kept for the report of bin/bench."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

NOT_COUNTED = -1


@dataclass(frozen=True)
class Figure:
    """One thing that was measured; the median is None where the desk does not offer it yet.

    cpu      milliseconds of the front's processor for each; they hardly move with what else the machine does
    rounds   how often
    unit     of the median and of p95: ms, s, min, MB, or "a second"
    queries  behind a page
    """

    name: str
    median: float | None
    p95: float | None = None
    cpu: float | None = None
    rounds: int = 0
    unit: str = "ms"
    queries: int = NOT_COUNTED


def tell(figures: Iterable[Figure]) -> None:
    """Print figures, a line each."""
    for figure in figures:
        print(f"  {figure.name:44} {_told(figure)}")


def _told(figure: Figure) -> str:
    if figure.median is None:
        return "not there yet"
    words = [f"median {figure.median:7.1f} {figure.unit}"]
    if figure.p95 is not None:
        words.append(f"p95 {figure.p95:.1f}")
    if figure.cpu is not None:
        words.append(f"processor {figure.cpu:.1f}")
    words.append(f"of {figure.rounds}")
    if figure.queries != NOT_COUNTED:
        words.append(f"{figure.queries} queries")
    return ", ".join(words)


def keep(figures: Iterable[Figure], path: str) -> None:
    """Write figures into the file `path`; "" is nowhere."""
    if path:
        Path(path).write_text(json.dumps([asdict(one) for one in figures]))


def read(path: Path) -> list[Figure]:
    """Return the figures that `keep` wrote."""
    return [Figure(**one) for one in json.loads(path.read_text())]
