"""Texts that a team writes for letters of the desk: words with a few places that are filled when a letter leaves.

A place is a known name in braces, {code}.  Nothing else is special, and what is filled in is never looked at again,
so neither a team nor a customer can make more of a text than words.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.utils.translation import gettext as _

from deskbell.errors import PLACE, BadInput

# What may stand in an acknowledgement.
OF_ACKNOWLEDGEMENTS = ("name", "code", "subject", "team")
# A letter longer than this is read by nobody.
LONGEST = 4000


def checked_wording(text: str, field: str, places: Collection[str]) -> str:
    """Return `text` with its line ends put right.  Raises BadInput when it is too long or names an unknown place."""
    clean = "\n".join(line.rstrip() for line in text.replace("\x00", "").splitlines()).strip()
    if len(clean) > LONGEST:
        raise BadInput(field, _("This is too long; %(n)d letters fit.") % {"n": LONGEST})
    for place in PLACE.finditer(clean):
        if place[1] not in places:
            known = ", ".join(f"{{{name}}}" for name in places)
            raise BadInput(
                field,
                _("%(place)s stands for nothing; there are %(known)s.")
                % {"place": place[0], "known": known},
            )
    return clean


def filled_wording(text: str, values: Mapping[str, str]) -> str:
    """Return `text` with its places filled, each value on one line; what is no place stays as it is."""
    return PLACE.sub(lambda place: " ".join(values.get(place[1], place[0]).split()), text)
