"""Masks what came in by the rules that hold, and counts what each of them found.  Pure.

masking = rules.begin()
subject = masking.text(subject)
masking.times       {0: 1}: a card number, once
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from deskbell.masking.covers import Cover, Finder, covered, merged
from deskbell.masking.rich import covered_html, view_of, words_of

# Stands for the rule about card numbers where others stand by the number of their row.
CARDS = 0


@dataclass(frozen=True, slots=True)
class Mask:
    """A rule that holds.

    number  of its row; CARDS for card numbers
    name    "" for card numbers: worded when read
    """

    number: int
    name: str
    find: Finder


class Masking:
    """Masks what belongs to one thing that came in, such as a letter."""

    def __init__(self, masks: Sequence[Mask]) -> None:
        self.masks = masks
        self.times: Counter[int] = Counter()

    def text(self, text: str) -> str:
        """Return a plain text masked."""
        times, covers = self._found(text)
        self.times.update(times)
        return covered(text, covers)

    def words(self, text: str, quoted: str, html: str) -> tuple[str, str, str]:
        """Return the words of a message masked; `html` says the same as `text`, so what stands in both counts once."""
        new, covers = self._found(text)
        old, quoted_covers = self._found(quoted)
        rich, rich_covers = self._found(words_of(html))
        self.times.update((new + old) | rich)
        return (
            covered(text, covers),
            covered(quoted, quoted_covers),
            # Where each word stands takes ten times as long to find out, and most letters need it not.
            covered_html(html, view_of(html), rich_covers) if rich_covers else html,
        )

    def any_html(self, html: str) -> str:
        """Return HTML masked that is not safe, and need not be."""
        view = view_of(html, is_safe=False)
        times, covers = self._found(view.words)
        self.times.update(times)
        return covered_html(html, view, covers)

    @property
    def told(self) -> list[list[int | str]]:
        """What was masked, as JSON: number, name and how often, for each rule that found something."""
        return [
            [mask.number, mask.name, self.times[mask.number]]
            for mask in self.masks
            if self.times[mask.number]
        ]

    def _found(self, text: str) -> tuple[Counter[int], list[Cover]]:
        times: Counter[int] = Counter()
        covers: list[Cover] = []
        for mask in self.masks if text else ():
            found = mask.find(text)
            if found.times:
                times[mask.number] = found.times
                covers += found.covers
        return times, merged(covers)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text that somebody tries the rules on; `put` stands instead, None where it stays."""

    text: str
    put: str | None = None


def tried(text: str, masks: Sequence[Mask]) -> Iterator[Piece]:
    """Yield what stays of a text and what is covered, in order."""
    covers = merged(cover for mask in masks for cover in mask.find(text).covers)
    at = 0
    for cover in covers:
        if cover.start > at:
            yield Piece(text[at : cover.start])
        yield Piece(text[cover.start : cover.end], cover.put)
        at = cover.end
    if at < len(text):
        yield Piece(text[at:])


def told_of(times: Mapping[int, int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the numbers of the rules that found something and how often each, as an entry keeps them."""
    found = sorted((number, often) for number, often in times.items() if often)
    return tuple(number for number, _ in found), tuple(often for _, often in found)
