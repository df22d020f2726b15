"""Shows what was found: the place in a text where it stands, with the words marked.  Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from deskbell.search.words import folded_word, forms_of, split, words_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from deskbell.search.looked_for import LookedFor

WIDTH = 160  # characters of a text that are shown
BEFORE = 40  # of them before the first word that was looked for
# Nobody reads on from here for the sake of a list.
LONGEST = 200_000

Span = tuple[int, int]


class Piece(NamedTuple):
    """A stretch of a text, and whether it is what was looked for."""

    text: str
    is_hit: bool


def marked(text: str, looked_for: Sequence[LookedFor]) -> tuple[Piece, ...]:
    """Return the best stretch of a text in one line, in pieces."""
    line = " ".join(text[:LONGEST].split())
    spans = _spans(line, looked_for)
    start = _best_start(line, spans)
    end = min(len(line), start + WIDTH)
    if end < len(line) and (blank := line.rfind(" ", start, end)) > start:
        end = blank
    pieces = _cut(line, [span for span in spans if start <= span[0] and span[1] <= end], start, end)
    ahead = (Piece("… ", is_hit=False),) if start else ()
    behind = (Piece(" …", is_hit=False),) if end < len(line) else ()
    return (*ahead, *pieces, *behind)


def marked_whole(text: str, looked_for: Sequence[LookedFor]) -> tuple[Piece, ...]:
    """Return a whole text in pieces."""
    return tuple(_cut(text, _spans(text, looked_for), 0, len(text)))


def _spans(text: str, looked_for: Sequence[LookedFor]) -> list[Span]:
    """Return where what is looked for stands, in order; none overlaps another."""
    there = [(start, end, word, folded_word(word)) for start, end, word in split(text)]
    found: set[Span] = set()
    for one in looked_for:
        words = words_of(one.text)
        if len(words) == 1 and not one.exact and not one.prefix:
            [wanted], forms = words, forms_of(_bare(one.text))
            found |= {
                (start, end)
                for start, end, word, folded in there
                if folded == wanted or not forms.isdisjoint(forms_of(word))
            }
        elif words:
            found |= set(_phrases(there, words, prefix=one.prefix))
    apart: list[Span] = []
    for span in sorted(found):
        if not apart or span[0] >= apart[-1][1]:
            apart.append(span)
    return apart


def _bare(text: str) -> str:
    """Return the word that a text of one word is."""
    return next(word for _start, _end, word in split(text))


def _phrases(
    there: Sequence[tuple[int, int, str, str]], words: Sequence[str], *, prefix: bool
) -> list[Span]:
    length = len(words)
    found = []
    for place in range(len(there) - length + 1):
        folded = [one[3] for one in there[place : place + length]]
        ends = folded[-1].startswith(words[-1]) if prefix else folded[-1] == words[-1]
        if ends and folded[:-1] == list(words[:-1]):
            found.append((there[place][0], there[place + length - 1][1]))
    return found


def _best_start(line: str, spans: Sequence[Span]) -> int:
    """Return where to begin so that most of what was found is shown."""
    if not spans or len(line) <= WIDTH or spans[0][1] <= WIDTH - BEFORE:
        return 0
    most = max(
        spans, key=lambda one: sum(one[0] <= s and e <= one[0] + WIDTH - BEFORE for s, e in spans)
    )
    start = max(0, most[0] - BEFORE)
    blank = line.find(" ", start, most[0])
    return blank + 1 if start and blank >= 0 else start


def _cut(text: str, spans: Sequence[Span], start: int, end: int) -> list[Piece]:
    pieces, at = [], start
    for since, till in spans:
        if since > at:
            pieces.append(Piece(text[at:since], is_hit=False))
        pieces.append(Piece(text[since:till], is_hit=True))
        at = till
    if at < end:
        pieces.append(Piece(text[at:end], is_hit=False))
    return pieces
