"""/tickets/CODE/redactions: words that should never have been written go for good."""

from __future__ import annotations

from django.utils.translation import gettext as _
from ninja import Router
from pydantic import Field

from deskbell.api.answers import Made
from deskbell.api.bearer import ApiRequest
from deskbell.api.shapes.base import Asked, Number, Text
from deskbell.api.shapes.entry import EntryShape, entry_shapes
from deskbell.api.v1.asked import message_of, ticket_of
from deskbell.errors import BadInput
from deskbell.tickets import actions

router = Router()


class NewRedaction(Asked):
    """What is to go: a passage wherever it stands, or a whole message with its files."""

    passage: Text | None = Field(None, description="The exact words, at least three characters.")
    message: Number | None = Field(None, description="The number of a message of this ticket.")


@router.post("/tickets/{code}/redactions", response={201: EntryShape})
def redact_ticket(request: ApiRequest, code: str, new: NewRedaction) -> Made:
    """Take words out for good, here and in the letter itself; give either a passage or a message."""
    ticket, by = ticket_of(request, code), request.auth.actor
    if (new.passage is None) == (new.message is None):
        raise BadInput("passage", _("Give either a passage or a message."))
    if new.message is not None:
        entry = actions.redact_message(ticket, message_of(ticket, new.message), by=by)
    else:
        entry = actions.redact(ticket, by=by, passage=new.passage or "")
    [shape] = entry_shapes([entry])
    return Made(shape, f"/tickets/{ticket.code}/timeline/{entry.step}")
