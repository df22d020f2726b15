"""/tickets/CODE/participants: who takes part.  POST adds, PUT accepts a new sender, DELETE takes off the ticket."""

from __future__ import annotations

from django.db import transaction
from ninja import Query, Router
from pydantic import Field

from deskbell.api.answers import Made
from deskbell.api.bearer import ApiRequest
from deskbell.api.shapes.base import LARGEST, Listed, Part, Shape, by_number
from deskbell.api.v1.asked import ticket_of
from deskbell.api.v1.customers import Who, address_of
from deskbell.errors import NotFound
from deskbell.tickets import actions
from deskbell.tickets.models import Participant

router = Router()


class ParticipantShape(Shape):
    """An address that takes part in a ticket."""

    id: int
    email: str
    name: str
    role: str = Field(description="customer, cc or other (a new sender)")
    since_step: int
    accepted: bool = Field(description="false: is sent nothing until an agent accepts them")


@router.get("/tickets/{code}/participants", response=Listed[ParticipantShape])
def list_participants(
    request: ApiRequest, code: str, part: Query[Part]
) -> Listed[ParticipantShape]:
    """List who takes part in a ticket."""
    ticket = ticket_of(request, code)
    parties = Participant.objects.filter(ticket=ticket).select_related("address__customer")
    rows, after = by_number(parties, part, column="address_id")
    return Listed(items=[_shape(one) for one in rows], next=after)


@router.post("/tickets/{code}/participants", response={201: ParticipantShape})
def add_participant(request: ApiRequest, code: str, new: Who) -> Made:
    """Copy somebody in on what is answered from now on; a new sender is accepted by it."""
    ticket = ticket_of(request, code)
    with transaction.atomic():  # somebody is met only together with the ticket
        address = address_of(new, "")
        actions.add_participant(ticket, address, by=request.auth.actor)
    shape = _shape(_party(ticket.pk, address.pk))
    return Made(shape, f"/tickets/{ticket.code}/participants/{address.pk}")


@router.put("/tickets/{code}/participants/{int:number}", response=ParticipantShape)
def accept_participant(request: ApiRequest, code: str, number: int) -> ParticipantShape:
    """Accept a new sender: from now on they are written to."""
    ticket = ticket_of(request, code)
    party = _party(ticket.pk, number)
    actions.accept_sender(ticket, party.address, by=request.auth.actor)
    return _shape(_party(ticket.pk, number))


@router.delete("/tickets/{code}/participants/{int:number}", response={204: None})
def remove_participant(request: ApiRequest, code: str, number: int) -> None:
    """Take somebody off the ticket; the customer is changed instead."""
    ticket = ticket_of(request, code)
    party = _party(ticket.pk, number)
    actions.remove_participant(ticket, party.address, by=request.auth.actor)


def _party(ticket_id: int, number: int) -> Participant:
    parties = Participant.objects.select_related("address__customer")
    found = (
        parties.filter(ticket_id=ticket_id, address_id=number).first()
        if number <= LARGEST
        else None
    )
    if found is None:
        raise NotFound
    return found


def _shape(party: Participant) -> ParticipantShape:
    return ParticipantShape(
        id=party.address_id,
        email=party.address.value,
        name=party.address.name or party.address.customer.name,
        role=party.role,
        since_step=party.since_step,
        accepted=party.accepted,
    )
