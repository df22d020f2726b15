"""Words that should never have been written are taken out, for good, here and in the letter itself.

Texts live in rows of their own, so the timeline stays whole.
"""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell import access
from deskbell.errors import BadInput
from deskbell.tickets import blanking, lifecycle, timeline
from deskbell.tickets.events import Event, Happened, event
from deskbell.tickets.models import Draft, Entry, Message, Text, Ticket
from deskbell.tickets.queries import with_parts
from deskbell.tickets.state import TicketState

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from deskbell.people.actors import Actor

# Stands where something was; its length tells nothing of what it was.
BLOCK = "█████"
SHORTEST = 3

TAG = re.compile(r"(<[^>]*>)")
VALUE = re.compile(r'"([^"]*)"')


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
    """Take `passage` out wherever it stands: on the ticket, its parts, and the copies that were split off.

    That is in subjects, messages and what quotes them, names of files, descriptions and reasons.
    passage  the exact words, at least three characters; any white space between words counts as the same
    Raises NotAllowed, WrongStatus, BadInput when it stands nowhere.
    """
    access.require(by, "redact", ticket)
    lifecycle.require("redact", ticket, by)
    if len(passage.strip()) < SHORTEST:
        raise BadInput("passage", _("Give at least three characters of what is to go."))
    gone = _Passage.of(passage)
    parts = with_parts(ticket.pk)
    blanking.hold_words(parts)
    touched = [message.pk for message in _messages(parts) if _take_out_of_message(message, gone)]
    for draft in Draft.objects.filter(ticket__in=parts):
        _take_out_of_draft(draft, gone)
    in_subject = False
    for text in _other_texts(parts):
        in_subject = _take_out_of_text(text, gone) or in_subject
    if not touched and not in_subject:
        raise BadInput("passage", _("These words stand nowhere on this ticket."))
    return timeline.record(
        ticket, TextRedacted(messages=tuple(touched), whole=False, in_subject=in_subject), by=by
    )


@timeline.action
def redact_message(ticket: Ticket, message: Message, *, by: Actor) -> Entry:
    """Take a whole message out, with its files and what was said in rating it.

    That it was there, when and whose, stays, and how good it was found.

    Raises NotAllowed, WrongStatus, BadInput.
    """
    access.require(by, "redact", ticket)
    lifecycle.require("redact", ticket, by)
    if message.ticket_id not in with_parts(ticket.pk):
        raise BadInput("message", _("Choose a message of this ticket."))
    rated = Entry.objects.filter(ticket__in=with_parts(ticket.pk), kind="answer.rated")
    about_it = blanking.named_in(rated.filter(data__message_id=message.pk))
    blanking.hold_texts([message.text_id, *about_it])
    blanking.blank_messages([Message.objects.get(pk=message.pk)])
    blanking.blank_texts(about_it)
    return timeline.record(ticket, TextRedacted(messages=(message.pk,), whole=True), by=by)


@dataclass(frozen=True, slots=True)
class _Passage:
    """What is to go.

    pattern   finds it in plain text
    squeezed  it without any white space
    """

    pattern: re.Pattern[str]
    squeezed: str

    @classmethod
    def of(cls, passage: str) -> _Passage:
        """Return the passage that somebody typed."""
        words = passage.split()
        return cls(re.compile(r"\s+".join(re.escape(word) for word in words)), "".join(words))

    def out_of(self, plain: str) -> str:
        """Return plain text without it."""
        return self.pattern.sub(BLOCK, plain)

    def out_of_html(self, rich: str, *, stood_in_plain: bool) -> str:
        """Return HTML without it; "" where it hides among tags, for then only the plain text is sure.

        stood_in_plain  whether the plain text of the same message had it
        """
        pieces = TAG.split(rich)
        left = "".join(one if one.startswith("<") else self.out_of(one) for one in pieces)
        closed, spaced = (html.unescape(TAG.sub(between, left)) for between in ("", " "))
        values = html.unescape(" ".join(VALUE.findall(" ".join(TAG.findall(left)))))
        if any(self.pattern.search(one) for one in (closed, spaced, values)):
            return ""
        if stood_in_plain and self.squeezed in "".join(closed.split()):
            return ""
        return left


def _messages(parts: set[int]) -> list[Message]:
    """Return the messages of these tickets, and those elsewhere that are copies: they hold the very same Text."""
    here = Message.objects.filter(ticket__in=parts)
    same = Message.objects.filter(text__in=here.values("text"))
    return list(same.select_related("text").prefetch_related("attachments").order_by("id"))


def _other_texts(parts: set[int]) -> list[Text]:
    return list(Text.objects.filter(pk__in=blanking.text_ids(parts)))


def _take_out_of_message(message: Message, gone: _Passage) -> bool:
    """Take the passage out of a message, its subject and the names of its files; return whether it was there."""
    found = _take_out_of_text(message.text, gone)
    subject, preview = gone.out_of(message.subject), gone.out_of(message.preview)
    if (subject, preview) != (message.subject, message.preview):
        message.subject, message.preview, found = subject, preview, True
        message.save(update_fields=("subject", "preview"))
    if gone.pattern.search(json.dumps(message.facts, ensure_ascii=False)):
        message.facts, found = {}, True
        message.save(update_fields=("facts",))
    for file in message.attachments.all():
        if (name := gone.out_of(file.name)) != file.name:
            file.name, found = name[:255], True
            file.save(update_fields=("name",))
    return found


def _take_out_of_draft(draft: Draft, gone: _Passage) -> None:
    """Take the passage out of what an agent has begun to write: it may quote it."""
    text = gone.out_of(draft.text)
    html = gone.out_of_html(draft.html, stood_in_plain=text != draft.text)
    if (text, html) != (draft.text, draft.html):
        # Whoever writes there now is told that it was changed, and cannot save over it unawares.
        draft.text, draft.html, draft.version, draft.writer = text, html, draft.version + 1, ""
        draft.save(update_fields=("text", "html", "version", "writer"))


def _take_out_of_text(text: Text, gone: _Passage) -> bool:
    plain, quoted = gone.out_of(text.plain), gone.out_of(text.quoted)
    stood_in_plain = (plain, quoted) != (text.plain, text.quoted)
    rich = gone.out_of_html(text.html, stood_in_plain=stood_in_plain)
    if not stood_in_plain and rich == text.html:
        return False
    text.plain, text.quoted, text.html = plain, quoted, rich
    text.save(update_fields=("plain", "quoted", "html"))
    return True
