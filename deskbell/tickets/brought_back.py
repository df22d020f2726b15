"""What an agent takes back goes back into their composer, as a draft; actions/undo.py calls it in its transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deskbell.people.models import Address, Agent
from deskbell.tickets import drafts
from deskbell.tickets.content import NewFile, Recipient, line_of
from deskbell.tickets.drafts import Words
from deskbell.tickets.files import Kept
from deskbell.tickets.models import Message, MessageRecipient, Ticket
from deskbell.tickets.state import state_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from deskbell.people.actors import Actor
    from deskbell.tickets.models import Attachment, Entry

# Fields of the composer that hold a line of addresses each.
LINES = ("to", "cc", "bcc")


def bring_back(ticket: Ticket, act: Iterable[Entry], said: Sequence[int], *, by: Actor) -> None:
    """Give the messages `said` of this act back to who wrote them, with all that stood in the form.

    What began its ticket goes back to where tickets begin: a deleted one can be answered nowhere.
    """
    if not said or not by.is_agent or by.id is None:
        return
    agent = Agent.objects.get(pk=by.id)
    entries = list(act)
    began = any(entry.step == 1 for entry in entries)
    for message in Message.objects.select_related("text").filter(pk__in=said).order_by("-pk"):
        fields = _of_a_new_one(ticket, message) if began else _of_an_answer(message, entries)
        words = Words(message.text.plain, message.text.html, fields)
        drafts.bring_back(
            agent,
            None if began else ticket,
            words,
            [as_new(one) for one in message.attachments.order_by("pk")],
            parts=state_of(ticket).sources,
        )


def as_new(one: Attachment) -> NewFile:
    """Return a file of a message as one that is still to go."""
    return NewFile(
        name=one.name,
        content_type=one.content_type,
        kept=Kept(one.sha256, one.size_bytes),
        content_id=one.content_id,
        inline=one.inline,
    )


def _of_an_answer(message: Message, act: Iterable[Entry]) -> dict[str, list[str]]:
    if message.kind == Message.Kind.NOTE:
        called = [str(one.data["agent_id"]) for one in act if one.kind == "agent.mentioned"]
        return {"kind": ["note"], "call": called}
    # What went to somebody outside must not come back as an answer, which the customer sees.
    is_aside = message.kind == Message.Kind.FORWARD
    prefix = "outside_" if is_aside else ""
    return {
        "kind": ["forward" if is_aside else "reply"],
        **_envelope(message, prefix),
        **(_aside(message, act) if is_aside else {}),
    }


def _envelope(message: Message, prefix: str = "") -> dict[str, list[str]]:
    """Return whom it named, and the address of ours that it was to leave from if it named one."""
    named = MessageRecipient.objects.filter(message=message).order_by("pk")
    to = [Recipient(one.role, one.address, one.name) for one in named]
    sender = [one.address for one in to if one.role == "from"]
    return {
        **{f"{prefix}{role}": [line_of(to, role)] for role in LINES},
        **({f"{prefix}from": sender} if sender else {}),
    }


def _aside(message: Message, act: Iterable[Entry]) -> dict[str, list[str]]:
    """Return what a forward was about, or which side thread it went on with."""
    [entry] = [one for one in act if one.data.get("message_id") == message.pk]
    about = str(entry.data["about_id"] or "")
    goes_on = message.side_id != message.pk
    return {"about": ["" if goes_on else about], "answers": [about if goes_on else ""]}


def _of_a_new_one(ticket: Ticket, message: Message) -> dict[str, list[str]]:
    envelope = _envelope(message)
    del envelope["to"]  # the customer, who has a field of their own
    fields = {
        **envelope,
        "kind": [str(ticket.channel)],
        "subject": [ticket.subject.plain],
        "department": [str(ticket.department_id)],
    }
    party = state_of(ticket).customer_party
    if party is not None:
        address = Address.objects.select_related("customer").get(pk=party.address_id)
        fields["customer" if address.kind == "mail" else "phone"] = [address.value]
        fields["name"] = [address.name or address.customer.name]
    return fields
