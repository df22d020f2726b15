"""What a customer's own page shows: their ticket in plain words, and which of its forms are offered."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from deskbell import clock
from deskbell.channels.mail.models import Delivery
from deskbell.notices import portal_links
from deskbell.notices.portal_links import Place
from deskbell.people.models import Desk
from deskbell.tickets import lifecycle, portal, ratings
from deskbell.tickets.actions.rate import LONGEST_WORDS
from deskbell.tickets.actions.receive import begins_a_follow_up
from deskbell.tickets.actions.reopen import is_in_time
from deskbell.tickets.models import Message, Ticket
from deskbell.tickets.portal import Seat
from deskbell.tickets.state import state_of
from deskbell.tickets.thread import Item
from deskbell.web.forms import Form

LONGEST_TEXT = 100_000
# More files than anybody attaches by hand; how large they may be together, settings.PORTAL_LIMIT_BYTES says.
MOST_FILES = 10


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody at their page: by which link they came, and where they sit."""

    token: str
    place: Place
    seat: Seat

    @property
    def path(self) -> str:
        """Where the page is."""
        return f"{portal_links.ROOT}{self.token}"

    def path_of(self, ticket: Ticket) -> str:
        """Return the path of their page of another ticket; it is good for as long as the one that leads there."""
        place = Place(ticket.pk, self.seat.address.pk, self.place.made_at)
        return portal_links.path(place)


def show(request: HttpRequest, visit: Visit, form: Form, status: int = 200) -> HttpResponse:
    """Return the page, with what was typed in `form` and why it was refused."""
    seat = visit.seat
    ticket, state = seat.ticket, state_of(seat.ticket)
    letters = letters_of(seat)
    told = [item.message for item in letters if item.message is not None]
    context = {
        "team": Desk.get().name,
        "visit": visit,
        "ticket": ticket,
        "owns": seat.owns,
        "letters": letters,
        "mine": {one.pk for one in seat.addresses},
        "answers": ratings.of_messages(told) if seat.owns else {},
        "rated": ratings.of_tickets([ticket]).get(ticket.pk) if seat.owns else None,
        "may_rate": state.resolved_step is not None or state.rating_of(None) is not None,
        "may_resolve": seat.owns and lifecycle.allows("resolve", ticket.status, "customer"),
        "is_asked": seat.owns and ticket.status == "resolved",
        "may_reopen": seat.owns and ticket.status == "closed" and is_in_time(ticket),
        "later": [(one.ticket.code, visit.path_of(one.ticket)) for one in portal.goes_on_in(seat)],
        "follow_up": begins_a_follow_up(ticket),
        "done": request.GET.get("done", "") if request.method != "POST" else "",
        "form": form,
        "tried": _form_of(request) if form.values else None,
        "once": form.value("once") or secrets.token_urlsafe(16),
        "longest_text": LONGEST_TEXT,
        "longest_words": LONGEST_WORDS,
        "most_files": MOST_FILES,
        "limit_bytes": settings.PORTAL_LIMIT_BYTES,
    }
    return render(request, "public/portal.html", context, status=status)


def letters_of(seat: Seat) -> list[Item]:
    """Return what they see, without the answers that whoever wrote them can still take back."""
    items = portal.letters(seat)
    replies = [
        item.message.pk
        for item in items
        if item.message is not None and item.message.kind == Message.Kind.REPLY
    ]
    held = set(
        Delivery.objects.filter(
            message__in=replies, state=Delivery.State.HELD, hold_until__gt=clock.now()
        ).values_list("message_id", flat=True)
    )
    return [item for item in items if item.message is not None and item.message.pk not in held]


def _form_of(request: HttpRequest) -> str | int | None:
    """Return which form of the page was sent: the number of the answer that it rates, else the name of its address."""
    match = request.resolver_match
    return match.kwargs.get("number", match.url_name) if match else None
