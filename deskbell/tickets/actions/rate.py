"""The customer says what they think of an answer, or of how their ticket was resolved; they may change their mind."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell import access
from deskbell.errors import BadInput
from deskbell.tickets import lifecycle, timeline
from deskbell.tickets.actions.mask import tell_masked
from deskbell.tickets.content import Content
from deskbell.tickets.events import Event, Happened, event
from deskbell.tickets.masked import masked
from deskbell.tickets.messages import keep_words
from deskbell.tickets.models import Entry, Message, Text
from deskbell.tickets.queries import with_parts
from deskbell.tickets.state import Rating, TicketState, state_of

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from deskbell.people.actors import Actor
    from deskbell.tickets.models import Ticket

RATED = ("ticket.rated", "answer.rated")
SCORES = ("good", "fair", "bad")
# A word or a few sentences; whoever has more to say writes a message.
LONGEST_WORDS = 2000


@event("ticket.rated", v=1, writes=("ratings",))
class TicketRated(Event):
    """What the customer thinks of the resolution.

    text_id        their words, if any
    resolved_step  the resolution that stood; None when it stands no more and they change what they said of it
    """

    score: str
    text_id: int | None = None
    resolved_step: int | None = None
    sentence = _("{by} said how satisfied they are with the solution")
    texts = ("text_id",)
    SENTENCES: ClassVar[dict[str, _StrPromise]] = {
        "good": _("{by} is satisfied with the solution"),
        "fair": _("{by} is half satisfied with the solution"),
        "bad": _("{by} is not satisfied with the solution"),
    }

    @override
    def words(self) -> str | _StrPromise:
        """Return the sentence of the score."""
        return self.SENTENCES.get(self.score, self.sentence)

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state with the rating."""
        return state.rated(Rating(None, self.score, self.text_id, happened.step))


@event("answer.rated", v=1, writes=("ratings",))
class AnswerRated(Event):
    """What the customer thinks of an answer; text_id are their words, if any."""

    message_id: int
    score: str
    text_id: int | None = None
    sentence = _("{by} said what they think of an answer")
    texts = ("text_id",)
    SENTENCES: ClassVar[dict[str, _StrPromise]] = {
        "good": _("{by} found an answer good"),
        "fair": _("{by} found an answer so-so"),
        "bad": _("{by} found an answer bad"),
    }

    @override
    def words(self) -> str | _StrPromise:
        """Return the sentence of the score."""
        return self.SENTENCES.get(self.score, self.sentence)

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state with the rating."""
        return state.rated(Rating(self.message_id, self.score, self.text_id, happened.step))


@timeline.action
def rate(ticket: Ticket, *, by: Actor, score: str, words: str = "") -> Entry | None:
    """Take what the customer thinks of the resolution.  Returns None when they said just that before.

    score  one of SCORES
    Raises NotAllowed, WrongStatus, BadInput while nothing was resolved yet.
    """
    access.require(by, "rate", ticket)
    lifecycle.require("rate", ticket, by)
    state = state_of(ticket)
    earlier = state.rating_of(None)
    if state.resolved_step is None and earlier is None:
        raise BadInput("score", _("There is no solution yet that could be rated."))
    said = _said(words)
    if _is_the_same(earlier, _checked(score), said):
        return None
    text_id = keep_words(said.text)
    event = TicketRated(score=score, text_id=text_id, resolved_step=state.resolved_step)
    entry = timeline.record(ticket, event, by=by)
    tell_masked(ticket, said, entry)
    return entry


@timeline.action
def rate_answer(
    ticket: Ticket, message: Message, *, by: Actor, score: str, words: str = ""
) -> Entry | None:
    """Take what the customer thinks of an answer on the ticket or a part of it.

    Returns None when they said just that before.  Raises NotAllowed, WrongStatus, BadInput.
    """
    access.require(by, "rate", ticket)
    lifecycle.require("rate", ticket, by)
    stands = message.kind == Message.Kind.REPLY and message.taken_back_at is None
    if not stands or message.ticket_id not in with_parts(ticket.pk):
        raise BadInput("message", _("Choose an answer of this ticket."))
    said = _said(words)
    if _is_the_same(state_of(ticket).rating_of(message.pk), _checked(score), said):
        return None
    event = AnswerRated(message_id=message.pk, score=score, text_id=keep_words(said.text))
    entry = timeline.record(ticket, event, by=by)
    tell_masked(ticket, said, entry)
    return entry


def _checked(score: str) -> str:
    if score not in SCORES:
        raise BadInput("score", _("Choose one of the three faces."))
    return score


def _is_the_same(earlier: Rating | None, score: str, now: Content) -> bool:
    if earlier is None or earlier.score != score:
        return False
    said = Text.objects.filter(pk=earlier.text_id or 0).values_list("plain", flat=True).first()
    return (said or "") == now.text


def _said(words: str) -> Content:
    """Return the words of a rating, no longer than they may be, masked."""
    return masked(Content(words.strip()[:LONGEST_WORDS].strip()))[0]
