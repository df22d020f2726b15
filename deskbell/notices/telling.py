"""Who is told of an entry, and why: the rows of notices, written when the entry is settled.

`tell` is called from a stage of reactions.py, in the transaction of the cursor, so once for each entry.  Nobody is
told of their own doing, nor of what they may not see, and each agent of an entry once, for the strongest reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from deskbell import access, clock
from deskbell.database.prepared import Prepared
from deskbell.notices.models import Notice, Wished
from deskbell.notices.wishes import Why, Wish, read
from deskbell.people.models import Agent
from deskbell.tickets import lifecycle
from deskbell.tickets.actions.acknowledge import FIRST_MESSAGE
from deskbell.tickets.held_back import AS_WISHED
from deskbell.tickets.models import Entry, Message, Ticket
from deskbell.work import signal

Reasons = Iterable[tuple[int, Why]]

# These name the agent whom they concern.  A letter that could not leave concerns who owns the ticket as well.
NAMES_ONE = {
    "agent.mentioned": Why.MENTION,
    "ticket.assigned": Why.ASSIGNED,
    "answer.held_back": Why.HELD,
}
# After the first message, which comes with the opening, whatever a customer does is a word to the assignee.
# What somebody outside answers was asked for, and is awaited as much.
CUSTOMERS_WORD = frozenset(
    {"message.received", "message.answered_aside", "resolution.denied", "ticket.reopened"}
)
# After these a ticket may wait in a department for anybody who takes it.
COMES_IN = frozenset(
    {"ticket.opened", "ticket.transferred", "ticket.not_spam", "ticket.given_back"}
)
# After these nobody else needs to take it: it has somebody, lies elsewhere, or has ended.
NO_LONGER_NEW = frozenset(
    {
        "ticket.assigned",
        "ticket.taken",
        "ticket.transferred",
        "ticket.resolved",
        "ticket.closed",
        "ticket.merged",
        "ticket.marked_spam",
        "ticket.deleted",
    }
)
# After these nothing is due soon that was: the customer was answered, or there is more time.
NO_LONGER_DUE = frozenset({"clock.stopped", "clock.started"})
# The order of strength is that of the list.
STRENGTH = {why: number for number, why in enumerate(Why)}


def tell(entry: Entry, ticket: Ticket) -> list[tuple[Notice, Wish]]:
    """Write a notice of `entry` for everybody who is to know of it; return each with what its agent wishes.

    1. Take back what this entry makes old.
    2. Find whom it concerns, each for the strongest reason; its author knows it already.
    3. Leave out who may not see the ticket, and who wants to hear nothing of the kind.
    """
    _take_back(entry, ticket)
    if _is_out_of_sight(ticket):
        return []
    reasons = _strongest(_reasons(entry, ticket))
    if entry.by_kind == "agent":
        reasons.pop(entry.by_id or 0, None)
    if not reasons:
        return []
    allowed = _who_may(reasons, ticket)
    wishes = wishes_of(allowed)
    told = [(agent, why) for agent, why in reasons.items() if agent in allowed]
    notices = [
        Notice(agent_id=agent, ticket=ticket, step=entry.step, why=why, at=entry.at)
        for agent, why in told
        if wishes[agent].is_told(why)
    ]
    if notices:
        Notice.objects.bulk_create(notices)
        signal.tell()
    return [(notice, wishes[notice.agent_id]) for notice in notices]


def wishes_of(agents: Iterable[int]) -> dict[int, Wish]:
    """Return what each of these agents wishes; one query."""
    numbers = sorted(agents)
    rows = {row.agent_id: row for row in _wished(numbers)}
    return {
        agent: read(row.ways, row.gather_minutes, answer=row.answer)
        if (row := rows.get(agent))
        else Wish()
        for agent in numbers
    }


def _reasons(entry: Entry, ticket: Ticket) -> Iterator[tuple[int, Why]]:
    """Yield whom `entry` concerns, and why; some may be named several times."""
    match entry.kind:
        case kind if kind in NAMES_ONE:
            yield entry.data["agent_id"], NAMES_ONE[kind]
            if kind == "answer.held_back" and entry.data["reason"] not in AS_WISHED:
                yield from _assignee(ticket, Why.HELD)
        case "ticket.woken":
            yield from _assignee(ticket, Why.WOKEN)
        case "clock.warned" if ticket.due_at is not None:
            yield from _assignee(ticket, Why.DUE_SOON)
            if _waits_for_anybody(ticket):
                yield from ((agent, Why.DUE_SOON) for agent in _who_hear_of_new(ticket))
        case "delivery.failed":
            yield from _assignee(ticket, Why.FAILED)
            yield from ((agent, Why.FAILED) for agent in _who_wrote(entry))
        case kind if kind in CUSTOMERS_WORD and entry.by_kind == "customer":
            if not _is_part_of_another(entry):
                yield from _who_await_a_word(entry, ticket)
        case kind if kind in COMES_IN and _waits_for_anybody(ticket):
            yield from ((agent, Why.NEW) for agent in _members(ticket.department_id))
        case _:
            pass


def _strongest(reasons: Reasons) -> dict[int, Why]:
    found: dict[int, Why] = {}
    for agent, why in reasons:
        found[agent] = min(why, found.get(agent, why), key=STRENGTH.__getitem__)
    return found


def _who_may(reasons: dict[int, Why], ticket: Ticket) -> set[int]:
    """Return who may see the ticket; a ticket that waits to be taken concerns those who could take it."""
    for_takers = {Why.NEW} | ({Why.DUE_SOON} if ticket.assignee_id is None else set())
    takers = [agent for agent, why in reasons.items() if why in for_takers]
    others = [agent for agent, why in reasons.items() if why not in for_takers]
    return access.those_who_may("take", ticket, takers) | access.those_who_may(
        "see", ticket, others
    )


def _assignee(ticket: Ticket, why: Why) -> Reasons:
    return [(ticket.assignee_id, why)] if ticket.assignee_id is not None else []


def _who_wrote(entry: Entry) -> list[int]:
    """Return the agent whose letter an entry is about; nobody for one that the desk wrote by itself."""
    found = Message.objects.filter(pk=entry.data["message_id"] or 0, author_kind="agent")
    return [one for one in found.values_list("author_id", flat=True) if one is not None]


def _who_hear_of_new(ticket: Ticket) -> list[int]:
    """Return the members of the ticket's department who wish to hear of tickets of nobody's."""
    members = _members(ticket.department_id)
    return [agent for agent, wish in wishes_of(members).items() if wish.is_told(Why.NEW)]


def _who_await_a_word(entry: Entry, ticket: Ticket) -> Iterator[tuple[int, Why]]:
    yield from _assignee(ticket, Why.ANSWER)
    yield from ((agent, Why.FOLLOWED) for agent in ticket.extra.get("followers", ()))
    if entry.kind == "message.answered_aside":
        writers = _who_wrote_outside(entry.data["message_id"])
        yield from ((agent, Why.ANSWER) for agent in writers)


def _who_wrote_outside(message_id: int) -> list[int]:
    """Return the agents who wrote in the side thread of a message: whosever ticket it is, they await what comes."""
    theirs = Message.objects.filter(
        side__aside=message_id,
        kind=Message.Kind.FORWARD,
        author_kind="agent",
        taken_back_at=None,
    )
    found = theirs.order_by().values_list("author_id", flat=True).distinct()
    return [agent for agent in found if agent is not None]


def _is_part_of_another(entry: Entry) -> bool:
    """Whether it came with something that is told by itself: the opening, or a no with a word about it."""
    if entry.step <= FIRST_MESSAGE:
        return True
    cause = entry.cause
    return cause is not None and cause.kind in CUSTOMERS_WORD


def _waits_for_anybody(ticket: Ticket) -> bool:
    return ticket.assignee_id is None and lifecycle.kind_of(ticket.status) == "active"


def _is_out_of_sight(ticket: Ticket) -> bool:
    return (
        ticket.hidden_at is not None
        or ticket.purged_at is not None
        or ticket.merged_into_id is not None
    )


def _take_back(entry: Entry, ticket: Ticket) -> None:
    """Take as read what nobody needs to hear of any more; what has left by mail has left."""
    old = [pk for pk, why, step in _unread(ticket.pk) if _makes_old(entry, why, step)]
    if old:
        Notice.objects.filter(pk__in=old, read_at=None).update(read_at=clock.now())


def _makes_old(entry: Entry, why: str, step: int) -> bool:
    if entry.kind == "act.undone":
        return step in entry.data["steps"]
    kinds = {Why.NEW: NO_LONGER_NEW, Why.DUE_SOON: NO_LONGER_DUE}.get(Why(why), frozenset())
    return step < entry.step and entry.kind in kinds


# Asked for every entry or every new ticket, so their SQL is worked out once.
_unread = Prepared(
    lambda ticket: (
        Notice.objects.filter(ticket=ticket, read_at=None)
        .order_by()
        .values_list("pk", "why", "step")
    )
)
_wished = Prepared(lambda agents: Wished.objects.filter(agent__in=agents))
_members = Prepared(
    lambda department: (
        Agent.objects.filter(departments=department, archived_at=None)
        .order_by()
        .values_list("pk", flat=True)
    )
)
