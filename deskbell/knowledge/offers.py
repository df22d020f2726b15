"""Which canned answers are offered to an agent who writes: by what they type, and by what the customer says."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from deskbell.knowledge.canned import usable
from deskbell.knowledge.filling import About, last_words
from deskbell.knowledge.models import CannedAnswer, CannedText, CannedUse
from deskbell.knowledge.suggest import Known, Suggestion, suggest
from deskbell.people.actors import Actor
from deskbell.search.words import (
    COMMON_ANYWHERE,
    fold,
    folded_word,
    mark,
    split,
    stems_of,
    words_of,
)
from deskbell.tickets.models import Tagging, Ticket

# As many fit below a caret.
MOST = 8
# Shorter words say nothing about a text, but for those of scripts without spaces.
SHORTEST = 3
# Letters begin and end with these, whatever they are about; with few answers nothing else would tell.
POLITE = frozenset(
    words_of(
        """
        best dear greetings hello hi kind kindly morning please regards sincerely thank thanks yours
        jó köszönettel köszönöm kérem kedves napot szia szép tisztelt tisztelettel üdv üdvözlettel
        ahoj den děkuji dobrý hezký pěkný prosím pozdrav pozdravem přeji vážená vážený zdravím
        cienījamie cieņu dienu labdien labrīt lūdzu paldies sveiki
        добрый день здравствуйте пожалуйста привет спасибо уважаемые уважением
        alstublieft bedankt beste dag dank geachte groet groeten hallo mvg vriendelijke
        """
    )
)
# So many uses are looked at for what answers tickets of a tag: those of the last weeks on a busy desk.
LATEST_USES = 2_000


@dataclass(frozen=True, slots=True)
class Offer:
    """A canned answer that is offered; because: why it fits, None where nobody says that it does."""

    answer: CannedAnswer
    because: Suggestion | None = None


def offered(by: Actor, typed: str, ticket: Ticket | None, about: About) -> list[Offer]:
    """Return what is offered below the caret: what fits what was typed, or the ticket where nothing was.

    ticket  None while it is still to be opened
    """
    if words_of(typed):
        return [Offer(one) for one in narrowed(by, typed)[:MOST]]
    first = that_fit(by, ticket, about) if ticket is not None else []
    known = [one.answer.pk for one in first]
    most_used = usable(by).exclude(pk__in=known).order_by("-used", "name", "id")
    return first + [Offer(one) for one in most_used[: MOST - len(first)]]


def that_fit(by: Actor, ticket: Ticket, about: About) -> list[Offer]:
    """Return the few that fit what the customer of a ticket says, the best first; six queries."""
    found = fitting(by, ticket, about)
    answers = usable(by).in_bulk([one.answer_id for one in found])
    return [Offer(answers[one.answer_id], one) for one in found if one.answer_id in answers]


def narrowed(by: Actor, typed: str) -> list[CannedAnswer]:
    """Return the usable answers with all that was typed in them, those first that are called so."""
    return sorted(with_words(usable(by), typed), key=lambda one: _rank(one, fold(typed).strip()))


def with_words(answers: QuerySet[CannedAnswer], typed: str) -> QuerySet[CannedAnswer]:
    """Return those answers in which each word that was typed stands, or its beginning, in name or text."""
    for word in words_of(typed):
        answers = answers.filter(Q(words__startswith=word) | Q(words__contains=f" {word}"))
    return answers


def fitting(by: Actor, ticket: Ticket, about: About) -> list[Suggestion]:
    """Return the few that fit what the customer of a ticket says, with why; five queries."""
    said = keys_of(f"{about.subject}\n{last_words(ticket)}")
    languages: dict[int, set[str]] = {}
    for number, language in CannedText.objects.values_list("answer_id", "language"):
        languages.setdefault(number, set()).add(language)
    tagged = _tagged(ticket)
    rows = usable(by).order_by().values_list("pk", "department_id", "used", "words")
    known = [
        Known(
            number,
            # Of thousands of answers, sets of all their words would take most of the time.
            frozenset(said.keys() & words.split()),
            languages=frozenset(languages.get(number, ())),
            department=department,
            used=used,
            tagged=tagged[number],
        )
        for number, department, used, words in rows
    ]
    language = next(iter(about.languages), "")
    return suggest(said, known, department=ticket.department_id, language=language)


def keys_of(text: str) -> dict[str, str]:
    """Return what tells a text apart from others: words and stems as answers are found by, each with the word said."""
    found: dict[str, str] = {}
    for _start, _end, word in split(unicodedata.normalize("NFC", text)):
        folded = folded_word(word)
        if (
            folded in COMMON_ANYWHERE
            or folded in POLITE
            or (len(folded) < SHORTEST and folded.isascii())
        ):
            continue
        found.setdefault(folded, word)
        for language, stem in stems_of(word):
            found.setdefault(stem, word)
            found.setdefault(mark(language, stem), word)
    return found


def _tagged(ticket: Ticket) -> Counter[int]:
    """Return how often each answer went lately into tickets with a tag of this one."""
    tags = list(Tagging.objects.filter(ticket=ticket).values_list("tag", flat=True))
    if not tags:
        return Counter()
    lately = CannedUse.objects.order_by("-id").values_list("answer_id", "message__ticket_id")
    uses = list(lately[:LATEST_USES])
    alike = set(
        Tagging.objects.filter(tag__in=tags, ticket__in={number for _answer, number in uses})
        .exclude(ticket=ticket)
        .values_list("ticket", flat=True)
    )
    return Counter(_in(uses, alike))


def _in(uses: Iterable[tuple[int, int]], tickets: set[int]) -> Iterable[int]:
    return (answer for answer, ticket in uses if ticket in tickets)


def _rank(answer: CannedAnswer, typed: str) -> tuple[Sequence[bool], int, str]:
    short, name = fold(answer.abbreviation), fold(answer.name)
    called = (
        short != typed,
        not short.startswith(typed),
        not name.startswith(typed),
        f" {typed}" not in name,
        typed not in name,
    )
    return called, -answer.used, name
