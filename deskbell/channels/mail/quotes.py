"""What is new in a letter, apart from what it repeats of earlier ones and from its signature.

Pure.  In doubt more is shown, never nothing: an answer between the quotes is shown with them, a letter
that is all quote or is handed on is shown whole.  Called by bodies.py; quotes_html.py does HTML.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from deskbell.channels.mail import quote_lines, quote_words
from deskbell.channels.mail.plain import tidy

SIGNATURE = "-- "
_LINES_OF_SIGNATURE = 20
# Without its space the sign may also part two pieces of a letter.
_LINES_OF_DOUBTFUL_SIGNATURE = 8
# Whoever says no more than this and "see below" has written into the letter that is repeated.
_CHARACTERS_OF_SEE_BELOW = 300
# Under "The screen says:" stand a few lines with signs that the writer put there.
_LINES_INTRODUCED = 5
# Beyond the signs of writing there are pictures: an emoji is an answer.
_LAST_SIGN = 0x2000


def is_forward(subject: str) -> bool:
    """Whether the subject says that the letter hands on another one: then that one is the news."""
    return quote_words.FORWARD.match(subject) is not None


def split_text(text: str) -> tuple[str, str]:
    """Return the new part of `text` and what it repeats; the first is empty only if `text` is."""
    lines = _lines(text)
    new = news(lines)
    return (
        tidy("\n".join(line for line, is_new in zip(lines, new, strict=True) if is_new)),
        tidy("\n".join(line for line, is_new in zip(lines, new, strict=True) if not is_new)),
    )


def news(lines: Sequence[str], signed: Sequence[bool] = ()) -> list[bool]:
    """Return of each line whether it is new.

    lines   not two empty ones in a row; a quote in HTML is the line ">"
    signed  of each line whether it is marked as a signature

    1. Find where a whole earlier letter begins; one that is handed on is news.  2. Mark the lines that are
    quoted, and the signature.  3. Written above or below the quote: take that.  Between the quotes: take all.
    """
    end = _letter_begins(lines)
    if any(quote_lines.is_handed_on(line) for line in lines[:end]):
        return [True] * len(lines)
    quoted = _quoted(lines[:end])
    signature = _signature(lines[:end], quoted, signed)
    new = [not (quoted[at] or signature[at]) for at in range(end)]
    if not _has_words(lines, new) or (end < len(lines) and _says_see_below(lines, new)):
        return [True] * len(lines)
    if _stands_between(lines, quoted, signature):
        new = [not is_signature for is_signature in signature]
    return new + [False] * (len(lines) - end)


def _lines(text: str) -> list[str]:
    lines = [line if line == SIGNATURE else line.rstrip() for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n").split("\n")


def _letter_begins(lines: Sequence[str]) -> int:
    return next(
        (at for at in range(len(lines)) if quote_lines.begins_letter(lines, at)), len(lines)
    )


def _quoted(lines: Sequence[str]) -> list[bool]:
    """Return of each line whether it is quoted, or names the one who is."""
    quoted = [quote_lines.is_quoted(line) for line in lines]
    for first, last in _spans(_with_initials(lines, quoted)):
        above = _above(lines, first)
        span = _named(lines, above) if above >= 0 else 0
        if span:
            quoted[above - span + 1 : above + 1] = [True] * span
        has_sign = quoted[first]
        # Initials and bars stand before other lines, too: only a named writer makes a quote of them.
        introduced = above == first - 1 >= 0 and quote_lines.introduces(lines[above])
        is_own = not span and (
            not has_sign
            or (introduced and last - first < _LINES_INTRODUCED and lines[first] != ">")
        )
        quoted[first : last + 1] = [not is_own] * (last + 1 - first)
    return quoted


def _named(lines: Sequence[str], above: int) -> int:
    """Return how many lines up to `above` name the one who is quoted under them."""
    span = quote_lines.attribution(lines, above)
    begins = above == 0 or not lines[above - 1].strip()
    return span or int(begins and quote_lines.is_name_and_wrote(lines[above]))


def _with_initials(lines: Sequence[str], quoted: Sequence[bool]) -> list[bool]:
    initials = [quote_lines.is_quoted_by_initials(line) for line in lines]
    return [
        is_quoted or has_initials for is_quoted, has_initials in zip(quoted, initials, strict=True)
    ]


def _spans(marks: Sequence[bool]) -> list[tuple[int, int]]:
    """Return the first and last index of each run of marks."""
    spans = []
    for is_marked, group in groupby(range(len(marks)), key=marks.__getitem__):
        if is_marked:
            run = list(group)
            spans.append((run[0], run[-1]))
    return spans


def _above(lines: Sequence[str], index: int) -> int:
    """Return the nearest line above `index` that is not empty, or -1."""
    above = index - 1
    while above >= 0 and not lines[above].strip():
        above -= 1
    return above


def _signature(lines: Sequence[str], quoted: Sequence[bool], signed: Sequence[bool]) -> list[bool]:
    """Return of each line whether it belongs to the signature, by which the writer says nothing new."""
    found = [bool(signed) and signed[at] and not quoted[at] for at in range(len(lines))]
    begins = _signature_begins(lines, quoted)
    if begins:
        end = _next_quoted(quoted, begins)
        found[begins:end] = [True] * (end - begins)
    rest = [at for at, line in enumerate(lines) if line.strip() and not found[at]]
    for at, following in zip(rest, [*rest[1:], len(lines)], strict=False):
        closes = following == len(lines) or quoted[following]
        stands_alone = at > 0 and (not lines[at - 1].strip() or found[at - 1])
        if closes and stands_alone and not quoted[at] and quote_words.is_sent_from(lines[at]):
            found[at] = True
    return found


def _signature_begins(lines: Sequence[str], quoted: Sequence[bool]) -> int:
    """Return the index of the last "-- " that a signature can follow, or 0."""
    for at in range(len(lines) - 1, 0, -1):
        if lines[at].rstrip() != SIGNATURE.rstrip() or quoted[at]:
            continue
        length = _next_quoted(quoted, at) - at - 1
        below = lines[at + 1 : at + 1 + length]
        if lines[at] == SIGNATURE:
            return at if length <= _LINES_OF_SIGNATURE else 0
        is_one_piece = "" not in "\n".join(below).strip("\n").split("\n") or not "".join(below)
        return at if length <= _LINES_OF_DOUBTFUL_SIGNATURE and is_one_piece else 0
    return 0


def _next_quoted(quoted: Sequence[bool], index: int) -> int:
    while index < len(quoted) and not quoted[index]:
        index += 1
    return index


def _stands_between(
    lines: Sequence[str], quoted: Sequence[bool], signature: Sequence[bool]
) -> bool:
    """Whether something new has quotes around it, or is around one; empty lines and signatures do not count."""
    marks = [quoted[at] for at in range(len(quoted)) if lines[at].strip() and not signature[at]]
    runs = [is_quoted for is_quoted, _group in groupby(marks)]
    return len(runs) > len(("quoted", "new"))


def _says_see_below(lines: Sequence[str], new: Sequence[bool]) -> bool:
    words = " ".join(line for line, is_new in zip(lines, new, strict=False) if is_new)
    return len(words) <= _CHARACTERS_OF_SEE_BELOW and quote_words.BELOW.search(words) is not None


def _has_words(lines: Sequence[str], new: Sequence[bool]) -> bool:
    return any(
        character.isalnum() or ord(character) > _LAST_SIGN
        for line, is_new in zip(lines, new, strict=False)
        if is_new
        for character in line
    )
