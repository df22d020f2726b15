"""/tickets/CODE/links: what a ticket has to do with others."""

from __future__ import annotations

from typing import Literal

from django.db.models import Q
from ninja import Query, Router
from pydantic import Field

from deskbell import access
from deskbell.api.answers import Made
from deskbell.api.bearer import ApiRequest
from deskbell.api.shapes.base import Asked, Listed, Part, Shape, by_number
from deskbell.api.v1.asked import Name, other_ticket, ticket_of
from deskbell.errors import NotFound
from deskbell.tickets import actions
from deskbell.tickets.models import Link, Ticket

router = Router()


class LinkShape(Shape):
    """A link between two tickets."""

    kind: str = Field(description=f"One of {', '.join(Link.Kind.values)}.")
    other: str = Field(description="The code of the other ticket.")
    subject: str | None = Field(description="Of the other ticket; null when you may not see it.")
    status: str | None
    made_here: bool = Field(
        description="true: this ticket is what `kind` says of the other; false: the other way round"
    )


class NewLink(Asked):
    """What a ticket has to do with another."""

    other: Name = Field(description="The code of the other ticket.")
    kind: Literal["related", "child_of", "follow_up_of"] = "related"


@router.get("/tickets/{code}/links", response=Listed[LinkShape])
def list_links(request: ApiRequest, code: str, part: Query[Part]) -> Listed[LinkShape]:
    """List the links of a ticket, in both directions."""
    ticket = ticket_of(request, code)
    both = Link.objects.filter(Q(ticket=ticket) | Q(other=ticket))
    rows, after = by_number(both.select_related("ticket__subject", "other__subject"), part)
    return Listed(items=_shapes(request, ticket, rows), next=after)


@router.post("/tickets/{code}/links", response={201: LinkShape})
def link_tickets(request: ApiRequest, code: str, new: NewLink) -> Made:
    """Link a ticket with another; the same link again changes nothing."""
    ticket, other = ticket_of(request, code), other_ticket(request, new.other, "other")
    actions.link(ticket, other, by=request.auth.actor, kind=new.kind)
    tied = Q(ticket=ticket, other=other) | Q(ticket=other, other=ticket)
    made = Link.objects.filter(tied, kind=new.kind).order_by("pk")[:1]
    [shape] = _shapes(request, ticket, list(made))
    return Made(shape, f"/tickets/{ticket.code}/links/{new.kind}/{other.code}")


@router.delete("/tickets/{code}/links/{kind}/{other}", response={204: None})
def unlink_tickets(request: ApiRequest, code: str, kind: str, other: str) -> None:
    """Take a link away; that of related tickets on either of them."""
    ticket, end = ticket_of(request, code), ticket_of(request, other)
    if kind not in Link.Kind.values:
        raise NotFound
    if actions.unlink(ticket, end, by=request.auth.actor, kind=kind) is None:
        raise NotFound


def _shapes(request: ApiRequest, ticket: Ticket, links: list[Link]) -> list[LinkShape]:
    others = {link.other_id if link.ticket_id == ticket.pk else link.ticket_id for link in links}
    seen = access.visible(request.auth.actor, Ticket.objects.filter(pk__in=others))
    visible = set(seen.values_list("pk", flat=True))
    return [_shape(link, link.ticket_id == ticket.pk, visible) for link in links]


def _shape(link: Link, made_here: bool, visible: set[int]) -> LinkShape:
    other = link.other if made_here else link.ticket
    is_seen = other.pk in visible
    return LinkShape(
        kind=link.kind,
        other=other.code,
        subject=other.subject.plain if is_seen else None,
        status=other.status if is_seen else None,
        made_here=made_here,
    )
