"""What an agent has been told: how much is unread, the list, and taking it as read.

Rights are asked here again: what an agent may no longer see is neither counted nor listed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from deskbell import access, clock, languages
from deskbell.database.prepared import Prepared
from deskbell.notices.models import Notice
from deskbell.notices.wishes import Why
from deskbell.people.actors import Actor, names_of
from deskbell.tickets.models import Entry, Message, Ticket
from deskbell.work import signal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

Place = tuple[int, int]  # the ticket's number, and the step on it

# As many are counted; more is more.
MOST_UNREAD = 99
ROWS = 50
# As many are told one by one; after a long silence the number alone says enough.
MOST_NEWS = 5
# How long notices are kept: those that were read, and those that nobody wanted to read.
READ_FOR, KEPT_FOR = timedelta(days=30), timedelta(days=90)
FORGOTTEN_AT_ONCE = 5000
# As much of a message as a letter tells; the page has all of it.
MOST_WORDS = 5000


@dataclass(frozen=True, slots=True)
class Unread:
    """What is unread: numbers of notices, the newest first, and the tickets that they are about."""

    notices: tuple[int, ...] = ()
    tickets: frozenset[int] = frozenset()

    @property
    def shown(self) -> int | str:
        """The number as pages show it; "" when nothing is unread."""
        return f"{MOST_UNREAD}+" if len(self.notices) > MOST_UNREAD else len(self.notices) or ""


@dataclass(frozen=True, slots=True)
class Told:
    """A notice as lists and letters show it.

    sentence  what happened, in the reader's language
    moments   the instant that the sentence tells, by its words; {} for none
    words     the first words of the message that it is about; "" for none
    """

    id: int
    why: str
    code: str
    subject: str
    step: int  # of the entry that it is about
    at: datetime
    read_at: datetime | None  # null while it is unread
    sentence: str
    moments: dict[str, datetime]
    words: str

    @property
    def is_unread(self) -> bool:
        """Whether it is still to be read."""
        return self.read_at is None


def unread_of(by: Actor) -> Unread:
    """Return what is unread for an agent; one query besides the standing."""
    sight = access.sight_of(by)
    agent = by.id or 0
    if sight.everywhere:
        found = _unread_everywhere(agent)
    else:
        # A list of nothing would find nothing, and one's own tickets are seen wherever they lie.
        found = _unread_in(agent, sorted(sight.departments) or [0], sight.own or 0)
    return Unread(tuple(pk for pk, _ in found), frozenset(ticket for _, ticket in found))


def of(by: Actor, *, unread: bool | None = None) -> QuerySet[Notice]:
    """Return what an agent was told of tickets that they see now, the newest first, ready for `worded`.

    unread  only what is unread, or only what was read; None is both
    """
    mine = Notice.objects.filter(agent=by.id or 0)
    if unread is not None:
        mine = mine.filter(read_at__isnull=unread)
    return _whole(_in_sight(by, _shown(mine)))


def told(
    by: Actor, *, before: int | None = None, limit: int = ROWS
) -> tuple[list[Told], int | None]:
    """Return a page of an agent's notices, the newest first, and the number that leads on; None at the end.

    before  the number that the page before gave
    """
    mine = of(by)
    if before is not None:
        mine = mine.filter(pk__lt=before)
    found = list(mine[: limit + 1])
    rows = found[:limit]
    return worded(rows), rows[-1].pk if len(found) > limit else None


def news(by: Actor, *, since: int, unread: Unread | None = None) -> list[Notice]:
    """Return the unread notices of an agent after the number `since`, the oldest first; few at a time.

    unread  for who has asked already
    """
    known = unread_of(by) if unread is None else unread
    fresh = [pk for pk in known.notices if pk > since][:MOST_NEWS]
    if not fresh:
        return []
    return sorted(_whole(Notice.objects.filter(pk__in=fresh)), key=lambda one: one.pk)


def worded(notices: list[Notice]) -> list[Told]:
    """Return `notices` as people read them; they come from `of`, `news` or with their ticket and its subject."""
    entries = _entries(notices)
    authors = names_of({Actor(one.by_kind, one.by_id) for one in entries.values()})  # type: ignore[arg-type]
    previews = _previews(entries)
    return [
        Told(
            id=notice.pk,
            why=notice.why,
            code=notice.ticket.code,
            subject=notice.ticket.subject.plain,
            step=notice.step,
            at=notice.at,
            read_at=notice.read_at,
            sentence=_sentence(notice, authors, entries.get((notice.ticket_id, notice.step))),
            moments=_moments(notice, entries.get((notice.ticket_id, notice.step))),
            words=previews.get((notice.ticket_id, notice.step), ""),
        )
        for notice in notices
    ]


def unmailed(by: Actor) -> list[Notice]:
    """Return what an agent has not read and no letter tells yet, the oldest first."""
    return _oldest_first(by, Notice.objects.filter(read_at=None, mailed_at=None))


def unread_in_letter(by: Actor, letter: int) -> list[Notice]:
    """Return what the letter of this number tells an agent that they have not read, the oldest first."""
    return _oldest_first(by, Notice.objects.filter(letter=letter, read_at=None))


def in_letter(by: Actor, letter: int) -> list[Notice]:
    """Return what the letter of this number tells an agent, the oldest first."""
    return _oldest_first(by, Notice.objects.filter(letter=letter))


def texts_of(notices: Sequence[Notice]) -> dict[int, str]:
    """Return the words that notices are about, by their numbers: as they stand now, a beginning of long ones."""
    entries = _entries(notices)
    numbers = _message_numbers(entries)
    texts = dict(
        Message.objects.filter(pk__in=set(numbers.values()), taken_back_at=None).values_list(
            "pk", "text__plain"
        )
    )
    places = {one.pk: (one.ticket_id, one.step) for one in notices}
    return {
        pk: text if len(text) <= MOST_WORDS else f"{text[:MOST_WORDS].rstrip()} …"
        for pk, place in places.items()
        if (text := texts.get(numbers.get(place, 0), "").strip())
    }


def read_ticket(by: Actor, ticket: Ticket, unread: Unread | None = None) -> int:
    """Take as read what an agent was told of `ticket`; return how much that was.

    unread  for who has asked already: without anything of this ticket in it nothing is written
    """
    if unread is not None and ticket.pk not in unread.tickets:
        return 0
    return _read(Notice.objects.filter(agent=by.id or 0, ticket=ticket))


def read_all(by: Actor, *, until: int | None = None) -> int:
    """Take as read what an agent was told up to the notice `until`, all of it without one; return how much that was."""
    mine = Notice.objects.filter(agent=by.id or 0)
    return _read(mine if until is None else mine.filter(pk__lte=until))


def forget_old() -> int:
    """Remove notices that have served; return how many.  The timetable calls it."""
    now, count = clock.now(), 0
    for old in (
        Notice.objects.filter(at__lt=now - KEPT_FOR),
        Notice.objects.filter(at__lt=now - READ_FOR, read_at__isnull=False),
    ):
        # In parts, so that nobody waits long for the database.
        while numbers := list(old.order_by("at").values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE]):
            count += Notice.objects.filter(pk__in=numbers).delete()[0]
    return count


def _read(notices: QuerySet[Notice]) -> int:
    with transaction.atomic():
        count = notices.filter(read_at=None).update(read_at=clock.now())
        signal.tell()
    return count


def _shown(notices: QuerySet[Notice]) -> QuerySet[Notice]:
    """Leave out what was thrown away or is gone."""
    return notices.filter(ticket__purged_at=None, ticket__hidden_at=None)


def _in_sight(by: Actor, notices: QuerySet[Notice]) -> QuerySet[Notice]:
    """Leave out what an agent may not see: `access.visible` of the tickets, as a condition of the notices."""
    sight = access.sight_of(by)
    if sight.everywhere:
        return notices
    return notices.filter(
        Q(ticket__department__in=sight.departments) | Q(ticket__assignee=sight.own or 0)
    )


def _unread(agent: int) -> QuerySet[Notice]:
    return _shown(Notice.objects.filter(agent=agent, read_at=None)).order_by("-id")


# Asked on every page, so their SQL is worked out once.
_unread_everywhere = Prepared(
    lambda agent: _unread(agent).values_list("pk", "ticket_id")[: MOST_UNREAD + 1]
)
_unread_in = Prepared(
    lambda agent, departments, own: (
        _unread(agent)
        .filter(Q(ticket__department__in=departments) | Q(ticket__assignee=own))
        .values_list("pk", "ticket_id")[: MOST_UNREAD + 1]
    )
)


def _whole(notices: QuerySet[Notice]) -> QuerySet[Notice]:
    return notices.select_related("ticket__subject", "ticket__department").order_by("-id")


def _entries(notices: Sequence[Notice]) -> dict[Place, Entry]:
    """Return what was told of, by ticket and step; one query."""
    wanted = {(one.ticket_id, one.step) for one in notices}
    found = Entry.objects.filter(
        ticket__in={ticket for ticket, _ in wanted}, step__in={step for _, step in wanted}
    )
    return {(one.ticket_id, one.step): one for one in found if (one.ticket_id, one.step) in wanted}


def _oldest_first(by: Actor, notices: QuerySet[Notice]) -> list[Notice]:
    mine = _in_sight(by, _shown(notices.filter(agent=by.id or 0)))
    return sorted(_whole(mine), key=lambda one: one.pk)


def _message_numbers(entries: dict[Place, Entry]) -> dict[Place, int]:
    """Return the numbers of the messages that entries are about; what did not arrive is known to its writer."""
    return {
        place: entry.data["message_id"]
        for place, entry in entries.items()
        if entry.data.get("message_id") and entry.kind != "delivery.failed"
    }


def _previews(entries: dict[Place, Entry]) -> dict[Place, str]:
    numbers = _message_numbers(entries)
    said = dict(
        Message.objects.filter(pk__in=set(numbers.values()), taken_back_at=None).values_list(
            "pk", "preview"
        )
    )
    return {place: said.get(number, "") for place, number in numbers.items()}


def _sentence(notice: Notice, authors: dict[Actor, str], entry: Entry | None) -> str:
    author = authors.get(Actor(entry.by_kind, entry.by_id), "") if entry else ""  # type: ignore[arg-type]
    words = {
        Why.MENTION: _("%(by)s calls you in a note"),
        Why.ASSIGNED: _("%(by)s assigned it to you"),
        Why.FAILED: _("A letter of ours did not arrive"),
        Why.HELD: _held(notice, entry),
        Why.ANSWER: _("%(by)s wrote"),
        Why.DUE_SOON: _("Due at %(due)s"),
        Why.WOKEN: _("It is back; it had been postponed"),
        Why.FOLLOWED: _("%(by)s wrote; you follow it"),
        Why.NEW: _("New in %(department)s"),
    }
    return words[Why(notice.why)] % {
        "by": author,
        "department": notice.ticket.department.name,
        "due": _due(entry),
    }


def _held(notice: Notice, entry: Entry | None) -> str:
    data = {} if entry is None else entry.data
    if data.get("agent_id") not in (None, notice.agent_id):
        return _("What a colleague wrote for later could not leave; its words are theirs")
    match data.get("reason"):
        case "something_came":
            return _(
                "Something came before what you wrote for later: it stayed here, in your composer"
            )
        case "not_theirs":
            return _(
                "What you wrote for later stayed here: whom it was to go to takes part no longer"
            )
        case "being_changed":
            return _("What you wrote for later did not leave: you were changing it")
        case _:
            return _("What you wrote for later could not leave; it is in your composer")


def _moments(notice: Notice, entry: Entry | None) -> dict[str, datetime]:
    at = _due_at(entry)
    return {_due(entry): at} if at and notice.why == Why.DUE_SOON else {}


def _due(entry: Entry | None) -> str:
    """Return when what the entry tells of is due, in the reader's zone: the time, with the day unless that is today."""
    at = _due_at(entry)
    if at is None:
        return ""
    due = timezone.localtime(at)
    time = languages.time_of_day(due)
    return (
        time
        if due.date() == timezone.localdate(clock.now())
        else f"{time}, {languages.day(due, with_year=False)}"
    )


def _due_at(entry: Entry | None) -> datetime | None:
    if entry is None or "due_at" not in entry.data:
        return None
    return datetime.fromisoformat(entry.data["due_at"])
