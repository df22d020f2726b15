"""An agent writes to somebody outside about a ticket: a side thread, of which the customer sees nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell import access
from deskbell.errors import BadInput
from deskbell.people.models import Address
from deskbell.tickets import lifecycle, messages, pressed, timeline
from deskbell.tickets.events import Event, Happened, event
from deskbell.tickets.models import Message, Ticket
from deskbell.tickets.queries import with_parts
from deskbell.tickets.state import TicketState, state_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from deskbell.people.actors import Actor
    from deskbell.tickets.content import Content, Recipient


@event("message.forwarded", v=1, writes=("last_message_id",))
class MessageForwarded(Event):
    """Somebody outside was written to.

    about_id  the message that was handed on, or in the side thread answered; None: the ticket as a whole
    """

    message_id: int
    about_id: int | None = None
    sentence = _("{by} wrote to somebody outside")
    can_be_undone = True

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state with it as the last message, which lists show; the customer waits as before."""
        return state.spoken_on(self.message_id, happened.at)


@timeline.action
def forward(
    ticket: Ticket,
    content: Content,
    *,
    by: Actor,
    to: Sequence[Recipient],
    about: Message | None = None,
    answers: Message | None = None,
    once: str = "",
) -> Message:
    """Write to somebody outside, who neither takes part by it nor is seen by the customer.

    to       recipients with role to, cc or bcc, and from for the address of ours that it leaves from
    about    the message that it hands on; None: the thread, or nothing
    answers  a message of a side thread, which goes on with this one; None begins one
    once     a token of the form that was sent: sent again, it gives back the first forward
    Raises NotAllowed, WrongStatus, BadInput; also for somebody who takes part, for they are answered.
    """
    earlier = pressed.made_before(once, ticket, content, by=by)
    if earlier is not None:
        return earlier
    access.require(by, "forward", ticket)
    lifecycle.require("forward", ticket, by)
    if content.is_empty:
        raise BadInput("text", _("Write something before you send it."))
    require_outsiders(ticket, to)
    side = side_of(ticket, answers)
    message = messages.write(
        ticket,
        Message.Kind.FORWARD,
        content,
        messages.Envelope(recipients=to, subject=_subject(ticket, about, answers), side=side),
        by=by,
    )
    if side is None:
        message.side = message
        message.save(update_fields=("side",))
    pressed.remember(once, message)
    told = answers or about
    timeline.record(
        ticket, MessageForwarded(message_id=message.pk, about_id=told.pk if told else None), by=by
    )
    return message


def require_outsiders(ticket: Ticket, to: Sequence[Recipient]) -> None:
    """Raise BadInput unless somebody is named, and nobody who takes part."""
    named = {one.address.lower() for one in to if one.role != "from"}
    if not named:
        raise BadInput("to", _("Say whom it is forwarded to."))
    known = Address.objects.filter(kind="mail", value__in=named)
    parties = [one.address_id for one in state_of(ticket).participants if one.accepted]
    insider = (
        known.filter(pk__in=parties).first()
        or known.filter(customer=ticket.customer_id).exclude(customer=None).first()
    )
    if insider is not None:
        raise BadInput(
            "to",
            _("{address} takes part in this ticket. Answer them instead."),
            address=insider.value,
        )


def side_of(ticket: Ticket, answers: Message | None) -> Message | None:
    """Return the side thread that goes on; None for a new one.  Raises BadInput for a message of none."""
    if answers is None:
        return None
    if answers.side is None or answers.ticket_id not in with_parts(ticket.pk):
        raise BadInput("answers", _("Choose a message of a side thread of this ticket."))
    return answers.side


def _subject(ticket: Ticket, about: Message | None, answers: Message | None) -> str:
    """Return the subject as mail programs write it in every language, once, however often it was handed on."""
    said = answers or about
    bare = messages.bare_subject((said.subject if said else "") or ticket.subject.plain)
    return messages.one_line(f"{'Re' if answers else 'Fwd'}: {bare}")
