"""An agent writes something down for colleagues; the customer never sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell import access
from deskbell.errors import BadInput
from deskbell.tickets import lifecycle, messages, pressed, timeline
from deskbell.tickets.actions.mask import tell_masked
from deskbell.tickets.actions.mention import mention, require_sees
from deskbell.tickets.events import Event, Happened, event
from deskbell.tickets.models import Message, Ticket
from deskbell.tickets.state import TicketState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from deskbell.people.actors import Actor
    from deskbell.people.models import Agent
    from deskbell.tickets.content import Content


@event("note.added", v=1, writes=("last_message_id",))
class NoteAdded(Event):
    """Somebody wrote a note."""

    message_id: int
    sentence = _("{by} wrote a note")
    can_be_undone = True

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state with the note as its last message; the status stays."""
        return state.spoken_on(self.message_id, happened.at)


@timeline.action
def note(
    ticket: Ticket,
    content: Content,
    *,
    by: Actor,
    mentions: Sequence[Agent] = (),
    once: str = "",
) -> Message:
    """Write a note on the ticket.

    mentions  colleagues whom it calls by name
    once      a token of the form that was sent: sent again, it gives back the first note
    Raises NotAllowed, WrongStatus, BadInput.
    """
    earlier = pressed.made_before(once, ticket, content, by=by)
    if earlier is not None:
        return earlier
    access.require(by, "note", ticket)
    lifecycle.require("note", ticket, by)
    if content.is_empty:
        raise BadInput("text", _("Write something before you keep it."))
    for agent in mentions:
        require_sees(agent, ticket)
    message = messages.write(ticket, Message.Kind.NOTE, content, messages.Envelope(), by=by)
    pressed.remember(once, message)
    entry = timeline.record(ticket, NoteAdded(message_id=message.pk), by=by)
    tell_masked(ticket, content, entry)
    with timeline.caused_by(entry):
        for agent in dict.fromkeys(mentions):  # nobody is called twice
            mention(ticket, agent, message, by=by)
    return message
