"""/tickets/CODE/answer-mark: the customer has been answered another way."""

from __future__ import annotations

from ninja import Router

from deskbell.api.bearer import ApiRequest
from deskbell.api.shapes.base import Shape
from deskbell.api.v1.asked import ticket_of
from deskbell.tickets import actions

router = Router()


class AnswerMarkShape(Shape):
    """How a ticket stands now."""

    status: str
    step: int


@router.put("/tickets/{code}/answer-mark", response=AnswerMarkShape)
def mark_answered(request: ApiRequest, code: str) -> AnswerMarkShape:
    """Let a New or Open ticket count as answered, without a message."""
    ticket = ticket_of(request, code)
    actions.mark_answered(ticket, by=request.auth.actor)
    return AnswerMarkShape(status=ticket.status, step=ticket.last_step)
