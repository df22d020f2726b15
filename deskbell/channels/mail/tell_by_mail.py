"""Notices that leave by mail: at once for who is not at the desk, or gathered into one letter.

`tell` stands in reactions.py and asks for the jobs; a job writes a letter of what is unread by then, and the letter
is not sent when all of it was read before it leaves (sending.py).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection, transaction

from deskbell import clock
from deskbell.channels.mail import ids, outbox
from deskbell.channels.mail.models import Delivery
from deskbell.notices import reading, telling
from deskbell.notices.models import Notice
from deskbell.notices.wishes import AT_ONCE, Way, Wish
from deskbell.people.actors import Actor
from deskbell.people.models import Agent
from deskbell.tickets.models import Entry, Ticket
from deskbell.work.jobs import enqueue, job

# Of more tickets at the same time, as after a bulk change, one letter tells.
MOST_LETTERS = 5

AT_ONCE_JOB, GATHER_JOB = "mail_notices", "gather_notices"


def tell(entry: Entry, ticket: Ticket) -> None:
    """Write the notices of an entry, and ask for the letters that their agents wish."""
    for notice, wish in telling.tell(entry, ticket):
        _ask(notice, wish)


def is_read(delivery: Delivery) -> bool:
    """Whether nothing that a letter would tell is news to its agent any more, or theirs to know."""
    return not reading.unread_in_letter(_agent_of(delivery), delivery.pk)


def told_in(delivery: Delivery) -> list[Notice]:
    """Return what a letter tells, the oldest first; what was read meanwhile is left out if something is left."""
    by = _agent_of(delivery)
    return reading.unread_in_letter(by, delivery.pk) or reading.in_letter(by, delivery.pk)


@job(AT_ONCE_JOB)
def mail_notices(agent_id: int) -> None:
    """Write a letter about each ticket of which an agent wished to be told at once, and has not read by now.

    Running it twice writes nothing twice: a notice is in one letter, which is decided under a lock.
    """
    with transaction.atomic():
        agent = _lock(agent_id)
        if agent is None:
            return
        waiting = _waiting(agent, Way.MAIL)
        due_until = clock.now() - AT_ONCE
        due = dict.fromkeys(one.ticket_id for one in waiting if one.at <= due_until)
        # What came to the same ticket since then is told by the same letter.
        told = [one for one in waiting if one.ticket_id in due]
        if len(due) > MOST_LETTERS:
            _write(agent, told)
        else:
            for ticket in due:
                _write(agent, [one for one in told if one.ticket_id == ticket])
        if left := [one.at for one in waiting if one.mailed_at is None]:
            _enqueue(AT_ONCE_JOB, agent.pk, min(left) + AT_ONCE)


@job(GATHER_JOB)
def gather_notices(agent_id: int) -> None:
    """Write one letter of all that an agent wished to be told gathered, and has not read by now."""
    with transaction.atomic():
        agent = _lock(agent_id)
        if agent is not None and (waiting := _waiting(agent, Way.GATHERED)):
            _write(agent, waiting)


def _ask(notice: Notice, wish: Wish) -> None:
    now = clock.now()
    if wish.wants(notice.why, Way.MAIL):
        _enqueue(AT_ONCE_JOB, notice.agent_id, now + AT_ONCE)
    elif wish.wants(notice.why, Way.GATHERED):
        # Counted from the first that is not told yet, so there is no more than one in that time.
        _enqueue(GATHER_JOB, notice.agent_id, now + timedelta(minutes=wish.gather_minutes))


def _enqueue(name: str, agent_id: int, at: datetime) -> None:
    enqueue(name, key=str(agent_id), run_at=at, agent_id=agent_id)


def _lock(agent_id: int) -> Agent | None:
    """Return the agent, held, so that nobody else decides about their letters; None for who has left."""
    agents = Agent.objects.filter(pk=agent_id, archived_at=None, account__is_active=True)
    if connection.features.has_select_for_update:
        # Not their number, to which notices are tied meanwhile.
        agents = agents.select_for_update(of=("self",), no_key=True)
    return agents.select_related("account").first()


def _waiting(agent: Agent, way: Way) -> list[Notice]:
    """Return what an agent has not read, that no letter tells, and that they wish to be told this way now."""
    [wish] = telling.wishes_of([agent.pk]).values()
    unread = reading.unmailed(Actor.agent(agent))
    return [one for one in unread if wish.wants(one.why, way)]


def _write(agent: Agent, notices: list[Notice]) -> None:
    """Write the letter that tells of these; it is about a ticket when all of them are."""
    tickets = {one.ticket_id: one.ticket for one in notices}
    ticket = notices[0].ticket if len(tickets) == 1 else None
    box = outbox.box_for(ticket) if ticket else outbox.first_box()
    delivery = Delivery(
        ticket=ticket,
        account=agent.account,
        purpose=Delivery.Purpose.NOTICE,
        address=agent.account.email,
        name=agent.account.name,
        sender=box,
        rfc_message_id=ids.account_letter_id(
            secrets.randbits(60), domain=ids.domain_of(box.address) if box else ""
        ),
        entry_step=max(one.step for one in notices) if ticket else 0,
    )
    outbox.send_now(delivery)
    _mark(notices, delivery)


def _mark(notices: Iterable[Notice], delivery: Delivery) -> None:
    now = clock.now()
    for one in notices:
        one.mailed_at, one.letter = now, delivery.pk
    Notice.objects.filter(pk__in=[one.pk for one in notices]).update(
        mailed_at=now, letter=delivery.pk
    )


def _agent_of(delivery: Delivery) -> Actor:
    """Return the agent a letter is for; somebody without rights when nobody works here by that account."""
    number = Agent.objects.filter(account=delivery.account).values_list("pk", flat=True).first()
    return Actor("agent", number or 0)
