"""Where what is handed on begins in a letter to somebody outside: at the line that stands above it.

The desk puts that line there when an agent begins to forward (web/desk/handed_on.py), and who writes may change
everything; where it is not found, nothing is handed on as far as anybody can tell.  The desk's language is active.
"""

from __future__ import annotations

import re
from html import escape

from django.utils.translation import gettext as _

# Inside one of these stands what somebody quoted, put into a table or listed, not what is handed on.
_AROUND = re.compile(r"<(/?)(?:blockquote|div|table|ul|ol|li)\b", re.IGNORECASE)
# Marks within a line, as bold; not those of a paragraph.
_MARKS = r"(?:\s|<(?!/?(?:p|blockquote)\b)[^>]*>)*?"


def title() -> str:
    """Return the line above what is handed on."""
    return _("Forwarded:")


def parts_of_text(text: str) -> tuple[str, str]:
    """Return the writer's own words and what they hand on; "" for nothing."""
    line = re.escape(title())
    found = re.search(rf"^{line}[ \t]*\n\s*{re.escape(_('From'))}:", text, re.MULTILINE)
    return (text, "") if found is None else (text[: found.start()].rstrip(), text[found.start() :])


def parts_of_html(html: str) -> tuple[str, str]:
    """Return the same of safe HTML."""
    line = re.escape(escape(title(), quote=False))
    begins = re.compile(rf"<p\b[^>]*>{_MARKS}{line}{_MARKS}</p>\s*<blockquote\b", re.IGNORECASE)
    for found in begins.finditer(html):
        own = html[: found.start()]
        marks = [mark[1] for mark in _AROUND.finditer(own)]
        if marks.count("") == marks.count("/"):
            return _without_space_at_end(own), html[found.start() :]
    return html, ""


def _without_space_at_end(html: str) -> str:
    return re.sub(r"(?:\s*<p>(?:\s|<br\s*/?>)*</p>)+\s*\Z", "", html)
