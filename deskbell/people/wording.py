"""Texts that a team writes for its letters: words with a few places that are filled when a letter leaves.

A place is a known name in braces: {code}, or {name|there} with what stands there when nothing is known.  Nothing else
is special, and what is filled in is never looked at again, so neither a team nor a customer can make more of a text
than words, nor a customer a link of ours.  Pure.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from html import escape, unescape
from urllib.parse import quote

from django.utils.translation import gettext as _

from deskbell.errors import BadInput

# The letters whose words a team may write, each with the places that it has.
PLACES: dict[str, tuple[str, ...]] = {
    "answer": ("answer", "name", "code", "subject", "agent", "team", "department"),
    "signature": ("signature", "agent", "team", "department"),
    "acknowledgement": ("name", "code", "subject", "team", "department"),
    "ask_if_solved": ("name", "code", "subject", "agent", "team", "department"),
    "portal": ("name", "code", "subject", "team", "department"),
}
# What others have written already and only put around: it stands there once, or would be lost or told twice.
NEEDED = {"answer": "answer"}
# A letter longer than this is read by nobody.
LONGEST = 4000

_PLACE = r"\{(?P<place>\w+)(?:\|(?P<otherwise>[^{}\n]*))?\}"
_LINK = r"https?://(?:[^\s<>\"'{}]|\{\w+(?:\|[^{}\n]*)?\})+"
_PLACES = re.compile(_PLACE)
_SPECIAL = re.compile(f"(?P<link>{_LINK})|{_PLACE}")
_TAG = re.compile(r"<[^>]*>")
_PLACE_OR_TAG = re.compile(f"{_TAG.pattern}|{_PLACE}")
# Ends of a sentence that stand behind an address and do not belong to it.
_AFTER_LINK = ".,;:!?]"
# They turn the reading direction around: a customer's name must not mirror the words after it.
_BIDI = re.compile(r"[\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words; link is the address that it leads to, "" for none."""

    text: str
    link: str = ""


Line = tuple[Piece, ...]


def checked_wording(text: str, field: str, letter: str) -> str:
    """Return `text` with its line ends put right; "" stays "".

    letter  one of PLACES
    Raises BadInput when it is too long, names an unknown place, or lacks the one that is needed.
    """
    clean = "\n".join(line.rstrip() for line in text.replace("\x00", "").splitlines()).strip()
    require_known_places(clean, field, PLACES[letter], LONGEST)
    needed = NEEDED.get(letter)
    found = [place["place"] for place in _PLACES.finditer(clean)]
    if clean and needed and found.count(needed) != 1:
        raise BadInput(
            field,
            _("%(place)s has to stand in it once: there go the words of the agent.")
            % {"place": f"{{{needed}}}"},
        )
    return clean


def require_known_places(text: str, field: str, places: Collection[str], longest: int) -> None:
    """Raise BadInput when `text`, words or HTML, is longer than `longest` or has a place that is none of `places`."""
    if len(text) > longest:
        raise BadInput(field, _("This is too long; %(n)d letters fit.") % {"n": longest})
    found = [place["place"] for place in _PLACES.finditer(text)]
    if unknown := [name for name in dict.fromkeys(found) if name not in places]:
        raise BadInput(
            field,
            _("Nothing is known to put in place of %(unknown)s; there are %(known)s.")
            % {"unknown": _in_braces(unknown), "known": _in_braces(places)},
        )


def without_places(text: str) -> str:
    """Return the words of `text` that stand there whatever is filled in."""
    return _PLACES.sub(" ", text)


def parts_around(text: str, name: str) -> tuple[str, str] | None:
    """Return what stands before and after the place `name` in `text`; None when it does not stand there."""
    place = next((one for one in _PLACES.finditer(text) if one["place"] == name), None)
    return (text[: place.start()], text[place.end() :]) if place else None


def filled_wording(text: str, values: Mapping[str, str]) -> str:
    """Return `text` with its places filled, each value on one line; what is no place stays as it is."""
    return "\n".join("".join(piece.text for piece in line) for line in filled(text, values))


def filled(text: str, values: Mapping[str, str]) -> list[Line]:
    """Return the lines of `text` with its places filled and its links found.

    A line of nothing but places that stay empty goes, as a name does that nobody knows.
    """
    lines = []
    for line in text.splitlines():
        pieces = tuple(_pieces(line, values))
        is_left_empty = line.strip() and not "".join(piece.text for piece in pieces).strip()
        if not is_left_empty:
            lines.append(pieces)
    return lines


def filled_html(html: str, values: Mapping[str, str]) -> str:
    """Return safe HTML with the places among its words filled by words; those inside of tags stay as they are.

    What is filled in is escaped for words and for attributes alike, so that it can never become more than words.
    """
    return _PLACE_OR_TAG.sub(lambda found: _html_value(found, values), html)


def _html_value(found: re.Match[str], values: Mapping[str, str]) -> str:
    if found["place"] not in values:
        return found[0]
    # What stands there otherwise is HTML already; the value is not.
    otherwise = unescape(_TAG.sub("", found["otherwise"] or ""))
    return escape(_on_one_line(values[found["place"]]) or otherwise)


def _pieces(line: str, values: Mapping[str, str]) -> Iterator[Piece]:
    at = 0
    for found in _SPECIAL.finditer(line):
        yield Piece(line[at : found.start()])
        at = found.end()
        if found["link"] is None:
            yield Piece(_value(found, values))
            continue
        address = _without_the_sentence(found["link"])
        at -= len(found["link"]) - len(address)
        whole = _PLACES.sub(lambda place: quote(_value(place, values), safe="{|}"), address)
        yield Piece(whole, whole)
    yield Piece(line[at:])


def _without_the_sentence(address: str) -> str:
    bare = address.rstrip(_AFTER_LINK)
    return bare if "(" in bare else bare.rstrip(_AFTER_LINK + ")")


def _value(place: re.Match[str], values: Mapping[str, str]) -> str:
    if place["place"] not in values:
        return place[0]
    return _on_one_line(values[place["place"]]) or place["otherwise"] or ""


def _on_one_line(value: str) -> str:
    return " ".join(_BIDI.sub("", value).split())


def _in_braces(names: Collection[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in names)
