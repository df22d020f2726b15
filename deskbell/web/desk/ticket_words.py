"""Words for what a ticket's page shows: priorities, and how tickets are linked."""

from __future__ import annotations

from django.utils.translation import gettext as _

from deskbell.tickets.actions.link import CHOSEN
from deskbell.tickets.models import Link, Ticket


def priority_words() -> dict[int, str]:
    """Return what each priority is called, the most urgent first."""
    return {4: _("Urgent"), 3: _("High"), 2: _("Normal"), 1: _("Low")}


def relations() -> list[tuple[str, str]]:
    """Return the kinds of links that people choose, as one says them of the ticket on the page."""
    return [(kind, str(Link.Kind(kind).label)) for kind in CHOSEN]


def relation_words(link: Link, ticket: Ticket) -> str:
    """Return how `ticket` stands to the ticket at the other end of `link`."""
    if link.ticket_id == ticket.pk:
        return str(Link.Kind(link.kind).label)
    return {
        "follow_up_of": _("is followed up by"),
        "split_from": _("had split off"),
        "child_of": _("has as a part"),
    }.get(link.kind, str(Link.Kind(link.kind).label))
