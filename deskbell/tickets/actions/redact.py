"""Words that should never have been written are taken out, for good, here and in the letter itself.

Texts live in rows of their own, so the timeline stays whole.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell import access
from deskbell.errors import BadInput
from deskbell.tickets import blanking, lifecycle, timeline
from deskbell.tickets.events import Event, Happened, event
from deskbell.tickets.models import Message, Text, Ticket
from deskbell.tickets.state import TicketState, state_of

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from deskbell.people.actors import Actor
    from deskbell.tickets.models import Entry

# Stands where something was; its length tells nothing of what it was.
BLOCK = "█████"
SHORTEST = 3


@event("text.redacted", v=1)
class TextRedacted(Event):
    """Words were taken out of these messages.

    whole  the messages altogether, their files too; else a passage, which stood in the subject as well if
           in_subject says so
    """

    messages: tuple[int, ...]
    whole: bool
    in_subject: bool = False
    sentence = _("{by} took words out of the ticket for good")

    @override
    def words(self) -> str | _StrPromise:
        """Return the sentence of a message or of a passage."""
        return _("{by} took a message out for good") if self.whole else self.sentence

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state as it was: it holds no words."""
        return state


@timeline.action
def redact(ticket: Ticket, *, by: Actor, passage: str) -> Entry:
    """Take `passage` out wherever it stands on the ticket: subject, messages, and what quotes them.

    passage  the exact words, at least three characters; any white space between words counts as the same
    Raises NotAllowed, WrongStatus, BadInput when it stands nowhere.
    """
    access.require(by, "redact", ticket)
    lifecycle.require("redact", ticket, by)
    if len(passage.strip()) < SHORTEST:
        raise BadInput("passage", _("Give at least three characters of what is to go."))
    pattern = re.compile(r"\s+".join(re.escape(word) for word in passage.split()))
    touched = [
        message.pk for message in _messages(ticket) if _take_out_of_message(message, pattern)
    ]
    in_subject = _take_out_of_text(ticket.subject, pattern)
    for text in _other_texts(ticket):
        in_subject = _take_out_of_text(text, pattern) or in_subject
    if not touched and not in_subject:
        raise BadInput("passage", _("These words stand nowhere on this ticket."))
    return timeline.record(
        ticket, TextRedacted(messages=tuple(touched), whole=False, in_subject=in_subject), by=by
    )


@timeline.action
def redact_message(ticket: Ticket, message: Message, *, by: Actor) -> Entry:
    """Take a whole message out, with its files; that it was there, when and whose, stays.

    Raises NotAllowed, WrongStatus, BadInput.
    """
    access.require(by, "redact", ticket)
    lifecycle.require("redact", ticket, by)
    if message.ticket_id not in {ticket.pk, *state_of(ticket).sources}:
        raise BadInput("message", _("Choose a message of this ticket."))
    blanking.blank_messages([message])
    return timeline.record(ticket, TextRedacted(messages=(message.pk,), whole=True), by=by)


def _messages(ticket: Ticket) -> list[Message]:
    here = Q(ticket=ticket) | Q(ticket__in=state_of(ticket).sources)
    return list(Message.objects.filter(here).select_related("text").order_by("id"))


def _other_texts(ticket: Ticket) -> list[Text]:
    numbers = blanking.text_ids(ticket) - {ticket.subject_id}
    return list(Text.objects.filter(pk__in=numbers))


def _take_out_of_message(message: Message, pattern: re.Pattern[str]) -> bool:
    """Take the passage out of a message and its subject; return whether it was there."""
    in_text = _take_out_of_text(message.text, pattern)
    subject, preview = pattern.sub(BLOCK, message.subject), pattern.sub(BLOCK, message.preview)
    if in_text or (subject, preview) != (message.subject, message.preview):
        message.subject, message.preview = subject, preview
        message.save(update_fields=("subject", "preview"))
        return True
    return False


def _take_out_of_text(text: Text, pattern: re.Pattern[str]) -> bool:
    plain, quoted = pattern.sub(BLOCK, text.plain), pattern.sub(BLOCK, text.quoted)
    rich = pattern.sub(BLOCK, text.html)
    # Tags and entities may stand in the middle of the words: then only the plain text is sure.
    if pattern.search(html.unescape(re.sub(r"<[^>]*>", "", rich))):
        rich = ""
    if (plain, quoted, rich) == (text.plain, text.quoted, text.html):
        return False
    text.plain, text.quoted, text.html = plain, quoted, rich
    text.save(update_fields=("plain", "quoted", "html"))
    return True
