"""Words of people as HTML: paragraphs, line ends, quotes and links, as somebody's mail program would write them.

Pure; for letters that leave.  The words are escaped here and nothing in them is taken for HTML.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from markupsafe import Markup, escape

from deskbell.people.wording import Line, Piece, filled

_QUOTE = Markup(
    '<blockquote style="margin:0 0 1em;padding-inline-start:14px;'
    'border-inline-start:3px solid rgb(120,135,135)">{}</blockquote>'
)


def html_of_text(text: str) -> Markup:
    """Return plain text as paragraphs; addresses of pages become links, lines after ">" a quote."""
    return html_of(filled(text, {}))


def html_of(lines: Iterable[Line]) -> Markup:
    """Return lines as paragraphs; empty ones stand between two."""
    return Markup("\n").join(_blocks(list(lines)))


def _blocks(lines: list[Line]) -> Iterator[Markup]:
    for is_quote, group in groupby(lines, _is_quote):
        if is_quote:
            yield _QUOTE.format(html_of([_without_sign(line) for line in group]))
        else:
            yield from _paragraphs(group)


def _paragraphs(lines: Iterable[Line]) -> Iterator[Markup]:
    for is_empty, group in groupby(lines, _is_empty):
        if not is_empty:
            inside = Markup("<br>\n").join(Markup("").join(map(_run, line)) for line in group)
            yield Markup('<p dir="auto">{}</p>').format(inside)


def _run(piece: Piece) -> Markup:
    if piece.link:
        return Markup('<a href="{}">{}</a>').format(piece.link, piece.text)
    # Of several spaces HTML shows one; an indent is kept.
    return escape(piece.text.replace("\t", "    ").replace("  ", " \u00a0"))


def _is_quote(line: Line) -> bool:
    return bool(line) and line[0].text.startswith(">")


def _without_sign(line: Line) -> Line:
    first = line[0].text[1:].removeprefix(" ")
    return (Piece(first, line[0].link), *line[1:])


def _is_empty(line: Line) -> bool:
    return not any(piece.text.strip() for piece in line)
