"""The filter learns from what agents say here: "spam", "not spam", and whom they answer.

`learn` stands in reactions.py.  A letter is learned once; what is undone is unlearned, word by word.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, F, Q

from deskbell import clock
from deskbell.channels.mail.models import Letter, Precautions, SpamLesson, SpamWord
from deskbell.channels.mail.spam.score import Counts
from deskbell.channels.mail.spam.words import numbers_of, words_of
from deskbell.tickets.models import Entry, Message, Ticket

# Rows of words that are kept; beyond, the rare and old ones go, by so many at once.
MOST_WORDS_KEPT, FORGOTTEN_AT_ONCE = 200_000, 20_000
# Every answer says that a letter was none; more of them than this beside each spam teach nothing new.
HAM_BESIDE_SPAM, HAM_AT_LEAST = 5, 200

_SAID = ("ticket.marked_spam", "ticket.not_spam")
_TEACH = frozenset({*_SAID, "act.undone", "message.replied"})


def learn(entry: Entry, ticket: Ticket) -> None:
    """Let the filter know what `entry` says of the letter that opened its ticket.

    1. Find the letter.  2. Ask what the ticket stands for now.  3. Learn it, or unlearn it.
    """
    if entry.kind not in _TEACH or (entry.kind == "message.replied" and not _wants_more_ham()):
        return
    message = ticket.messages.filter(kind=Message.Kind.CUSTOMER).order_by("id").first()
    letter = Letter.objects.filter(message=message).order_by("id").first() if message else None
    if message is None or letter is None:
        return
    teach(message, letter, is_spam=_says(ticket))


def teach(message: Message, letter: Letter, *, is_spam: bool | None) -> None:
    """Learn that a message is spam, that it is none, or nothing of it (None); twice is once."""
    before = SpamLesson.objects.filter(message=message).first()
    if is_spam == (before.is_spam if before else None):
        return
    # Two that learn at once would count the same words in another order and wait for each other for ever.
    Precautions.objects.select_for_update().get_or_create(pk=1)
    before = SpamLesson.objects.filter(message=message).first()
    if before is not None:
        if before.is_spam == is_spam:
            return
        _count(before.words, is_spam=before.is_spam, by=-1)
        before.delete()
    if is_spam is None:
        return
    numbers = sorted(numbers_of(_words_of(message, letter)))
    SpamLesson.objects.create(message=message, is_spam=is_spam, words=numbers)
    _remember(numbers, clock.now())
    _count(numbers, is_spam=is_spam, by=1)


def learned() -> Counts:
    """Return of how many letters of either sort the filter has learned."""
    found = SpamLesson.objects.aggregate(
        spam=Count("pk", filter=Q(is_spam=True)), ham=Count("pk", filter=Q(is_spam=False))
    )
    return Counts(**found)


def _words_of(message: Message, letter: Letter) -> list[str]:
    return words_of(
        subject=message.subject,
        text=message.text.plain,
        html=message.text.html,
        sender=message.address.value if message.address else "",
        signs=(letter.authentication, letter.mute),
    )


def _says(ticket: Ticket) -> bool | None:
    """Return whether people here say that the ticket is spam; None when nobody says anything."""
    entries = Entry.objects.filter(ticket=ticket)
    last = entries.filter(kind__in=_SAID, by_kind="agent").order_by("-step").first()
    if ticket.status == "spam":
        return True if last is not None and _stands(last) else None
    is_said = last is not None and last.kind == "ticket.not_spam" and _stands(last)
    return False if is_said or _is_answered(ticket) else None


def _stands(entry: Entry) -> bool:
    undone = Entry.objects.filter(ticket=entry.ticket_id, kind="act.undone")
    return not any(entry.step in one.data.get("steps", ()) for one in undone)


def _is_answered(ticket: Ticket) -> bool:
    replies = ticket.messages.filter(kind=Message.Kind.REPLY, taken_back_at=None)
    return replies.filter(author_kind="agent").exists()


def _wants_more_ham() -> bool:
    known = learned()
    return known.ham < max(HAM_AT_LEAST, HAM_BESIDE_SPAM * known.spam)


def _remember(numbers: list[int], now: datetime) -> None:
    rows = [SpamWord(number=number, seen_at=now) for number in numbers]
    SpamWord.objects.bulk_create(rows, ignore_conflicts=True)
    SpamWord.objects.filter(number__in=numbers).update(seen_at=now)
    if SpamWord.objects.count() > MOST_WORDS_KEPT:
        rare = SpamWord.objects.order_by(F("spam") + F("ham"), "seen_at").exclude(
            number__in=numbers
        )
        oldest = list(rare.values_list("number", flat=True)[:FORGOTTEN_AT_ONCE])
        for start in range(0, len(oldest), 500):
            SpamWord.objects.filter(number__in=oldest[start : start + 500]).delete()


def _count(numbers: list[int], *, is_spam: bool, by: int) -> None:
    column = "spam" if is_spam else "ham"
    found = SpamWord.objects.filter(number__in=numbers)
    if by < 0:
        found = found.filter(**{f"{column}__gt": 0})
    found.update(**{column: F(column) + by})
