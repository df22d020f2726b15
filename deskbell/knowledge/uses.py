"""How often canned answers were sent: counted with the message, and only where it still says what the answer said."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.db.models import F

from deskbell import clock
from deskbell.knowledge.canned import usable
from deskbell.knowledge.models import CannedUse
from deskbell.people.actors import Actor
from deskbell.search.words import words_of
from deskbell.tickets import drafts

if TYPE_CHECKING:
    from deskbell.tickets.models import Draft, Message

# The field of a form, and of a draft, that says which were put in.
FIELD = "canned"
# More are in no message.
MOST = 20
# An answer whose words are mostly gone was put in and thrown away again.
LEFT = 0.5


def count(numbers: Collection[int], message: Message, *, by: Actor) -> None:
    """Count that a message was sent with these canned answers; call it in its transaction.

    What the agent may not use, was counted for it before, or is not in its words any more, counts nothing.
    """
    if not numbers:
        return
    said = frozenset(words_of(message.text.plain))
    # In the order of their numbers: of two messages at the same moment none waits for the other for ever.
    found = usable(by).filter(pk__in=sorted(numbers)[:MOST]).order_by("pk")
    for answer in found.prefetch_related("texts"):
        if not any(is_left(one.plain, said) for one in answer.texts.all()):
            continue
        _use, is_new = CannedUse.objects.get_or_create(answer=answer, message=message)
        if is_new:
            usable(by).filter(pk=answer.pk).update(used=F("used") + 1, used_at=clock.now())


def count_of_draft(draft: Draft, message: Message) -> None:
    """Count what was put into an answer that waited until now."""
    count(drafts.numbers_of(draft.fields.get(FIELD, ())), message, by=Actor.agent(draft.agent))


def is_left(text: str, said: Collection[str]) -> bool:
    """Return whether at least half of the words of a canned text are among the words that were said."""
    words = set(words_of(text))
    return bool(words) and len(words.intersection(said)) >= LEFT * len(words)
