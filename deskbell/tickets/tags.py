"""Tags by name: found in any case, made when they are new."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from deskbell.errors import BadInput
from deskbell.tickets.models import Tag, Tagging

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

LENGTH = 50


def tags_for(names: Iterable[str], *, make: bool) -> list[Tag]:
    """Return the tags of these names, each once.

    make  whether a new one is made; else an unknown name is left out
    Raises BadInput for a name that is empty or too long.
    """
    shown: dict[str, str] = {}
    for name in names:
        words = " ".join(name.split())
        if not words or len(words) > LENGTH:
            raise BadInput("tags", _("A tag is a word or two, of at most 50 characters."))
        shown.setdefault(words.casefold()[:LENGTH], words)
    known = _known(shown)
    # Two may name the same new tags at the same moment: both get those that were made first, and neither waits for
    # the other, since both make them in the order of their keys.
    if make and (new := sorted(shown.keys() - known.keys())):
        made = (Tag(name=shown[key], key=key) for key in new)
        Tag.objects.bulk_create(made, ignore_conflicts=True)
        known |= _known(new)
    return [known[key] for key in shown if key in known]


def names_of(tickets: Collection[int]) -> dict[int, tuple[str, ...]]:
    """Return the names of the tags that tickets carry, by the ticket's number, in the order of the names; one query."""
    found: dict[int, tuple[str, ...]] = {}
    tagged = Tagging.objects.filter(ticket__in=tickets).order_by("tag__name", "tag_id")
    for ticket, name in tagged.values_list("ticket_id", "tag__name"):
        found[ticket] = (*found.get(ticket, ()), name)
    return found


def _known(keys: Iterable[str]) -> dict[str, Tag]:
    return {tag.key: tag for tag in Tag.objects.filter(key__in=list(keys))}
