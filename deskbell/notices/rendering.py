"""Turns the three files of a letter, templates/NAME/{subject.txt, body.txt, body.html}, into its words.

The language is the recipient's, and active before.  In the text part a line is a paragraph, as long as it is: mail
programs wrap it to their window, and one that was wrapped here would be wrapped again on a phone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.utils import translation
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from jinja2.ext import Extension

FOLDER = Path(__file__).parent / "templates"

# Between a letter and the signature (RFC 3676, 4.3); the space belongs to it.
SIGNATURE = "-- "


@dataclass(frozen=True, slots=True)
class Words:
    """What stands in a letter, as text and as HTML."""

    subject: str
    text: str
    html: str


def render(template: str, **values: Any) -> Words:
    """Return the words of a letter from the folder `template`."""
    environment = _environment()
    values["lang"] = translation.get_language() or "en"
    values["direction"] = "rtl" if translation.get_language_bidi() else "ltr"

    def text(file: str) -> str:
        return environment.get_template(f"{template}/{file}").render(values)

    subject = " ".join(text("subject.txt").split())
    values["title"] = subject
    return Words(
        subject=subject,
        text=_tidy(text("body.txt")),
        html=text("body.html").strip() + "\n",
    )


def _tidy(text: str) -> str:
    """Return `text` without spaces at the ends of lines, but for the one that signatures are known by."""
    lines = (line if line == SIGNATURE else line.rstrip() for line in text.splitlines())
    return "\n".join(lines).strip("\n") + "\n"


@cache
def _environment() -> Environment:
    extensions: list[str | type[Extension]] = ["jinja2.ext.i18n"]
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=select_autoescape(("html",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=extensions,
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=translation.gettext, ngettext=translation.ngettext, newstyle=True
    )
    return environment
