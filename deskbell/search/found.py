"""Lists of tickets by what was said on them: the newest hit first, or the best; what a search shows.

1. Of the words that are looked for, those that stand in the fewest documents lead.
2. Their documents are read from the newest back, some at a time.
3. Of their tickets those stay that fit all else and may be seen; each stands where its newest hit does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core import signing
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from deskbell.errors import BadInput
from deskbell.search import hits
from deskbell.search.hits import END, Hit
from deskbell.search.looked_for import LookedFor
from deskbell.search.marks import Piece, marked, marked_whole
from deskbell.search.models import Document
from deskbell.search.query import Query, Sought
from deskbell.search.tickets import says, selected
from deskbell.tickets import queries
from deskbell.tickets.models import Attachment, Message, Ticket
from deskbell.tickets.queries import Row, limited

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import QuerySet

    from deskbell.people.actors import Actor

# So many documents tell whether words are rare, and so many of the newest are ranked.
RANKED = 2000
# Documents read at a time, at the least and at the most.
FEWEST, MOST = 200, 5000
# After so many in vain, tickets that fit all else are looked into instead, if they are not too many.
PATIENCE = 3_000
SALT = "found"

# What a hit weighs by where it stands; a ticket counts each place once, and how often at the margin.
WEIGHTS = {"subject": 100, "case": 30, "customer": 20, "reply": 12, "note": 12, "outside": 10}
WEIGHT = 8
TOGETHER = 60  # the words stand side by side, in the order in which they were typed


@dataclass(frozen=True, slots=True)
class FoundRow:
    """A ticket of a list, and where it says what was looked for.

    subject  in pieces, of which some are what was looked for
    said     the same of a message or of what else was written; empty when it is the subject alone
    kind     of what was said, as of documents
    """

    row: Row
    subject: tuple[Piece, ...]
    said: tuple[Piece, ...]
    kind: str


@dataclass(frozen=True, slots=True)
class FoundPage:
    """Some of what was found, and the cursor that leads to what comes after; None at the end."""

    rows: tuple[FoundRow, ...]
    next: str | None


def found(
    actor: Actor, query: Query, *, best_first: bool = False, after: str = "", limit: int = 50
) -> FoundPage:
    """Return tickets on which all words of a query stand and that fit the rest of it; it has words.

    best_first  of the newest 2,000 hits the best; else the newest hit first
    after       the cursor that a page gave; of the same query and order
    Raises BadQuery, BadInput.
    """
    chosen, cursor = _page(actor, query, best_first=best_first, after=after, limit=limit)
    return FoundPage(tuple(_shown(chosen, query)), cursor)


def found_numbers(
    actor: Actor, query: Query, *, best_first: bool = False, after: str = "", limit: int = 50
) -> tuple[list[int], str | None]:
    """Return the same as `found` does, as the numbers of the tickets."""
    chosen, cursor = _page(actor, query, best_first=best_first, after=after, limit=limit)
    return [hit.ticket_id for hit in chosen], cursor


def _page(
    actor: Actor, query: Query, *, best_first: bool, after: str, limit: int
) -> tuple[list[Hit], str | None]:
    limit = limited(limit)
    order = "best" if best_first else "newest"
    leader = _rarest(query.positive)
    rest = selected(actor, query, besides=leader)
    place = _place(after, order)
    if best_first:
        ranked = _best(leader, rest, query)
        chosen = ranked[place : place + limit]
        more = place + limit if len(ranked) > place + limit else None
    else:
        chosen = _newest(leader, rest, place or END, limit + 1)
        more = chosen[limit - 1].id if len(chosen) > limit else None
        chosen = chosen[:limit]
    return chosen, signing.dumps([order, more], salt=SALT) if more else None


def _place(cursor: str, order: str) -> int:
    if not cursor:
        return 0
    try:
        of_order, place = signing.loads(cursor, salt=SALT)
    except (signing.BadSignature, ValueError) as error:
        raise BadInput("after", _("This cursor is not one that a list gave.")) from error
    if of_order != order:
        raise BadInput("after", _("This cursor belongs to another order of the list."))
    return int(place)


def _rarest(sought: Sequence[Sought]) -> Sought:
    if len(sought) == 1:
        return sought[0]
    return min(sought, key=lambda one: len(hits.newest(one.either, RANKED + 1)))


def _newest(leader: Sought, rest: QuerySet[Ticket], before: int, wanted: int) -> list[Hit]:
    """Return a hit for each of `wanted` tickets, the newest first; those whose newest is not before `before` apart."""
    chosen: dict[int, Hit] = {}
    refused: set[int] = set()
    size, read, at = max(FEWEST, 2 * wanted), 0, before
    while len(chosen) < wanted:
        found = hits.newest(leader.either, size, at)
        first: dict[int, Hit] = {}
        for hit in found:
            if hit.ticket_id not in chosen and hit.ticket_id not in refused:
                first.setdefault(hit.ticket_id, hit)
        fitting = _fitting(first.keys(), leader, rest, before)
        chosen |= {number: hit for number, hit in first.items() if number in fitting}
        refused |= first.keys() - fitting
        if len(found) < size:
            break
        at, read, size = found[-1].id, read + size, min(size * 4, MOST)
        if read >= PATIENCE and (other := _by_looking_into(leader, rest, before)) is not None:
            return other[:wanted]
    return list(chosen.values())[:wanted]


def _fitting(
    numbers: Iterable[int], leader: Sought, rest: QuerySet[Ticket], before: int
) -> set[int]:
    fitting = set(rest.filter(pk__in=list(numbers)).values_list("pk", flat=True))
    if before == END or not fitting:
        return fitting
    # A page before this one showed them, where they were found newer.
    shown = Document.objects.filter(says(leader), ticket__in=fitting, pk__gte=before)
    return fitting - set(shown.values_list("ticket_id", flat=True))


def _by_looking_into(leader: Sought, rest: QuerySet[Ticket], before: int) -> list[Hit] | None:
    """Return all hits by way of the tickets that fit; None when those are too many."""
    numbers = list(rest.values_list("pk", flat=True)[: RANKED + 1])
    if len(numbers) > RANKED:
        return None
    said = Document.objects.filter(says(leader), ticket__in=numbers)
    newest = said.values("ticket_id").annotate(newest=Max("pk")).values_list("newest", flat=True)
    last = Document.objects.filter(pk__in=list(newest), pk__lt=before).order_by("-pk")
    return [Hit(*row) for row in last.values_list("pk", "ticket_id", "message_id", "kind")]


def _best(leader: Sought, rest: QuerySet[Ticket], query: Query) -> list[Hit]:
    """Return a hit for each ticket among the newest, the best ticket first; among equals the newest."""
    found = hits.newest(leader.either, RANKED)
    fitting = set(rest.filter(pk__in={hit.ticket_id for hit in found}).values_list("pk", flat=True))
    together = _side_by_side(query, fitting)
    scores: dict[int, float] = dict.fromkeys(fitting, 0)
    shown: dict[int, Hit] = {}
    for hit in found:
        if hit.ticket_id not in fitting:
            continue
        before = shown.setdefault(hit.ticket_id, hit)
        weight = WEIGHTS.get(hit.kind, WEIGHT)
        is_new_place = hit is before or weight > WEIGHTS.get(before.kind, WEIGHT)
        scores[hit.ticket_id] += weight if is_new_place else 1
        if hit.id in together:
            scores[hit.ticket_id] += TOGETHER
        if weight > WEIGHTS.get(before.kind, WEIGHT):
            shown[hit.ticket_id] = hit
    return sorted(shown.values(), key=lambda hit: (-scores[hit.ticket_id], -hit.id))


def _side_by_side(query: Query, tickets: set[int]) -> set[int]:
    """Return the documents in which the words stand as they were typed, where there are several."""
    words = [one.either[0].text for one in query.positive if not one.either[0].kinds]
    if len(words) < 2 or not tickets:  # noqa: PLR2004
        return set()
    phrase = LookedFor(" ".join(words), exact=True)
    said = Document.objects.filter(words__says=phrase, ticket__in=tickets)
    return set(said.values_list("pk", flat=True))


def _shown(chosen: Sequence[Hit], query: Query) -> list[FoundRow]:
    """Return the rows of these hits, in their order, with what was looked for marked; four queries at the most."""
    rows = queries.rows_by_number([hit.ticket_id for hit in chosen])
    said = _said(chosen)
    looked_for = [one for sought in query.positive for one in sought.either]
    return [
        FoundRow(
            row=rows[hit.ticket_id],
            subject=marked_whole(rows[hit.ticket_id].subject, looked_for),
            said=marked(said[hit.id], looked_for) if said.get(hit.id) else (),
            kind=hit.kind,
        )
        for hit in chosen
        if hit.ticket_id in rows
    ]


def _said(chosen: Sequence[Hit]) -> dict[int, str]:
    """Return the words of messages, and the names of files, by hit."""
    numbers = [hit.message_id for hit in chosen if hit.message_id]
    texts = {
        pk: plain or quoted
        for pk, plain, quoted in Message.objects.filter(pk__in=numbers).values_list(
            "pk", "text__plain", "text__quoted"
        )
    }
    names: dict[int, list[str]] = {}
    with_files = [hit.message_id for hit in chosen if hit.kind == Document.Kind.FILE]
    if with_files:
        files = Attachment.objects.filter(message__in=with_files).order_by("id")
        for number, name in files.values_list("message_id", "name"):
            names.setdefault(number, []).append(name)
    return {
        hit.id: ", ".join(names.get(hit.message_id, ()))
        if hit.kind == Document.Kind.FILE
        else texts.get(hit.message_id, "")
        for hit in chosen
        if hit.message_id
    }
