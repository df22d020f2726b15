"""Writes what can be found, in the transaction that says it: reactions.py lets it follow every entry.

`follow` is called with each; `write_tickets` makes the documents of whole tickets anew; seeds use the pure functions.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import F, Q

from deskbell.database import written
from deskbell.database.prepared import Prepared
from deskbell.search.models import Document, Words
from deskbell.search.words import indexed, mark, words_of
from deskbell.tickets import blanking, events
from deskbell.tickets.models import Attachment, Message, MessageRecipient, Text, Ticket
from deskbell.tickets.queries import survivor_id, with_parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from deskbell.tickets.events import Event
    from deskbell.tickets.models import Entry
    from deskbell.tickets.state import TicketState

# Entries that bring a message, or let it go to somebody else.
SAID = frozenset(
    {
        "message.received",
        "message.replied",
        "message.forwarded",
        "message.answered_aside",
        "message.sent_on",
        "note.added",
    }
)
# After these, nothing may be found that was taken out; what was said stands on whichever ticket it stands on now.
EMPTIED = frozenset({"customer.erased", "ticket.purged"})
MOVED = frozenset({"ticket.merged", "ticket.unmerged"})

# PostgreSQL knows the places of the first 16,383 words only: a longer text is cut into parts, and where no blanks stand
# each character is a word.  Of a letter to thousands so many words of their names are found, beside its first part.
PART = 14_000  # characters
MOST_PARTS = 128
MOST_NAMED = 2_000

Kind = Document.Kind
Made = list[tuple[str, int, Words]]  # kind, part, words


def follow(entry: Entry, state: TicketState) -> list[Event]:
    """Write what the entry lets be found, or takes out."""
    ticket_id = entry.ticket_id
    whole = None if state.merged_into_id else ticket_id  # else its survivor is looked for
    if entry.kind in SAID:
        _write_messages([entry.data["message_id"]], whole)
    elif entry.kind == "text.redacted":
        _write_messages(entry.data["messages"])
        for part in with_parts(ticket_id):
            _write_case(part)
    elif entry.kind in EMPTIED:
        write_tickets([ticket_id])
    elif entry.kind in MOVED or "merged_into_id" in entry.before:
        _move(ticket_id)
    if "subject_id" in entry.before or _names_texts(entry):
        _write_case(ticket_id, whole)
    return []


def write_tickets(ticket_ids: Sequence[int]) -> None:
    """Make all documents of these tickets anew, their parts apart."""
    said = Message.objects.filter(ticket__in=ticket_ids).order_by("id")
    _write_messages(list(said.values_list("pk", flat=True)))
    for number in ticket_ids:
        _write_case(number)


@dataclass(slots=True)
class Said:
    """What a message is found by.

    names  of those it came from or went to, with their addresses
    by     the customer or outsider who wrote it: their name and address; "" of what we wrote
    files  the names of its files
    """

    kind: str
    text: str
    names: list[str] = field(default_factory=list)
    by: str = ""
    files: list[str] = field(default_factory=list)


def documents_of(said: Said) -> Made:
    """Return the documents of a message; none of one that says nothing."""
    about = {mark("kind", said.kind)} | {mark("from", word) for word in words_of(said.by)}
    named = words_of(" ".join((said.by, *said.names)))[:MOST_NAMED]
    made = [
        (said.kind, part, Words((*words, *(() if part else named)), frozenset(stems | about)))
        for part, (words, stems) in enumerate(map(indexed, _parts(said.text)))
        if words or (named and not part)
    ]
    return made + documents_of_text(Kind.FILE, "\n".join(said.files))


def documents_of_text(kind: str, text: str) -> Made:
    """Return the documents of a subject, of names of files, or of another text."""
    return [
        (kind, part, Words(tuple(words), frozenset(stems | {mark("kind", kind)})))
        for part, (words, stems) in enumerate(map(indexed, _parts(text)))
        if words
    ]


def _parts(text: str) -> Iterator[str]:
    """Yield a text in parts that are cut between words."""
    start = 0
    for _ in range(MOST_PARTS):
        end = text.rfind(" ", start, start + PART) if len(text) > start + PART else len(text)
        end = end if end > start else min(start + PART, len(text))
        yield text[start:end]
        start = end
        if start >= len(text):
            return


def made_of_messages(message_ids: Sequence[int]) -> dict[int, tuple[int, Made]]:
    """Return the tickets and the documents of these messages, by number."""
    found: dict[int, tuple[int, Said]] = {}
    for pk, ticket_id, kind, plain, quoted, redacted, value, name in _messages(message_ids):
        is_known = redacted is None and kind in {Kind.CUSTOMER, Kind.OUTSIDE}
        by = " ".join(one for one in (name, value) if one) if is_known else ""
        # What a first letter repeats was never said here; of a later one, it was.
        text = f"{plain}\n{quoted}" if quoted and not _before(ticket_id, pk) else plain
        found[pk] = (ticket_id, Said(kind, text, by=by))
    for pk, role, address, name in _recipients(message_ids):
        said = found[pk][1]
        if not (said.by and role in {"from", "to"}):  # what they wrote went to us
            said.names += [name, address]
    for pk, name in _files(message_ids):
        found[pk][1].files.append(name)
    return {pk: (ticket_id, documents_of(said)) for pk, (ticket_id, said) in found.items()}


_messages = Prepared(
    lambda numbers: (
        Message.objects.filter(pk__in=numbers)
        .order_by("id")
        .values_list(
            "pk",
            "ticket_id",
            "kind",
            "text__plain",
            "text__quoted",
            "text__redacted_at",
            "address__value",
            "address__name",
        )
    )
)
_recipients = Prepared(
    lambda numbers: (
        MessageRecipient.objects.filter(message__in=numbers)
        .order_by("id")
        .values_list("message_id", "role", "address", "name")
    )
)
_files = Prepared(
    lambda numbers: (
        Attachment.objects.filter(message__in=numbers)
        .order_by("id")
        .values_list("message_id", "name")
    )
)
_before = Prepared(
    lambda ticket, number: (
        Message.objects.filter(ticket=ticket, pk__lt=number).order_by().values_list("pk")[:1]
    )
)


def made_of_case(ticket_id: int) -> Made:
    """Return the documents of a ticket's subject, and of what else was written about it: reasons, solutions, checks."""
    [subject] = Ticket.objects.filter(pk=ticket_id).values_list("subject_id", flat=True)
    numbers = blanking.text_ids([ticket_id])
    texts = dict(Text.objects.filter(pk__in={*numbers, subject}).values_list("pk", "plain"))
    others = "\n".join(texts[number] for number in sorted(numbers & texts.keys() - {subject}))
    return [
        *documents_of_text(Kind.SUBJECT, texts[subject]),
        *documents_of_text(Kind.CASE, others),
    ]


def _names_texts(entry: Entry) -> bool:
    event = events.read(entry.kind, entry.v, entry.data)
    return any(getattr(event, name) for name in event.texts)


def _write_messages(message_ids: Sequence[int], survivor: int | None = None) -> None:
    made = made_of_messages(message_ids)
    tickets = {ticket for ticket, _ in made.values()}
    survivors = {number: survivor or survivor_id(number) for number in tickets}
    there = _there(_of_messages(message_ids))
    for number, (ticket_id, documents) in made.items():
        _replace(there[number], documents, (survivors[ticket_id], ticket_id, number))


def _write_case(ticket_id: int, survivor: int | None = None) -> None:
    # By the index that holds the documents of a ticket itself each once.
    there = _there(_of_case(ticket_id))
    whose = (survivor or survivor_id(ticket_id), ticket_id, None)
    _replace(there[ticket_id], made_of_case(ticket_id), whose)


_of_messages = Prepared(
    lambda messages: Document.objects.filter(message__in=messages).values_list(
        "message_id", "pk", "kind", "part"
    )
)
_of_case = Prepared(
    lambda ticket: Document.objects.filter(origin=ticket, message=None).values_list(
        "origin_id", "pk", "kind", "part"
    )
)


def _there(
    documents: Iterable[tuple[int, int, str, int]],
) -> dict[int, dict[tuple[str, int], int]]:
    found: dict[int, dict[tuple[str, int], int]] = defaultdict(dict)
    for whose, pk, kind, part in documents:
        found[whose][kind, part] = pk
    return found


def _replace(
    there: dict[tuple[str, int], int], made: Made, whose: tuple[int, int, int | None]
) -> None:
    """Let these documents stand instead of those; each keeps its number, and so its place among what is found."""
    survivor, origin, message = whose
    for kind, part, words in made:
        number = there.pop((kind, part), None)
        if number is not None:
            Document.objects.filter(pk=number).update(words=words)
        else:
            written.insert(
                Document(
                    ticket_id=survivor,
                    origin_id=origin,
                    message_id=message,
                    kind=kind,
                    part=part,
                    words=words,
                )
            )
    if there:
        Document.objects.filter(pk__in=there.values()).delete()


def _move(ticket_id: int) -> None:
    """Put what was said on this ticket and its parts where it is found now: at the survivor, or back again."""
    here = with_parts(ticket_id)
    to = survivor_id(ticket_id)
    elsewhere = Document.objects.filter(~Q(origin=F("ticket")), origin__in=here)
    elsewhere.exclude(ticket=to).update(ticket=to)
    if to != ticket_id:
        Document.objects.filter(ticket=ticket_id).update(ticket=to)
