"""/tickets/CODE/participants: who takes part, and accepting a new sender."""

from __future__ import annotations

from ninja import Query, Router
from pydantic import Field

from deskbell.api.bearer import ApiRequest
from deskbell.api.shapes.base import Listed, Part, Shape, by_number
from deskbell.api.v1.asked import ticket_of
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


@router.put("/tickets/{code}/participants/{int:number}", response=ParticipantShape)
def accept_participant(request: ApiRequest, code: str, number: int) -> ParticipantShape:
    """Accept a new sender: from now on they are written to."""
    ticket = ticket_of(request, code)
    party = _party(ticket.pk, number)
    actions.accept_sender(ticket, party.address, by=request.auth.actor)
    return _shape(_party(ticket.pk, number))


def _party(ticket_id: int, number: int) -> Participant:
    parties = Participant.objects.select_related("address__customer")
    found = parties.filter(ticket_id=ticket_id, address_id=number).first()
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
