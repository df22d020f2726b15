"""Strangers' HTML made harmless: what is not allowed by name is gone.

Pure, and idempotent.  Called by parse.py, and by whoever stores HTML that a person wrote.
Pages show the result inside a frame of its own policy besides; nothing here may rely on that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape, unescape
from urllib.parse import unquote

import nh3
from selectolax.lexbor import LexborHTMLParser

from deskbell.channels.mail.decode import clean as clean_text


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TAGS = _words(
    """
    a abbr address article aside b bdi bdo big blockquote br caption center cite code col
    colgroup dd del details dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6
    header hr i img ins kbd li main mark nav ol p pre q s samp section small span strike strong
    sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr
    """
)

_WITH_CONTENT = _words(
    """
    applet audio canvas embed head iframe math noembed noframes noscript object option script
    select style svg template textarea title video xml
    """
)

_EVERYWHERE = {"style", "dir", "lang", "title", "align", "valign", "bgcolor", "width", "height"}

ATTRIBUTES = {tag: set(_EVERYWHERE) for tag in TAGS} | {
    "a": _EVERYWHERE | {"href"},
    "img": _EVERYWHERE | {"src", "alt", "border", "hspace", "vspace", "data-remote"},
    "font": _EVERYWHERE | {"color", "face", "size"},
    "table": _EVERYWHERE | {"border", "cellpadding", "cellspacing"},
    "td": _EVERYWHERE | {"colspan", "rowspan", "nowrap"},
    "th": _EVERYWHERE | {"colspan", "rowspan", "nowrap", "scope"},
    "col": _EVERYWHERE | {"span"},
    "colgroup": _EVERYWHERE | {"span"},
    "ol": _EVERYWHERE | {"start", "type", "reversed"},
    "ul": _EVERYWHERE | {"type"},
    "li": _EVERYWHERE | {"value"},
    "details": _EVERYWHERE | {"open"},
    "time": _EVERYWHERE | {"datetime"},
}

# Nothing that fetches (url), covers other parts of the page (position, z-index) or moves.
STYLES = _words(
    """
    background-color border border-bottom border-bottom-color border-bottom-style border-bottom-
    width border-collapse border-color border-left border-left-color border-left-style border-
    left-width border-radius border-right border-right-color border-right-style border-right-
    width border-spacing border-style border-top border-top-color border-top-style border-top-
    width border-width color direction font font-family font-size font-style font-variant font-
    weight height letter-spacing line-height list-style-type margin margin-bottom margin-left
    margin-right margin-top max-width min-width overflow-wrap padding padding-bottom padding-
    left padding-right padding-top table-layout text-align text-decoration text-indent text-
    transform unicode-bidi vertical-align white-space width word-break word-spacing word-wrap
    """
)

# Pictures that come inside the letter; anything else would tell the sender that it was read.
_OWN_PICTURE = re.compile(
    r"cid:|/files/[\w-]+$|data:image/(png|jpe?g|gif|webp|bmp);base64,", re.IGNORECASE
)
_REMOTE = re.compile(r"(https?:)?//", re.IGNORECASE)
_LINK = re.compile(r"(https?://|mailto:|tel:)", re.IGNORECASE)
# Braces and angle brackets stand in no declaration: readers differ in what they make of what follows them.
_DANGEROUS_STYLE = re.compile(
    r"url\s*\(|expression\s*\(|image-set|@import|\\|/\*|[<>{}]", re.IGNORECASE
)

# No letter is a hundred screens wide; what is, hides the rest of it.
_HUGE = re.compile(r"(?<![#\w.])-?\d{5,}")
# What draws one thing over another, and so can hide what is said.
_OVER = re.compile(r"\s*margin[^:]*:.*-\s*\d*\.?\d", re.IGNORECASE)
_SIZES = {"width", "height", "border", "hspace", "vspace", "cellpadding", "cellspacing", "colspan"}

# Deeper trees than this take readers minutes and are written by nobody.
MAX_DEPTH = 400


class TooDeep(ValueError):
    """The HTML is nested deeper than any reader goes."""


def clean(html: str) -> str:
    """Return `html` with only what may be shown; remote pictures are held back in data-remote.

    Pictures of the letter itself keep their cid: address until with_files() gives them one of ours.
    Raises TooDeep.
    """
    if not html.strip():
        return ""
    tree = tree_of(html)
    hold_back_pictures(tree)
    safe = sanitised(inner(tree))
    return safe if safe.strip() else ""


def tree_of(html: str) -> LexborHTMLParser:
    """Return the tree of `html`.  Raises TooDeep."""
    if html.count("<") > MAX_DEPTH and nesting(html) > MAX_DEPTH:
        raise TooDeep
    return LexborHTMLParser(clean_text(html))


def hold_back_pictures(tree: LexborHTMLParser) -> None:
    """Move the address of each remote picture in `tree` from src to data-remote.

    One that nobody could see is there to tell of the reading only: it goes.
    """
    for picture in tree.css("img[src], img[data-remote]"):
        source = (
            picture.attributes.get("src") or picture.attributes.get("data-remote") or ""
        ).strip()
        if not _REMOTE.match(source):
            continue
        if _is_unseen(picture.attributes):
            picture.decompose()
            continue
        picture.attrs["data-remote"] = source if source[:2] != "//" else f"https:{source}"
        if "src" in picture.attributes:
            del picture.attrs["src"]


def _is_unseen(attributes: Mapping[str, str | None]) -> bool:
    style = attributes.get("style") or ""
    sizes = [attributes.get(name) or "" for name in ("width", "height")]
    return all(_DOT.fullmatch(size.strip()) for size in sizes) or bool(_UNSEEN.search(style))


_DOT = re.compile(r"[0-2](px)?")
_UNSEEN = re.compile(
    r"(?<![-\w])(?:display\s*:\s*none|visibility\s*:\s*hidden|(?:width|height)\s*:\s*[0-2](?:px)?\s*(?:;|!|$))",
    re.IGNORECASE,
)


def inner(tree: LexborHTMLParser) -> str:
    """Return what stands inside the body of `tree` as HTML."""
    return (tree.body.inner_html or "") if tree.body is not None else ""


def sanitised(html: str) -> str:
    """Return `html` with only the tags, attributes and styles that are allowed."""
    return nh3.clean(
        html,
        tags=set(TAGS),
        clean_content_tags=set(_WITH_CONTENT),
        attributes=ATTRIBUTES,
        attribute_filter=_filtered,
        url_schemes={"http", "https", "mailto", "tel", "cid", "data"},
        filter_style_properties=set(STYLES),
        link_rel="noopener noreferrer nofollow",
    )


def with_files(html: str, addresses: Mapping[str, str]) -> str:
    """Return `html`, which is safe, with the pictures of the letter at their addresses.

    addresses  Content-ID → address; a picture that is not there shows its words instead
    """

    def placed(tag: re.Match[str]) -> str:
        return _CID.sub(lambda source: address_of(source["cid"]), tag[0])

    def address_of(cid: str) -> str:
        address = addresses.get(_unescaped(cid))
        return f' src="{escape(address)}"' if address else ""

    return _PICTURE.sub(placed, html) if "cid:" in html else html


def cids(html: str) -> set[str]:
    """Return the Content-IDs of the pictures that `html`, which is safe, shows."""
    return {
        _unescaped(source["cid"])
        for tag in _PICTURE.finditer(html)
        for source in _CID.finditer(tag[0])
    }


# The sanitiser writes every value in double quotes and a quote inside one as &quot;.  All tags are
# matched, so that what looks like a picture inside the value of another tag is never taken for one.
_PICTURE = re.compile(r'<(?:img)(?:\s[^\s=>"]+="[^"]*")*\s*/?>')
_CID = re.compile(r'\ssrc="(?i:cid):(?P<cid>[^"]*)"')


def _unescaped(cid: str) -> str:
    return unquote(unescape(cid)).strip("<> ")


def _filtered(tag: str, attribute: str, value: str) -> str | None:
    value = value.strip()
    match attribute:
        case "src":
            return value if _OWN_PICTURE.match(value) else None
        case "data-remote":
            return value if tag == "img" and _REMOTE.match(value) else None
        case "href":
            return value if _LINK.match(value) else None
        case "style":
            return None if _DANGEROUS_STYLE.search(value) else _kept(value)
        case _:
            return None if attribute in _SIZES and _HUGE.search(value) else value


def _kept(style: str) -> str | None:
    """Return the declarations of `style` that neither draw one thing over another nor are huge."""
    if not style:
        return style  # nothing was left of it the first time; the second time says the same
    kept = [one for one in style.split(";") if not (_OVER.match(one) or _HUGE.search(one))]
    return ";".join(kept) or None


def nesting(html: str) -> int:
    """Return how deep the tags of `html` are nested, at the least, without building a tree."""
    depth = deepest = 0
    for tag in _TAG.finditer(html):
        if tag["name"].lower() in _NEVER_OPEN:
            continue
        depth = max(0, depth - 1) if tag["end"] else depth + 1
        deepest = max(deepest, depth)
    return deepest


_TAG = re.compile(r"<(?P<end>/?)(?P<name>[a-zA-Z][a-zA-Z0-9:]*)")

# Elements that hold nothing, or that the next of their kind closes.
_NEVER_OPEN = _words(
    """
    area base br col dd dt embed hr img input li link meta option p param source tbody td tfoot
    th thead tr track wbr
    """
)
