"""The document that a letter's HTML stands in.  The HTML is safe already; the policy here does not rely on it.

The frame may not run scripts, not even ours: the page around it measures its height from outside.
"""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urlsplit

from django.utils import translation
from selectolax.lexbor import LexborHTMLParser

from deskbell.web import assets

# What a plain page cannot show: tables that arrange, pictures, grounds in colour.
RICH = re.compile(r"<(?:img|table|center)\b|\b(?:bgcolor|background-color)\b", re.IGNORECASE)
REMOTE = re.compile(r'\sdata-remote="(?P<address>[^"]*)"')
# Colours of its own need the light paper that their writer saw; without any, words take ours, also at night.
COLOURED = re.compile(
    r'<[^<>]*\s(?:bgcolor="|color="|style="[^"<>]*(?:color|background))', re.IGNORECASE
)
# How a word looks that readers take for an address.
_ADDRESS = re.compile(
    r"(?:https?://)?(?P<host>(?:[\w-]{1,63}\.){1,8}[a-z]{2,18})(?:[/:?#]\S*)?", re.IGNORECASE
)
_LONGEST_ADDRESS = 2_000
_INVISIBLE = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def document(inside: str, *, pictures: bool) -> str:
    """Return a whole HTML document around `inside`; remote pictures get their addresses when allowed."""
    shown = REMOTE.sub(r' src="\g<address>"', inside) if pictures else inside
    language = translation.get_language() or "en"
    paper = "" if is_coloured(inside) else ' class="plain"'
    return (
        f'<!doctype html><html lang="{language}"{paper}><head><meta charset="utf-8">'
        f'<link rel="stylesheet" href="{assets.address("css/frame.css")}">'
        f'<base target="_blank"></head><body dir="auto">{with_honest_links(shown)}</body></html>'
    )


def with_honest_links(html: str) -> str:
    """Return `html`, which is safe, with where each link leads in its title.

    One whose words are an address of another place has the true one written after it.
    """
    if "<a " not in html:
        return html
    tree = LexborHTMLParser(html)
    for link in tree.css("a[href]"):
        address = link.attributes.get("href") or ""
        link.attrs["title"] = address
        host = _host(address)
        named = _ADDRESS.fullmatch(_INVISIBLE.sub("", link.text())[:_LONGEST_ADDRESS].strip())
        if host and named and not _is_same_place(named["host"].lower(), host):
            link.attrs["data-leads"] = host  # frame.css writes it after the words
    return (tree.body.inner_html or "") if tree.body is not None else html


def _host(address: str) -> str:
    """Return the name of the server as the network knows it: xn--… does not look like another one."""
    try:
        host = (urlsplit(address).hostname or "").lower()
        return host if host.isascii() else host.encode("idna").decode()
    except (ValueError, UnicodeError):
        return address[:_LONGEST_ADDRESS]


def _is_same_place(named: str, host: str) -> bool:
    named, host = named.removeprefix("www."), host.removeprefix("www.")
    return named == host or host.endswith(f".{named}")


def policy(*, pictures: bool) -> str:
    """Return what a letter may load: our pictures, when allowed everybody's, and never a script."""
    images = "'self' data: https: http:" if pictures else "'self' data:"
    return (
        "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox; "
        "default-src 'none'; style-src 'self' 'unsafe-inline'; font-src 'self'; "
        f"img-src {images}; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    )


def is_rich(html: str) -> bool:
    """Return whether a letter's HTML says more than its plain text does."""
    return bool(RICH.search(html))


def is_coloured(html: str) -> bool:
    """Return whether a letter brings colours of its own."""
    return bool(COLOURED.search(html))


def remote_pictures(html: str) -> list[str]:
    """Return of each picture that is held back the name of the server that would learn of the reading."""
    return [_host(unescape(found["address"])) for found in REMOTE.finditer(html)]
