"""HTML to plain text and back, and paragraphs that a mail program has broken into lines (RFC 3676).

Pure; called by parse.py.  For reading and searching, so it keeps words and lines rather than looks.
"""

from __future__ import annotations

import re
from html import escape, unescape

from selectolax.lexbor import LexborHTMLParser, LexborNode

_PARAGRAPHS = frozenset(
    ("p", "blockquote", "ul", "ol", "dl", "table", "pre", "hr", "h1", "h2", "h3", "h4", "h5", "h6")
)
_LINES = frozenset(
    ("div", "tr", "dt", "dd", "section", "article", "header", "footer", "address", "center")
)
# Elements before and after which a line ends.
BLOCKS = _PARAGRAPHS | _LINES | {"li", "body"}
_SILENT = frozenset(("script", "style", "head", "title", "template", "noscript"))


def text_of_html(html: str) -> str:
    """Return the words of `html` as lines; a picture is its alternative text, a link also its address."""
    root = LexborHTMLParser(html).body
    if root is None:
        return ""
    pieces: list[str] = []
    node: LexborNode | None = root.child
    while node is not None:
        tag = node.tag or ""
        if tag == "-text":
            pieces.append(_spaces(node))
        elif tag not in _SILENT:
            pieces.append(_before(tag, node))
            if node.child is not None:
                node = node.child
                continue
        node = _next(node, root, pieces)
    return tidy("".join(pieces))


def html_of_text(text: str) -> str:
    """Return plain text as HTML with its line ends."""
    return "<div>" + escape(text, quote=False).replace("\n", "<br>") + "</div>" if text else ""


def text_of_enriched(text: str) -> str:
    """Return the words of text/enriched (RFC 1896): without its marks, one line end less in each row of them."""
    text = re.sub(r"(?is)<param>.*?</param>", "", text)
    text = re.sub(r"<(?!<)/?[a-zA-Z-]{1,60}>", "", text.replace("<<", "\x01"))
    text = re.sub(r"\n+", lambda ends: ends[0][1:] or " ", text)
    return text.replace("\x01", "<")


def words_of_anything(html: str) -> str:
    """Return what is left of `html` without tags: for HTML that is too wild for a tree."""
    without = re.sub(r"(?is)<(script|style|head)\b.*?(</\1>|$)", " ", html)
    words = unescape(re.sub(r"<[^<>]*>?", " ", without))
    return tidy(re.sub(r"[ \t]+", " ", words)).strip()


def tidy(text: str) -> str:
    """Return `text` without spaces at line ends, and with at most one empty line in a row."""
    lines = "\n".join(line.rstrip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n")


def unflow(text: str, *, delete_space: bool) -> str:
    """Return format=flowed text with its paragraphs whole again; quoted ones keep their signs."""
    out: list[str] = []
    open_depth: int | None = None  # of the line that goes on in the next one
    for line in text.split("\n"):
        signs = len(line) - len(line.lstrip(">"))
        words = line[signs:].removeprefix(" ")
        if open_depth == signs and words != "-- ":
            out[-1] += words
        else:
            out.append(f"{'>' * signs} {words}" if signs else words)
        flows = words.endswith(" ") and words != "-- "
        open_depth = signs if flows else None
        if flows and delete_space:
            out[-1] = out[-1][:-1]
    return "\n".join(out)


def _before(tag: str, node: LexborNode) -> str:
    if tag == "br":
        return "\n"
    if tag == "img":
        return node.attributes.get("alt") or ""
    if tag == "li":
        return "\n- "
    if tag in ("td", "th"):
        return " "
    return "\n\n" if tag in _PARAGRAPHS else "\n" if tag in _LINES else ""


def _after(node: LexborNode) -> str:
    tag = node.tag or ""
    if tag == "a":
        return _address_after(node)
    return "\n\n" if tag in _PARAGRAPHS else "\n" if tag in _LINES else ""


def _address_after(link: LexborNode) -> str:
    address = (link.attributes.get("href") or "").strip()
    shown = link.text().strip()
    if not address.startswith(("http://", "https://")) or not shown or shown in address:
        return ""
    return f" <{address}>"


def _next(node: LexborNode, root: LexborNode, pieces: list[str]) -> LexborNode | None:
    """Return the node after `node` in reading order, without recursion; ends of blocks are noted."""
    current: LexborNode | None = node
    # By their numbers: to compare nodes themselves is to write out all that is in them.
    while current is not None and current.mem_id != root.mem_id:
        if (current.tag or "") not in ("-text", *_SILENT):
            pieces.append(_after(current))
        if current.next is not None:
            return current.next
        current = current.parent
    return None


def _spaces(node: LexborNode) -> str:
    text = node.text_content or ""
    if "\n" in text and _in_pre(node):
        return text
    return re.sub(r"[ \t\n\r\f]+", " ", text)


def _in_pre(node: LexborNode) -> bool:
    parent = node.parent
    while parent is not None:
        if parent.tag == "pre":
            return True
        parent = parent.parent
    return False
