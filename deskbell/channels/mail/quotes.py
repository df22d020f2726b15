"""What is new in a letter, apart from what it repeats of earlier ones and from its signature.

Pure.  In doubt more is shown, never nothing: an answer between the quotes is shown with them, and a
letter that is all quote is shown whole.  Called by parse.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import groupby

from selectolax.lexbor import LexborHTMLParser, LexborNode

from deskbell.channels.mail import quote_words
from deskbell.channels.mail.plain import tidy

# A line that names the one who is quoted is broken by mail programs into at most so many lines.
_LINES_OF_ATTRIBUTION = 3
_CHARACTERS_OF_ATTRIBUTION = 300
# A block that repeats the headers of the letter before stands within so many lines.
_LINES_OF_HEADERS = 8
_KINDS_OF_HEADERS = 3
_LINES_OF_SIGNATURE = 20
# Beyond the signs of writing there are pictures: an emoji is an answer.
_LAST_SIGN = 0x2000


def is_forward(subject: str) -> bool:
    """Whether the subject says that the letter hands on another one: then that one is the news."""
    return quote_words.FORWARD.match(subject) is not None


def split_text(text: str) -> tuple[str, str]:
    """Return the new part of `text` and what it repeats; the first is empty only if `text` is.

    1. Cut where a whole earlier letter begins.  2. Mark the lines that are quoted.
    3. Written above or below the quote: take that.  Between the quotes: take all.
    4. Take the signature off.
    """
    lines = tidy(text).split("\n")
    cut = _whole_letter(lines)
    lines, tail = lines[:cut], lines[cut:]
    quoted = _quoted_lines(lines)
    new = [line for line, is_quoted in zip(lines, quoted, strict=True) if not is_quoted]
    if _runs(lines, quoted) > 1:
        new, rest = lines, tail
    elif not _has_words(new):
        return tidy(text), ""
    else:
        rest = [line for line, is_quoted in zip(lines, quoted, strict=True) if is_quoted] + tail
    new, signature = _without_signature(new)
    return tidy("\n".join(new)), tidy("\n".join([*signature, *rest]))


def split_html(tree: LexborHTMLParser) -> str:
    """Remove from `tree` what it repeats of earlier letters, and its signature; return that as HTML.

    The tree is left whole when nothing new would remain in it, and its quotes where the answer
    stands between them.
    """
    body = tree.body
    if body is None or body.child is None:
        return ""
    tail = _tail_of(tree)
    quotes = _outermost([*tree.css(_QUOTES), *_attributed(tree)])
    runs = _html_runs(body, [*quotes, *tail])
    if runs == 0:
        return ""
    between = runs > 1 and _html_runs(body, tail) == 1 and bool(quotes)
    removed = tail if between else _outermost([*quotes, *_attributions_of(quotes), *tail])
    signatures = [node for node in tree.css(_SIGNATURES) if not _is_inside(node, removed)]
    if _html_runs(body, [*removed, *signatures]):
        removed = _outermost([*signatures, *removed])
    html = "\n".join(node.html or "" for node in removed)
    for node in removed:
        node.decompose()
    return html


# Elements by which mail programs mark what they repeat.
_QUOTES = ", ".join(
    (
        "blockquote[type=cite]",
        "blockquote.gmail_quote",
        "div.gmail_quote",
        "div.gmail_quote_container",
        "div.gmail_extra",
        "div.yahoo_quoted",
        "div.protonmail_quote",
        "div.tutanota_quote",
        "blockquote.tutanota_quote",
        "blockquote.protonmail_quote",
        "div.zmail_extra",
        "div.moz-cite-prefix",
        "div[name=messageReplySection]",
        "blockquote[style*='border-left']",
    )
)

_COLONS = ":："

# Elements after which all is an earlier letter.
_TAILS = ", ".join(
    (
        "#divRplyFwdMsg",
        "#appendonsend",
        "hr#stopSpelling",
        "hr#zwchr",
        ".OutlookMessageHeader",
        "#mail-editor-reference-message-container",
        ".ms-outlook-mobile-reference-message",
    )
)

_SIGNATURES = ", ".join(
    (
        "div.gmail_signature",
        ".gmail_signature_prefix",
        "div.moz-signature",
        "pre.moz-signature",
        "#Signature",
        "div.protonmail_signature_block",
        "#ms-outlook-mobile-signature",
        "#AppleMailSignature",
    )
)


# Text


def _whole_letter(lines: list[str]) -> int:
    """Return the line where an earlier letter begins that goes on to the end, or how many there are."""
    for index, line in enumerate(lines):
        if _is_letter_head(lines, index, line):
            return index
    return len(lines)


def _is_letter_head(lines: list[str], index: int, line: str) -> bool:
    bare = line.strip(" \t*_>")
    if not bare:
        return _is_rule(line) and _is_header_block(_after_blank(lines, index + 1))
    if line.startswith(">"):
        return False
    if quote_words.ORIGINAL.search(line) or _is_header_block(
        lines[index : index + _LINES_OF_HEADERS]
    ):
        return True
    # Some programs name the writer and repeat the letter without any sign before its lines.
    span = _attribution(lines, index)
    if not span or not quote_words.SURELY_A_LETTER.search(" ".join(lines[index : index + span])):
        return False
    following = _after_blank(lines, index + span)
    return not (following and following[0].startswith(">"))


def _is_rule(line: str) -> bool:
    return len(line.strip()) >= len("_____") and set(line.strip()) == {"_"}


def _after_blank(lines: list[str], index: int) -> list[str]:
    while index < len(lines) and not lines[index].strip():
        index += 1
    return lines[index : index + _LINES_OF_HEADERS]


def _is_header_block(lines: list[str]) -> bool:
    """Whether the lines begin with From and repeat the other headers of a letter in some language."""
    if not lines or quote_words.header_kind(lines[0]) != "from":
        return False
    kinds = {quote_words.header_kind(line) for line in lines[:_LINES_OF_HEADERS]} - {""}
    return len(kinds) >= _KINDS_OF_HEADERS


def _quoted_lines(lines: list[str]) -> list[bool]:
    quoted = [line.startswith(">") for line in lines]
    for index, line in enumerate(lines):
        if quoted[index] or not line.strip():
            continue
        span = _attribution(lines, index)
        following = _after_blank(lines, index + span)
        if span and following and following[0].startswith(">"):
            quoted[index : index + span] = [True] * span
    return quoted


def _attribution(lines: list[str], index: int) -> int:
    """Return how many lines from `index` on say "On … Emil wrote:", or 0."""
    for span in range(1, _LINES_OF_ATTRIBUTION + 1):
        last = lines[index + span - 1].strip() if index + span <= len(lines) else ""
        if not last:
            return 0
        if last[-1] not in _COLONS:
            continue
        joined = " ".join(line.strip() for line in lines[index : index + span])
        if is_attribution(joined):
            return span
    return 0


def is_attribution(line: str) -> bool:
    """Whether `line` is what a mail program puts above a quote: a date or an address, and "wrote:"."""
    line = line.strip()
    if not line or len(line) > _CHARACTERS_OF_ATTRIBUTION or line[-1] not in _COLONS:
        return False
    return quote_words.WROTE.search(line) is not None and re.search(r"[\d@]", line) is not None


def _runs(lines: list[str], quoted: list[bool]) -> int:
    """Return in how many places something new is written; blank lines and a signature do not count."""
    end = len(lines)
    for index in range(len(lines) - 1, 0, -1):
        if not quoted[index] and lines[index].rstrip() == "--":
            end = index
            break
    marks = [quoted[i] for i in range(end) if lines[i].strip()]
    return sum(not is_quoted for is_quoted, _group in groupby(marks))


def _without_signature(lines: list[str]) -> tuple[list[str], list[str]]:
    for index in range(len(lines) - 1, 0, -1):
        if lines[index].rstrip() == "--":
            if len(lines) - index <= _LINES_OF_SIGNATURE and _has_words(lines[:index]):
                return lines[:index], lines[index:]
            break
    last = len(lines) - 1
    while last > 0 and not lines[last].strip():
        last -= 1
    if last > 0 and quote_words.SENT_FROM.match(lines[last].strip()) and _has_words(lines[:last]):
        return lines[:last], lines[last:]
    return lines, []


def _has_words(lines: list[str]) -> bool:
    return any(character.isalnum() for line in lines for character in line) or any(
        ord(character) > _LAST_SIGN for line in lines for character in line
    )


# HTML


def _tail_of(tree: LexborHTMLParser) -> list[LexborNode]:
    """Return the element where an earlier letter begins, and all that stands after it."""
    start = tree.css_first(_TAILS) or _outlook_header(tree)
    if start is None or tree.body is None:
        return []
    nodes = [start]
    current: LexborNode | None = start
    while current is not None and not _is_same(current, tree.body):
        following = current.next
        while following is not None:
            nodes.append(following)
            following = following.next
        current = current.parent
    return nodes


def _outlook_header(tree: LexborHTMLParser) -> LexborNode | None:
    """Return the box with a line above it in which Outlook repeats the headers, if there is one."""
    for box in tree.css("div[style*='border-top']"):
        lines = [line for line in (box.text(separator="\n") or "").split("\n") if line.strip()]
        # The words and what follows them are often elements of their own.
        joined = re.sub(r":\s*\n", ": ", "\n".join(lines))
        if _is_header_block([line.strip() for line in joined.split("\n")]):
            parent = box.parent
            only = parent is not None and parent.tag == "div" and _begins_with(parent, box)
            return parent if only else box
    return None


def _begins_with(node: LexborNode, element: LexborNode) -> bool:
    child = node.child
    while child is not None and (child.tag or "").startswith("-"):
        child = child.next
    return child is not None and _is_same(child, element)


def _is_same(node: LexborNode, other: LexborNode) -> bool:
    # By their numbers: `==` would write out all that is in the two, at every step of a walk.
    return node.mem_id == other.mem_id


def _attributed(tree: LexborHTMLParser) -> list[LexborNode]:
    """Return the block quotes that stand right under a line that names whom they quote."""
    return [quote for quote in tree.css("blockquote") if _attribution_of(quote) is not None]


def _attributions_of(quotes: list[LexborNode]) -> list[LexborNode]:
    found = [_attribution_of(quote) for quote in quotes]
    return [node for node in found if node is not None]


def _attribution_of(quote: LexborNode) -> LexborNode | None:
    previous = quote.prev
    while previous is not None and not _says_something(previous):
        previous = previous.prev
    if previous is not None and is_attribution(_text(previous)):
        return previous
    return None


def _outermost(nodes: list[LexborNode]) -> list[LexborNode]:
    """Return `nodes` each once and without those that stand inside another one."""
    unique = {node.mem_id: node for node in nodes}
    return [node for node in unique.values() if not _has_parent_in(node, unique)]


def _has_parent_in(node: LexborNode, nodes: dict[int, LexborNode]) -> bool:
    return any(parent.mem_id in nodes for parent in _parents(node))


def _is_inside(node: LexborNode, nodes: list[LexborNode]) -> bool:
    ids = {other.mem_id: other for other in nodes}
    return node.mem_id in ids or _has_parent_in(node, ids)


def _parents(node: LexborNode) -> Iterator[LexborNode]:
    parent = node.parent
    while parent is not None:
        yield parent
        parent = parent.parent


def _html_runs(body: LexborNode, quotes: list[LexborNode]) -> int:
    """Return in how many places outside `quotes` something stands."""
    ids = {node.mem_id for node in [*quotes, *_attributions_of(quotes)]}
    marks: list[bool] = []
    _walk(body, lambda node: node.mem_id in ids, marks)
    return sum(not is_quoted for is_quoted, _group in groupby(marks))


def _walk(body: LexborNode, is_quote: Callable[[LexborNode], bool], marks: list[bool]) -> None:
    node = body.child
    while node is not None:
        if is_quote(node):
            marks.append(True)
        elif node.child is not None and node.tag not in ("style", "script", "head", "title"):
            node = node.child
            continue
        elif _says_something(node):
            marks.append(False)
        while node is not None and node.next is None:
            node = node.parent
            if node is None or _is_same(node, body):
                return
        node = node.next if node is not None else None


def _says_something(node: LexborNode) -> bool:
    return (
        node.tag == "img"
        or bool(_text(node))
        or (node.tag != "-text" and node.css_first("img") is not None)
    )


def _text(node: LexborNode) -> str:
    if node.tag == "-text":
        return (node.text_content or "").strip("\xa0 \n\t\r\u200b")
    if (node.tag or "").startswith(("-", "style", "script")):
        return ""
    return (node.text() or "").strip("\xa0 \n\t\r\u200b")
