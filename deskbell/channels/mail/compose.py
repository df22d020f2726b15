"""Makes a letter's bytes from the rows, when it is about to leave; sending.py calls it.

The same rows give the same bytes, so a second try sends what the first one did.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Literal

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone, translation

from deskbell import clock, languages
from deskbell.channels.mail import ids, plus, reasons, replies, tell_by_mail, wire
from deskbell.channels.mail.conversation import header_of
from deskbell.channels.mail.fetch import ending
from deskbell.channels.mail.models import Delivery, MailBox
from deskbell.channels.mail.smtp_line import Envelope
from deskbell.channels.mail.wire import Mailbox, Outgoing, OutgoingFile
from deskbell.knowledge.filling import languages_on
from deskbell.notices import letters, portal_links
from deskbell.notices.answering import becomes
from deskbell.notices.portal_links import Place
from deskbell.notices.rendering import Words
from deskbell.people import zones
from deskbell.people.models import Account, Address, Agent, Desk
from deskbell.tickets.files import path_of
from deskbell.tickets.models import Entry, Message, MessageRecipient, Ticket
from deskbell.tickets.queries import numbers_of
from deskbell.tickets.state import state_of

# How our own letters are known when they come back to us in a circle (screen.py).
LOOP_HEADER = "X-Deskbell-Installation"

# References longer than this are of no use to any mail program: the first and the nearest stay.
MOST_REFERENCES = 20

# What nobody wrote, and how it says so (RFC 3834); only an acknowledgement answers a letter.
_AUTOMATIC: dict[str, Literal["auto-generated", "auto-replied"]] = {
    Delivery.Purpose.ACKNOWLEDGEMENT: "auto-replied",
    Delivery.Purpose.ASK_IF_SOLVED: "auto-generated",
    Delivery.Purpose.PORTAL: "auto-generated",
}

# What the customer's thread is made of, and what comes to us in any.
_THREAD = (Message.Kind.CUSTOMER, Message.Kind.REPLY)
_CAME = (Message.Kind.CUSTOMER, Message.Kind.OUTSIDE)

_SHOWN = (MessageRecipient.Role.TO, MessageRecipient.Role.CC)


def compose(delivery: Delivery) -> Envelope:
    """Return the letter of `delivery`, ready to be handed over.

    Raises ValueError when the sender's or the recipient's address cannot be one, OSError when a
    file is away.
    """
    desk = Desk.get()
    sender = _sender(delivery, desk)
    if delivery.purpose == Delivery.Purpose.NOTICE:
        letter = _letter_of_notices(delivery, sender, desk)
    elif delivery.purpose == Delivery.Purpose.PROBE:
        letter = _letter_to_ourselves(delivery, sender, desk)
    elif delivery.ticket is None:
        letter = _letter_to_account(delivery, sender, desk)
    elif delivery.purpose == Delivery.Purpose.FORWARD:
        letter = _letter_aside(delivery, delivery.ticket, desk)
    else:
        letter = _letter_on_ticket(delivery, delivery.ticket, desk)
    return Envelope(
        mail_from=wire.ascii_address(sender.address),
        rcpt=wire.ascii_address(delivery.address),
        data=wire.letter_bytes(letter),
        number=delivery.rfc_message_id,
    )


def _sender(delivery: Delivery, desk: Desk) -> Mailbox:
    """Return whom the letter comes from: the mail box chosen when it was written.

    Its name is the mail box's own, else the team's, else the department's.
    """
    box, ticket = delivery.sender, delivery.ticket
    if box is not None:
        return Mailbox(box.address, box.name or desk.name or box.department.name)
    if ticket is None:
        return Mailbox(_address_of_the_desk(), desk.name)
    return Mailbox(_address_written_to(ticket), desk.name or ticket.department.name)


def _sender_on_ticket(delivery: Delivery, desk: Desk) -> Mailbox:
    """Return the same with the name of the agent who answers, where the mail box wants it.

    The address stays the mail box's and one person is named, so no Sender is due (RFC 5322, 3.6.2).
    """
    sender, box, message = _sender(delivery, desk), delivery.sender, delivery.message
    if box is None or message is None or box.from_name == MailBox.FromName.TEAM:
        return sender
    agent = letters.agent_of(message.author_kind, message.author_id)
    if agent is None:
        return sender
    both = ", ".join(name for name in (agent.name, sender.name) if name)
    name = agent.name if box.from_name == MailBox.FromName.AGENT else both
    return Mailbox(sender.address, name)


def _letter_to_ourselves(delivery: Delivery, sender: Mailbox, desk: Desk) -> Outgoing:
    """Return the letter that finds out whether its address leads here; people see it where it does not."""
    with translation.override(languages.nearest(desk.language) or languages.SOURCE):
        words = letters.probe(sender.address)
    return Outgoing(
        sender=sender,
        to=(Mailbox(delivery.address),),
        subject=words.subject,
        date=clock.now(),
        message_id=delivery.rfc_message_id,
        text=words.text,
        html=words.html,
        automatic="auto-generated",
        headers=((LOOP_HEADER, desk.installation),),
    )


def _letter_to_account(delivery: Delivery, sender: Mailbox, desk: Desk) -> Outgoing:
    """Return a letter to somebody of ours; a link in it is made now, and works once.

    A second try carries a link of its own: both work until one of them was used.
    """
    account = delivery.account
    if account is None:
        raise ValueError("a letter about no ticket is for somebody of ours")
    with _as_read_by(account):
        if delivery.purpose == Delivery.Purpose.NOT_TAKEN:
            words = letters.not_taken(account, *_about(delivery))
        elif delivery.purpose == Delivery.Purpose.PERMISSION_ENDS:
            words = letters.permission_ends(account, _endings())
        else:
            words = letters.to_account(delivery.purpose, account, desk.name)
    answered = delivery.letter.rfc_message_id if delivery.letter else ""
    return Outgoing(
        sender=sender,
        to=(Mailbox(delivery.address, delivery.name),),
        subject=words.subject,
        date=clock.now(),
        message_id=delivery.rfc_message_id,
        in_reply_to=answered,
        references=(answered,) if answered else (),
        text=words.text,
        html=words.html,
        automatic="auto-replied" if answered else "auto-generated",
        headers=((LOOP_HEADER, desk.installation),),
    )


@contextmanager
def _as_read_by(account: Account) -> Iterator[None]:
    """Speak the language of somebody of ours, and tell times in their zone."""
    language = languages.nearest(account.language) or languages.SOURCE
    with translation.override(language), timezone.override(zones.zone_of(account)):
        yield


def _endings() -> list[letters.Ending]:
    """Return which mail boxes will not be fetched any more, as of now."""
    return [
        letters.Ending(
            address=one.source.box.address,
            is_over=one.days == 0,
            at=one.at,
            box=one.source.box_id,
            provider=one.source.app.provider if one.is_secret and one.source.app else "",
        )
        for one in ending.endings()
    ]


def _about(delivery: Delivery) -> tuple[int, str, str]:
    """Return the number of the letter that a delivery is about, why it was not taken, and its ticket's code."""
    letter = delivery.letter
    if letter is None:
        raise ValueError("it is about no letter")
    return letter.pk, reasons.sentence_of(letter), letter.ticket.code if letter.ticket else ""


def _letter_of_notices(delivery: Delivery, sender: Mailbox, desk: Desk) -> Outgoing:
    """Return what tells one of ours of something, in their own language.

    It carries no reference of the ticket's thread, or what an agent writes back could become a customer's message.
    """
    account, notices = delivery.account, tell_by_mail.told_in(delivery)
    if account is None or not notices:
        raise ValueError("a notice is for somebody of ours who may see what it tells")
    with _as_read_by(account):
        reply_to, answer = _answerable(delivery, notices[0].agent)
        words = letters.of_notices(notices, answer)
    thread = ids.account_letter_id(delivery.ticket_id) if delivery.ticket_id else ""
    return Outgoing(
        sender=sender,
        to=(Mailbox(delivery.address, delivery.name),),
        subject=words.subject,
        date=clock.now(),
        message_id=delivery.rfc_message_id,
        references=(thread,) if thread else (),
        text=words.text,
        html=words.html,
        automatic="auto-generated",
        headers=((LOOP_HEADER, desk.installation),),
        reply_to=Mailbox(reply_to, sender.name) if reply_to else None,
        unsubscribe=f"{settings.DESK_URL}/me/notices",
    )


def _answerable(delivery: Delivery, agent: Agent) -> tuple[str, str]:
    """Return where a notice is answered, and what the answer becomes (note or reply); "" twice where it is not."""
    if delivery.ticket is None:
        return "", ""
    address = replies.address_for(delivery.sender, agent.pk, delivery.ticket.pk)
    return address, becomes(agent, delivery.ticket, [delivery.pk]) if address else ""


def _letter_on_ticket(delivery: Delivery, ticket: Ticket, desk: Desk) -> Outgoing:
    message, box = delivery.message, delivery.sender
    sender = _sender_on_ticket(delivery, desk)
    answers_to = plus.address_for(box, ids.token_reference(ticket.pk, desk=desk))
    words, date = _words_and_date(delivery, ticket, desk)
    if delivery.purpose == Delivery.Purpose.ACKNOWLEDGEMENT:
        # It answers the ticket's own first letter, whatever came since or was merged into it.
        earlier = _letters_so_far(ticket.messages.filter(kind__in=_THREAD))[:1]
    else:
        earlier = _earlier(ticket, message)
    shown = list(message.recipients.filter(role__in=_SHOWN)) if message else []
    return Outgoing(
        sender=sender,
        to=_mailboxes(shown, "to") if message else (Mailbox(delivery.address, delivery.name),),
        cc=_mailboxes(shown, "cc"),
        subject=words.subject,
        date=date,
        message_id=delivery.rfc_message_id,
        in_reply_to=_answered(earlier),
        references=_references(ids.token_reference(ticket.pk, desk=desk), earlier),
        text=words.text,
        html="" if box is not None and box.is_plain else words.html,
        files=_files(message) if message else (),
        automatic=_AUTOMATIC.get(delivery.purpose, ""),
        headers=(
            (LOOP_HEADER, desk.installation),
            ("Thread-Index", header_of(ids.conversation_of(ticket.pk, desk=desk))),
            *_precedence(delivery),
        ),
        reply_to=Mailbox(answers_to, sender.name) if answers_to else None,
    )


def _letter_aside(delivery: Delivery, ticket: Ticket, desk: Desk) -> Outgoing:
    """Return a letter of a side thread: nothing in its head leads to the customer's thread, nor to their page."""
    message, box = delivery.message, delivery.sender
    if message is None or message.side_id is None:
        raise ValueError("a forward is a message of a side thread")
    sender = _sender_on_ticket(delivery, desk)
    with translation.override(languages.nearest(desk.language) or languages.SOURCE):
        message.ticket = ticket
        words = letters.forward(message, desk.name)
    begun = message if message.side_id == message.pk else Message.objects.get(pk=message.side_id)
    reference = ids.side_reference(begun.ticket_id, begun.pk)
    answers_to = plus.address_for(box, reference)
    earlier = _earlier_aside(message)
    shown = list(message.recipients.filter(role__in=_SHOWN))
    return Outgoing(
        sender=sender,
        to=_mailboxes(shown, "to"),
        cc=_mailboxes(shown, "cc"),
        subject=words.subject,
        date=message.sent_at,
        message_id=delivery.rfc_message_id,
        in_reply_to=_answered(earlier),
        references=_references(reference, earlier),
        text=words.text,
        html="" if box is not None and box.is_plain else words.html,
        files=_files(message),
        headers=((LOOP_HEADER, desk.installation),),
        reply_to=Mailbox(answers_to, sender.name) if answers_to else None,
    )


def _precedence(delivery: Delivery) -> tuple[tuple[str, str], ...]:
    # Answering machines that are older than Auto-Submitted know an answer of their kind by this.
    is_answer = _AUTOMATIC.get(delivery.purpose) == "auto-replied"
    return (("Precedence", "auto_reply"),) if is_answer else ()


def _words_and_date(delivery: Delivery, ticket: Ticket, desk: Desk) -> tuple[Words, datetime]:
    message = delivery.message
    zone = zones.zone_named(desk.time_zone)
    with translation.override(_language(ticket)), timezone.override(zone):
        if message is not None:
            message.ticket = ticket  # the same row, which has been read already
            portal = _portal(delivery, ticket, message.sent_at)
            return letters.answer(message, desk.name, portal), message.sent_at
        because = Entry.objects.get(ticket=ticket, step=delivery.entry_step)
        portal = _portal(delivery, ticket, because.at)
        if delivery.purpose == Delivery.Purpose.PORTAL:
            return letters.portal(ticket, desk.name, delivery.name, portal), because.at
        if delivery.purpose == Delivery.Purpose.ACKNOWLEDGEMENT:
            return letters.acknowledgement(ticket, desk.name, portal), because.at
        return letters.ask_if_solved(ticket, desk.name, because, portal), because.at


def _portal(delivery: Delivery, ticket: Ticket, written_at: datetime) -> str:
    """Return the link to the recipient's own page; "" for somebody who was written to without taking part."""
    address = Address.objects.filter(kind="mail", value=delivery.address.lower()).first()
    party = state_of(ticket).party(address.pk) if address is not None else None
    if party is None or not party.accepted:
        return ""
    place = Place(ticket.pk, party.address_id, written_at)
    return settings.DESK_URL + portal_links.path(place)


def _earlier(ticket: Ticket, message: Message | None) -> list[Message]:
    """Return the letters of the customer's thread before this one, in order, with those of merged tickets.

    Nothing of a side thread is one.
    """
    found = Message.objects.filter(ticket__in=numbers_of(ticket), kind__in=_THREAD)
    return _letters_so_far(found if message is None else found.filter(pk__lt=message.pk))


def _earlier_aside(message: Message) -> list[Message]:
    """Return the letters of the same side thread before this one, in order, on whatever ticket it went on."""
    return _letters_so_far(Message.objects.filter(side=message.side_id, pk__lt=message.pk))


def _letters_so_far(found: QuerySet[Message]) -> list[Message]:
    """Return those that are letters, but for what was taken back."""
    letters_so_far = found.filter(taken_back_at=None).exclude(message_id="")
    return list(letters_so_far.only("pk", "kind", "message_id", "references").order_by("pk"))


def _answered(earlier: list[Message]) -> str:
    """Return the Message-ID of the last letter that came, else of ours."""
    theirs = [message for message in earlier if message.kind in _CAME]
    nearest = (theirs or earlier)[-1:]
    return nearest[0].message_id if nearest else ""


def _references(token: str, earlier: list[Message]) -> tuple[str, ...]:
    """Return our token first, then what their letter referred to, then the letters so far.

    The token comes first because mail programs that shorten References keep the first one; the letter
    that is answered comes last, as RFC 5322 has it.
    """
    answered = _answered(earlier)
    before = [
        one for message in earlier for one in (*message.references.split(), message.message_id)
    ]
    chain = [one for one in dict.fromkeys(before) if one not in (token, answered)]
    if len(chain) > MOST_REFERENCES:
        chain = [chain[0], *chain[1 - MOST_REFERENCES :]]
    return tuple(one for one in (token, *chain, answered) if one)


def _mailboxes(recipients: list[MessageRecipient], role: str) -> tuple[Mailbox, ...]:
    return tuple(Mailbox(one.address, one.name) for one in recipients if one.role == role)


def _files(message: Message) -> tuple[OutgoingFile, ...]:
    return tuple(
        OutgoingFile(
            name=file.name,
            content_type=file.content_type,
            data=path_of(file.sha256).read_bytes(),
            content_id=file.content_id if file.inline else "",
        )
        for file in message.attachments.all()
    )


def _language(ticket: Ticket) -> str:
    """Return the customer's language where we speak it, by their card or by what they wrote, else the desk's."""
    return next(iter(languages_on(ticket)), languages.SOURCE)


def _address_written_to(ticket: Ticket) -> str:
    """Return the address of ours that the customer wrote to, for a desk without mail boxes yet."""
    written_to = MessageRecipient.objects.filter(
        message__ticket__in=numbers_of(ticket),
        message__kind=Message.Kind.CUSTOMER,
        role=MessageRecipient.Role.TO,
    )
    found = written_to.order_by("-message_id", "pk").values_list("address", flat=True).first()
    return found or _address_of_the_desk()


def _address_of_the_desk() -> str:
    return f"desk@{ids.host_of_the_desk()}"
