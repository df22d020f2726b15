"""What is new in a letter's HTML: its lines go by the rules of plain text, its marks of quotes help them.

Called by bodies.py.  It walks through the tree a fixed number of times, whatever stands in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from deskbell.channels.mail import quote_lines, quotes
from deskbell.channels.mail.plain import BLOCKS

# Elements in which mail programs put what they repeat, and nothing else.
_QUOTES = ", ".join(
    (
        "blockquote[type=cite]",
        "blockquote[cite]",
        "blockquote.gmail_quote",
        "blockquote.tutanota_quote",
        "blockquote.protonmail_quote",
        "blockquote#isReplyContent",
        "blockquote[data-email]",
        "blockquote[style*='border-left']",
        "div[name=messageReplySection]",
        "div[name=quote]",
        "div.yahoo_quoted",
        "div[id^=yahoo_quoted]",
        "div.tutanota_quote",
        "div.zmail_extra",
        "div.mail-quote-collapse",
        "div.history-quote-wrapper",
    )
)

# Elements in which they name whom they quote.
_ATTRIBUTIONS = "div.gmail_attr, div.gmail_quote_attribution, div.moz-cite-prefix, #reply-intro"

# Block quotes by which Gmail and Apple Mail indent what the writer says.
_INDENTED = ", ".join(
    (
        "blockquote[style*='0 0 0 40px']",
        "blockquote[style*='0px 0px 0px 40px']",
        "blockquote.webkit-indent-blockquote",
    )
)

# Elements that hold a quote with the line above it, but sometimes also what is written around it.
_BOXES = "div.gmail_quote, div.gmail_extra, div.protonmail_quote"

# Elements with which an earlier letter begins that goes on to the end.
_TAILS = ", ".join(
    (
        "[id$=divRplyFwdMsg]",
        "[id$=appendonsend]",
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
        ".moz-signature",
        "#Signature",
        "[id$=_Signature]",
        "div.protonmail_signature_block",
        "#ms-outlook-mobile-signature",
        ".ms-outlook-mobile-signature",
        "#AppleMailSignature",
        "div[name=messageSignatureSection]",
        "div.k9mail-signature",
        "#blue_signature",
    )
)

_SILENT = frozenset(("script", "style", "head", "title", "template", "noscript"))
_PICTURE = "\ufffc"  # what stands in a line for a picture: an answer may be one
_IN_QUOTE = ">"


@dataclass(slots=True)
class _Line:
    """One line as a reader sees it.

    pieces     what its text is put together from, while it is read
    leaves     its texts and pictures; of a quote, the element
    begins     block quotes without a mark of their own, and ends of the letter, that begin with it
    """

    text: str = ""
    pieces: list[str] = field(default_factory=list)
    leaves: list[LexborNode] = field(default_factory=list)
    begins: list[LexborNode] = field(default_factory=list)
    says_something: bool = False
    is_tail: bool = False
    is_signed: bool = False


@dataclass(slots=True)
class _Marks:
    """The numbers of the elements that say what they are."""

    quotes: set[int]
    tails: set[int]
    signatures: set[int]


def split_html(tree: LexborHTMLParser) -> str:
    """Remove from `tree` what it repeats of earlier letters, and its signature; return that as HTML.

    The tree is left whole when nothing new would remain in it.
    """
    body = tree.body
    if body is None:
        return ""
    indented = {node.mem_id for node in tree.css(_INDENTED)}
    quoted = [*tree.css(_QUOTES), *tree.css(_ATTRIBUTIONS), *_from_boxes(tree)]
    marks = _Marks(
        {node.mem_id for node in quoted if node.mem_id not in indented and not _hands_on(node)},
        {node.mem_id for node in tree.css(_TAILS)},
        {node.mem_id for node in tree.css(_SIGNATURES)},
    )
    lines = _lines(body, marks)
    attributed = {node.mem_id for node in _attributed(lines)}
    if attributed:
        marks.quotes |= attributed
        lines = _lines(body, marks)
    return _removed(body, lines, _news(lines))


def _news(lines: list[_Line]) -> list[bool]:
    tail = next((at for at, line in enumerate(lines) if line.is_tail), len(lines))
    texts = [line.text for line in lines[:tail]]
    if tail < len(lines):
        # A rule that everybody reads as the beginning of a letter.
        texts.append("----- Original Message -----")
    new = quotes.news(texts, [line.is_signed for line in lines[:tail]] + [False])
    if all(new):
        return [True] * len(lines)
    return new[:tail] + [False] * (len(lines) - tail)


def _from_boxes(tree: LexborHTMLParser) -> Iterator[LexborNode]:
    """Yield the boxes that are all quote; in others the quote has a mark of its own.

    A phone may put the new words before the quote inside the box, and a person writes below it.
    """
    for box in tree.css(_BOXES):
        if box.css_first("blockquote") is None:
            yield box


def _attributed(lines: list[_Line]) -> Iterator[LexborNode]:
    """Yield the block quotes that stand right under a line that names whom they quote."""
    texts = [line.text for line in lines]
    for at, line in enumerate(lines):
        if line.begins and at:
            above = at - 1 if texts[at - 1].strip() or at == 1 else at - 2
            if _is_named(lines[above]) or quote_lines.attribution(texts, above):
                yield line.begins[0]


def _is_named(line: _Line) -> bool:
    """Whether the line is an element that names who is quoted, in whichever words."""
    return line.text == _IN_QUOTE and line.leaves[0].css_matches(_ATTRIBUTIONS)


def _hands_on(node: LexborNode) -> bool:
    """Whether the element begins by saying that what it holds is handed on."""
    for leaf in _leaves(node):
        words = leaf.text_content or ""
        if words.strip():
            return quote_lines.is_handed_on(words.strip())
    return False


def _leaves(node: LexborNode) -> Iterator[LexborNode]:
    current = node.child
    while current is not None:
        if current.tag == "-text":
            yield current
        elif current.child is not None and current.tag not in _SILENT:
            current = current.child
            continue
        current = _next_within(current, node)


def _next_within(node: LexborNode, top: LexborNode) -> LexborNode | None:
    """Return the node after `node` and all that is in it, inside `top`."""
    current: LexborNode | None = node
    # By their numbers: `==` would write out all that is in the two, at every step of a walk.
    while current is not None and current.mem_id != top.mem_id:
        if current.next is not None:
            return current.next
        current = current.parent
    return None


# Lines


class _Reader:
    """Walks through the body once and gathers its lines."""

    def __init__(self, marks: _Marks) -> None:
        self.marks = marks
        self.lines: list[_Line] = [_Line()]
        self.signature_depth = 0

    def enter(self, node: LexborNode) -> bool:
        """Take note of `node`; return whether to look into it."""
        tag = node.tag or ""
        if node.mem_id in self.marks.quotes:
            self.end_line()
            self.say(node, _IN_QUOTE)
            self.break_line()
            return False
        if tag in BLOCKS:
            self.end_line()
        if node.mem_id in self.marks.tails:
            self.end_line()
            self.lines[-1].is_tail = True
            self.lines[-1].begins.append(node)
        elif tag == "blockquote":
            self.lines[-1].begins.append(node)
        self.signature_depth += node.mem_id in self.marks.signatures
        if tag == "-text":
            self.say(node, node.text_content or "")
        elif tag == "img":
            self.say(node, _PICTURE)
        elif tag == "br":
            self.break_line()
        elif tag in ("td", "th"):
            self.lines[-1].pieces.append(" ")
        return tag not in _SILENT

    def leave(self, node: LexborNode) -> None:
        """Take note of the end of `node`."""
        if node.mem_id in self.marks.quotes:
            return
        self.signature_depth -= node.mem_id in self.marks.signatures
        if (node.tag or "") in BLOCKS:
            self.end_line()

    def say(self, node: LexborNode, words: str) -> None:
        line = self.lines[-1]
        line.pieces.append(_WHITE.sub(" ", words))
        line.leaves.append(node)
        line.says_something = line.says_something or bool(words.strip("\xa0 \t\r\n\f"))
        line.is_signed = line.is_signed or self.signature_depth > 0

    def break_line(self) -> None:
        """End the line, also an empty one: that is a gap."""
        self.lines.append(_Line())

    def end_line(self) -> None:
        line = self.lines[-1]
        if line.is_tail or line.says_something:
            self.break_line()


_WHITE = re.compile(r"[ \t\r\n\f]+")


def _lines(body: LexborNode, marks: _Marks) -> list[_Line]:
    """Return the lines of `body`, with at most one empty one in a row."""
    reader = _Reader(marks)
    node = body.child
    while node is not None:
        if reader.enter(node) and node.child is not None:
            node = node.child
            continue
        reader.leave(node)
        while node is not None and node.next is None:
            node = node.parent
            if node is None or node.mem_id == body.mem_id:
                node = None
                break
            reader.leave(node)
        node = node.next if node is not None else None
    return _tidied(reader.lines)


def _tidied(lines: list[_Line]) -> list[_Line]:
    kept: list[_Line] = []
    for line in lines:
        words = "".join(line.pieces).replace("\xa0", " ").lstrip()
        line.text = words if words == quotes.SIGNATURE else words.rstrip()
        if kept and not line.text and not kept[-1].text and not line.is_tail:
            # What begins with an empty line begins with the next that says something.
            kept[-1].leaves += line.leaves
            kept[-1].begins += line.begins
            continue
        if kept and not kept[-1].text and kept[-1].begins and not kept[-1].is_tail:
            line.begins = kept[-1].begins + line.begins
        kept.append(line)
    return kept


# Taking out


def _removed(body: LexborNode, lines: list[_Line], new: list[bool]) -> str:
    """Take the lines that are not new out of the tree, and return them as HTML."""
    if all(new):
        return ""
    end = len(lines)
    while end and not (new[end - 1] and lines[end - 1].text.strip()):
        end -= 1
    middle = [line.leaves for line, is_new in zip(lines[:end], new, strict=False) if not is_new]
    html = ["<div>" + "".join(leaf.html or "" for leaf in leaves) + "</div>" for leaves in middle]
    tail = _tail(body, lines, new, end)
    html += [node.html or "" for node in tail]
    for node in [*(leaf for leaves in middle for leaf in leaves), *tail]:
        node.decompose()
    return "\n".join(html)


def _tail(body: LexborNode, lines: list[_Line], new: list[bool], end: int) -> list[LexborNode]:
    """Return the first element of what is not new to the very end, and all that stands after it."""
    first = next(
        (line for line, is_new in zip(lines[end:], new[end:], strict=True) if not is_new), None
    )
    if first is None or not (first.begins or first.leaves):
        return []
    start = first.begins[0] if first.is_tail else first.leaves[0]
    start = _with_rule(_outermost(start, body))
    nodes = [start]
    current: LexborNode | None = start
    while current is not None and current.mem_id != body.mem_id:
        following = current.next
        while following is not None:
            nodes.append(following)
            following = following.next
        current = current.parent
    return nodes


def _outermost(node: LexborNode, body: LexborNode) -> LexborNode:
    """Return the largest element in which nothing stands before `node`."""
    while node.parent is not None and node.parent.mem_id != body.mem_id and _is_first(node):
        node = node.parent
    return node


def _is_first(node: LexborNode) -> bool:
    previous = node.prev
    while previous is not None:
        if previous.tag != "-comment" and not (
            previous.tag == "-text" and not (previous.text_content or "").strip()
        ):
            return False
        previous = previous.prev
    return True


def _with_rule(node: LexborNode) -> LexborNode:
    previous = node.prev
    while (
        previous is not None
        and previous.tag == "-text"
        and not (previous.text_content or "").strip()
    ):
        previous = previous.prev
    return previous if previous is not None and previous.tag == "hr" else node
