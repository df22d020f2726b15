"""Which ticket a letter may continue, on what evidence, and how far its sender is trusted there.

The three grades of ARCHITECTURE.md: a participant joins; somebody else with our token joins marked as a
new sender; a stranger with less begins a ticket that is linked.  Reads tables, changes none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from django.db.models import F, Q

from deskbell.channels.inbound import Inbound
from deskbell.channels.mail import ids, plus
from deskbell.channels.mail.models import Delivery
from deskbell.people.models import Address, Department
from deskbell.tickets import codes, lifecycle
from deskbell.tickets.models import CodeAlias, Message, Participant, Ticket

# Evidence that only somebody can have who was sent a letter of ours.
STRONG = frozenset({"token", "our_message_id", "our_conversation", "plus_address"})


@dataclass(frozen=True, slots=True)
class Match:
    """What a letter belongs to.

    ticket    which it continues; None: it begins a new one
    trust     participant or new_sender, where it continues one
    linked    which the new ticket is linked with, if any
    evidence  token, our_message_id, our_conversation, plus_address, their_message_id, their_conversation, code or
              side_thread; "" without any
    grade     1, 2, 3, or 0 without evidence
    side      the forward that began the side thread in which it belongs, beside the customer's; else None
    """

    ticket: Ticket | None = None
    trust: str = ""
    linked: Ticket | None = None
    evidence: str = ""
    grade: int = 0
    side: Message | None = None


def find(inbound: Inbound, rcpt: Sequence[str] = ()) -> Match:
    """Return what the letter belongs to.

    rcpt  the recipients of its envelope, where they are known
    """
    inbound = replace(inbound, delivered_to=(*rcpt, *inbound.delivered_to))
    if (aside := _aside(inbound)) is not None:
        return aside
    found, evidence = _evidence(inbound)
    if found is None:
        return Match()
    ticket = _survivor(found)
    party = _party(ticket, inbound.proved)
    if party and inbound.authentication != "fail":
        trust = "participant" if party == "accepted" else "new_sender"
        return Match(ticket, trust, None, evidence, 1)
    if evidence in STRONG and ticket.department.strangers == Department.Strangers.JOIN:
        return Match(ticket, "new_sender", None, evidence, 2)
    grade = 2 if evidence in STRONG else 3
    return Match(None, "", None if _is_hidden(ticket) else ticket, evidence, grade)


def _aside(inbound: Inbound) -> Match | None:
    """Return the side thread that the letter belongs to; None for what belongs to customers.

    Whoever answers what was forwarded joins it: they were sent it, or shown it by somebody who was.  Who takes part in
    the ticket writes as what they are, and into a hidden ticket nothing comes.
    """
    nearest = next(_nearest(inbound), None)
    if nearest is None or nearest.side is None:
        return None
    ticket = _survivor(nearest.ticket)
    is_party = _party(ticket, inbound.proved) == "accepted" and inbound.authentication != "fail"
    if is_party or _is_hidden(ticket):
        return None
    return Match(ticket, "", None, "side_thread", 1, side=nearest.side)


def _nearest(inbound: Inbound) -> Iterator[Message | None]:
    """Yield the messages that the letter answers, the nearest first; None for a ticket as a whole.

    What letters say of each other goes before the address that it came to.
    """
    tokens = {answer: ids.read_tokens(answer) for answer in inbound.answers}
    to = plus.tokens_in(inbound)
    numbers = {token.message_id for found in (*tokens.values(), to) for token in found}
    known = Message.objects.filter(Q(pk__in=numbers - {None}) | Q(message_id__in=inbound.answers))
    # Of one id, what lies in a side thread comes last and counts.
    rows = list(known.select_related("ticket", "side").order_by(F("side").asc(nulls_first=True)))
    by_number = {one.pk: one for one in rows}
    by_id = {one.message_id: one for one in rows if one.message_id}
    for answer in inbound.answers:
        if answer in by_id:
            yield by_id[answer]
        yield from (by_number.get(token.message_id or 0) for token in tokens[answer])
    if ids.ticket_of_conversation(inbound.conversation) is not None:
        yield None
    yield from (by_number.get(token.message_id or 0) for token in to)


def _evidence(inbound: Inbound) -> tuple[Ticket | None, str]:
    """Return the ticket that the strongest evidence names; of equals, the nearest letter's."""
    for evidence, look in _EVIDENCE:
        ticket = look(inbound)
        if ticket is not None:
            return ticket, evidence
    return None, ""


def _of_token(inbound: Inbound) -> Ticket | None:
    """Return the ticket of the nearest token."""
    return _named_by(token for answer in inbound.answers for token in ids.read_tokens(answer))


def _of_plus_address(inbound: Inbound) -> Ticket | None:
    """Return the ticket whose letters are answered at the address that it came to.

    Weaker than what letters say of each other: address books keep such an address for whatever is written next.
    """
    return _named_by(plus.tokens_in(inbound))


def _named_by(tokens: Iterable[ids.Token]) -> Ticket | None:
    """Return the ticket of the first token; rather one that people see than one that was thrown away."""
    numbers = list(dict.fromkeys(token.ticket_id for token in tokens))
    tickets = Ticket.objects.in_bulk(numbers) if numbers else {}
    found = [tickets[number] for number in numbers if number in tickets]
    return next((one for one in found if not _is_hidden(_survivor(one))), next(iter(found), None))


def _of_our_conversation(inbound: Inbound) -> Ticket | None:
    number = ids.ticket_of_conversation(inbound.conversation)
    return None if number is None else Ticket.objects.filter(pk=number).first()


def _of_delivery(inbound: Inbound) -> Ticket | None:
    answers = inbound.answers
    if not answers:
        return None
    found = (
        Delivery.objects.filter(rfc_message_id__in=answers, account=None)
        .exclude(ticket=None)
        .select_related("ticket")
    )
    by_id = {delivery.rfc_message_id: delivery.ticket for delivery in found}
    return next((by_id[answer] for answer in answers if answer in by_id), None)


def _of_message(inbound: Inbound) -> Ticket | None:
    """Return the ticket of the message that it answers, the nearest first.

    Ids of others can be forged or used twice: of several, one that the sender takes part in counts.
    """
    answers = inbound.answers
    if not answers:
        return None
    found = list(
        Message.objects.filter(message_id__in=answers).select_related("ticket").order_by("-id")[:50]
    )
    # A copy that was split off bears the same id; one whose ticket was thrown away leads nowhere.
    found.sort(key=lambda message: (answers.index(message.message_id), _is_hidden(message.ticket)))
    return _rather_theirs(found, inbound.proved)


def _of_their_conversation(inbound: Inbound) -> Ticket | None:
    """Return the ticket that the newest letter of the same conversation came to."""
    if not inbound.conversation:
        return None
    found = Message.objects.filter(letters__conversation=inbound.conversation)
    newest = list(found.select_related("ticket").order_by("-id")[:50])
    newest.sort(key=lambda message: _is_hidden(message.ticket))
    return _rather_theirs(newest, inbound.proved)


def _rather_theirs(messages: list[Message], sender: str) -> Ticket | None:
    known = (one for one in messages if _party(_survivor(one.ticket), sender))
    return next((one.ticket for one in (*known, *messages)), None)


def _of_code(inbound: Inbound) -> Ticket | None:
    for code in codes.find_all(inbound.subject)[:5]:
        ticket = Ticket.objects.filter(code=code).first()
        if ticket is None:
            alias = CodeAlias.objects.filter(code=code).select_related("ticket").first()
            ticket = alias.ticket if alias else None
        if ticket is not None:
            return ticket
    return None


# The strongest first.
_EVIDENCE: tuple[tuple[str, Callable[[Inbound], Ticket | None]], ...] = (
    ("token", _of_token),
    ("our_message_id", _of_delivery),
    ("our_conversation", _of_our_conversation),
    ("plus_address", _of_plus_address),
    ("their_message_id", _of_message),
    ("their_conversation", _of_their_conversation),
    ("code", _of_code),
)


def _survivor(ticket: Ticket) -> Ticket:
    while ticket.merged_into is not None:
        ticket = ticket.merged_into
    return ticket


def _is_hidden(ticket: Ticket) -> bool:
    return lifecycle.kind_of(ticket.status) == "hidden"


def _party(ticket: Ticket, sender: str) -> str:
    """Return accepted or waiting for somebody who takes part in `ticket`, else ""."""
    addresses = Address.objects.filter(kind="mail", value=sender.lower())
    accepted = Participant.objects.filter(ticket=ticket, address__in=addresses).values_list(
        "accepted", flat=True
    )
    if accepted:
        return "accepted" if any(accepted) else "waiting"
    # Another address of the very customer whose ticket it is.
    is_customer = ticket.customer_id and addresses.filter(customer=ticket.customer_id).exists()
    return "accepted" if is_customer or _was_written_to(ticket, sender) else ""


def _was_written_to(ticket: Ticket, sender: str) -> bool:
    """Whether an agent named this address in an answer: who does that has accepted it."""
    # What one of ours was told of the ticket is no word to a customer, nor what somebody outside was asked.
    sent = Delivery.objects.filter(ticket=ticket, state=Delivery.State.SENT, account=None)
    sent = sent.exclude(purpose=Delivery.Purpose.FORWARD)
    return sent.filter(address__iexact=sender).exists()
