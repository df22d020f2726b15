"""The document that a letter's HTML stands in.  The HTML is safe already; the policy here does not rely on it.

The frame may not run scripts, not even ours: the page around it measures its height from outside.
"""

from __future__ import annotations

import re

from django.utils import translation

from deskbell.web import assets

# What a plain page cannot show: tables that arrange, pictures, grounds in colour.
RICH = re.compile(r"<(?:img|table|center)\b|\b(?:bgcolor|background-color)\b", re.IGNORECASE)
REMOTE = re.compile(r'\sdata-remote="')


def document(inside: str, *, pictures: bool) -> str:
    """Return a whole HTML document around `inside`; remote pictures get their addresses when allowed."""
    shown = REMOTE.sub(' src="', inside) if pictures else inside
    language = translation.get_language() or "en"
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f'<link rel="stylesheet" href="{assets.address("css/frame.css")}">'
        f'<base target="_blank"></head><body dir="auto">{shown}</body></html>'
    )


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


def has_remote_pictures(html: str) -> bool:
    """Return whether pictures are held back that would tell the sender that the letter was read."""
    return bool(REMOTE.search(html))
