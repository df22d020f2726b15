"""Tags by name: found in any case, made when they are new."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from deskbell.errors import BadInput
from deskbell.tickets.models import Tag

if TYPE_CHECKING:
    from collections.abc import Iterable

LENGTH = 50


def tags_for(names: Iterable[str], *, make: bool) -> list[Tag]:
    """Return the tags of these names, each once.

    make  whether a new one is made; else an unknown name is left out
    Raises BadInput for a name that is empty or too long.
    """
    found: dict[str, Tag] = {}
    for name in names:
        shown = " ".join(name.split())
        if not shown or len(shown) > LENGTH:
            raise BadInput("tags", _("A tag is a word or two, of at most 50 characters."))
        key = shown.casefold()[:LENGTH]
        if key not in found and (one := _one(shown, key, make=make)) is not None:
            found[key] = one
    return list(found.values())


def _one(shown: str, key: str, *, make: bool) -> Tag | None:
    known = Tag.objects.filter(key=key).first()
    if known is not None or not make:
        return known
    # Two may name the same new tag at the same moment: both get the one that was made first.
    Tag.objects.bulk_create([Tag(name=shown, key=key)], ignore_conflicts=True)
    return Tag.objects.get(key=key)
