"""Patterns that people write, by google-re2: one search is linear in the text, whatever the pattern.  Pure."""

from __future__ import annotations

from functools import lru_cache

import re2
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from deskbell.errors import BadInput
from deskbell.masking.covers import NOTHING, Cover, Finder, Found

LONGEST_PATTERN = 500
LONGEST_PUT = 60
# A pattern may look ahead to the end of the text from each place where it begins.  So many characters are looked at
# in all, which takes some seconds; what is left of the text is then covered as a whole.
MOST_CHARACTERS = 2_000_000_000

# Whatever finds nothing in one of these may find nothing anywhere.
_SAMPLES = ("", "a", "1", " ", "a 1-b.\n")

_OPTIONS = re2.Options()
_OPTIONS.log_errors = False
_OPTIONS.never_capture = True


def checked(pattern: str, put: str) -> None:
    """Raise BadInput unless `pattern` can be searched for and `put` can stand instead, in fields of these names."""
    if not pattern:
        raise BadInput("pattern", _("Write what is to be found."))
    if len(pattern) > LONGEST_PATTERN:
        raise BadInput(
            "pattern", _("This pattern is longer than {most} characters."), most=LONGEST_PATTERN
        )
    # It finds a byte, which may be half a letter.
    if "\\C" in pattern:
        raise BadInput("pattern", _("Write a dot in place of \\C."))
    try:
        compiled = re2.compile(pattern, _OPTIONS)
    except re2.error as error:
        # What it stumbled over stands behind the colon; the words before it are worded anew.
        detail = _words_of(error).partition(": ")[2] or _words_of(error)
        raise BadInput("pattern", _why(error), detail=detail) from None
    if any(found.start() == found.end() for one in _SAMPLES for found in compiled.finditer(one)):
        raise BadInput(
            "pattern", _("This pattern also finds empty text: it would match everywhere.")
        )
    if len(put) > LONGEST_PUT or "\n" in put:
        raise BadInput("put", _("Write one line of at most {most} characters."), most=LONGEST_PUT)
    if compiled.search(put) is not None:
        raise BadInput("put", _("The pattern finds this too, so it would be masked again."))


@lru_cache(maxsize=256)
def finder_of(pattern: str, put: str) -> Finder:
    """Return what finds `pattern` and lets `put` stand instead.  Both were checked."""
    compiled = re2.compile(pattern, _OPTIONS)

    def find(text: str) -> Found:
        # Half a character is none of anybody's words, and the package would fall over it.
        readable = text.encode("utf-8", "replace").decode()
        covers: list[Cover] = []
        for match in compiled.finditer(readable):
            start, end = match.span()
            if len(covers) * len(text) > MOST_CHARACTERS:
                covers.append(Cover(start, len(text), put))
                break
            if end > start:
                covers.append(Cover(start, end, put))
        return Found(len(covers), tuple(covers)) if covers else NOTHING

    return find


def _why(error: Exception) -> str | Promise:
    told = _words_of(error)
    return next(
        (words for beginning, words in _REASONS.items() if told.startswith(beginning)),
        gettext_lazy("This pattern cannot be read: {detail}."),
    )


def _words_of(error: Exception) -> str:
    said = error.args[0] if error.args else ""
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)


# What the package says of a pattern that it cannot read, by the beginning of its words.
_REASONS: dict[str, Promise] = {
    "missing )": gettext_lazy("A bracket “(” is not closed."),
    "unexpected )": gettext_lazy("A bracket “)” was never opened."),
    "missing ]": gettext_lazy("A bracket “[” is not closed."),
    "invalid character class range": gettext_lazy(
        "There is no such range or class of characters: {detail}."
    ),
    "invalid perl operator": gettext_lazy(
        "Looking ahead or behind is not possible here, as patterns must stay quick: {detail}."
    ),
    "invalid escape sequence": gettext_lazy("This does not mean anything here: {detail}."),
    "trailing \\": gettext_lazy("Nothing follows the backslash at the end."),
    "no argument for repetition operator": gettext_lazy(
        "There is nothing before it that could be repeated: {detail}."
    ),
    "bad repetition operator": gettext_lazy("This cannot be repeated twice: {detail}."),
    "invalid repetition size": gettext_lazy("This cannot be repeated so often: {detail}."),
    "pattern too large": gettext_lazy(
        "This pattern would take too much memory: repeat less in it."
    ),
}
