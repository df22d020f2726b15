"""What an agent's answer by mail becomes, to the letter that told them of something."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from django.db.models import Exists, OuterRef

from deskbell.notices.models import Notice
from deskbell.notices.telling import wishes_of
from deskbell.people.models import Agent
from deskbell.tickets.models import Entry, Ticket
from deskbell.tickets.state import state_of

Becomes = Literal["reply", "note"]


def becomes(agent: Agent, ticket: Ticket, letters: Iterable[int]) -> Becomes:
    """Return what the answer of `agent` becomes: an answer to the customer where they wish so, else a note.

    letters  the deliveries that are answered; where they are unknown, or what they told of is forgotten, it is what
             is safe on this ticket
    Of what somebody outside wrote it is a note always: what is meant for them would go to the customer.
    """
    [wish] = wishes_of([agent.pk]).values()
    if not wish.answer:
        return "note"
    aside = Entry.objects.filter(kind="message.answered_aside")
    told = Notice.objects.filter(agent=agent, letter__in=list(letters))
    if told.exists():
        of_outsiders = aside.filter(ticket=OuterRef("ticket"), step=OuterRef("step"))
        return "note" if told.filter(Exists(of_outsiders)).exists() else "reply"
    tickets = [ticket.pk, *state_of(ticket).sources]
    return "note" if aside.filter(ticket__in=tickets).exists() else "reply"
