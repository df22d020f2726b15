"""What a ticket is about, in other words than its first letter's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell import access
from deskbell.errors import BadInput
from deskbell.tickets import lifecycle, timeline
from deskbell.tickets.events import Event, Happened, event
from deskbell.tickets.messages import keep_words, one_line
from deskbell.tickets.models import Text
from deskbell.tickets.state import TicketState, state_of

if TYPE_CHECKING:
    from deskbell.people.actors import Actor
    from deskbell.tickets.models import Entry, Ticket


@event("ticket.described", v=1, writes=("subject_id", "description_id"))
class TicketDescribed(Event):
    """Subject and description from now on; both are numbers of Texts, the description's None for none."""

    subject_id: int
    description_id: int | None = None
    sentence = _("{by} described it anew")
    texts = ("subject_id", "description_id")
    can_be_undone = True

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state under the new words."""
        return state.but(subject_id=self.subject_id, description_id=self.description_id)


@timeline.action
def describe(
    ticket: Ticket, *, by: Actor, subject: str | None = None, description: str | None = None
) -> Entry | None:
    """Give the ticket another subject or description; None leaves one as it is.

    Returns None when both are so already.  Raises NotAllowed, WrongStatus, BadInput.
    """
    access.require(by, "describe", ticket)
    lifecycle.require("describe", ticket, by)
    if subject is not None and not one_line(subject):
        raise BadInput("subject", _("A ticket needs a subject: it is what lists show."))
    state = state_of(ticket)
    subject_id, description_id = state.subject_id, state.description_id
    if subject is not None and one_line(subject) != _words(subject_id):
        subject_id = Text.objects.create(plain=one_line(subject)).pk
    if description is not None and description.strip() != _words(description_id):
        description_id = keep_words(description)
    if (subject_id, description_id) == (state.subject_id, state.description_id):
        return None
    return timeline.record(
        ticket, TicketDescribed(subject_id=subject_id, description_id=description_id), by=by
    )


def _words(text_id: int | None) -> str:
    return Text.objects.get(pk=text_id).plain if text_id else ""
