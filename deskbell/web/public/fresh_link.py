"""A link to a customer's page that opens nothing (any more): its owner may have a fresh one mailed.

Whatever is the case, the page says the same: who holds a link that is not theirs learns nothing.  A fresh link goes to
the address that the old one was for, and nowhere else.
"""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from deskbell.errors import DeskError
from deskbell.notices import portal_links
from deskbell.notices.portal_links import Place
from deskbell.people.models import Desk
from deskbell.security import throttle
from deskbell.security.throttle import Limit
from deskbell.tickets import actions, portal
from deskbell.web.public.private import private, see_other

log = structlog.get_logger(__name__)

# Somebody who finds no letter presses again, once or twice.
OF_ONE = Limit("fresh link", 3, timedelta(hours=1))
OF_A_NETWORK = Limit("fresh links", 30, timedelta(hours=1))


def link_gone(request: HttpRequest, token: str, *, what: str = "page") -> HttpResponse:
    """Say that there is nothing, and offer a fresh link.

    what  "page"; "file" for a file on a page that opens
    """
    context = {
        "team": Desk.get().name,
        "token": token or "-",
        "what": what,
        "is_asked": "asked" in request.GET,
    }
    return render(request, "public/link_gone.html", context, status=404)


@csrf_exempt
@require_POST
def letter(request: HttpRequest, token: str) -> HttpResponse:
    """Mail a fresh link to whom the old one was for."""
    place = portal_links.read(token) or portal_links.recover(token)
    try:
        throttle.count((OF_A_NETWORK, throttle.network_of(request.META.get("REMOTE_ADDR", ""))))
        if place is not None:
            _mail(place)
    except DeskError as refused:
        log.info("portal.no_letter", why=refused.code)  # the answer is the same
    return private(see_other(f"{portal_links.ROOT}{token}?asked=1"))


def _mail(place: Place) -> None:
    seat = portal.seat_of(place.ticket_id, place.address_id)
    if seat is None:
        return
    throttle.count((OF_ONE, f"{place.ticket_id}-{place.address_id}"))
    actions.ask_for_portal(seat.ticket, seat.address, by=seat.by)
