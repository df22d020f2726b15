"""How often canned answers were sent: with the message, and not where they were put in and thrown away again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from deskbell import clock
from deskbell.knowledge import canned, uses
from deskbell.knowledge.canned import Said, Wanted
from deskbell.knowledge.models import CannedAnswer
from deskbell.tickets import actions, scheduled
from deskbell.tickets.content import Content
from deskbell.tickets.drafts import Words
from deskbell.tickets.leaving import Plan
from deskbell.tickets.models import Ticket
from tests.cast import Cast, by
from tests.desk import a_ticket

TEXT = "Dear {first_name}, send us the tent and we sew in another zip."
SENT = "Dear Emil, send us the tent please, and we sew in another zip at once."


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    return a_ticket(cast.support, cast.emil)


@pytest.fixture
def answer(cast: Cast) -> CannedAnswer:
    return canned.make(Wanted("Zip", {"en": Said(TEXT)}), by=by(cast.anna))


def _used(answer: CannedAnswer) -> int:
    answer.refresh_from_db()
    assert (answer.used_at is None) == (answer.used == 0)
    return answer.used


def test_it_counts_when_a_message_was_sent_with_it(
    cast: Cast, ticket: Ticket, answer: CannedAnswer
) -> None:
    message = actions.reply(ticket, Content(SENT), by=by(cast.bela))
    uses.count([answer.pk], message, by=by(cast.bela))
    uses.count([answer.pk], message, by=by(cast.bela))  # the same form once more
    assert _used(answer) == 1


def test_what_was_thrown_away_again_counts_nothing(
    cast: Cast, ticket: Ticket, answer: CannedAnswer
) -> None:
    message = actions.reply(ticket, Content("No, sorry."), by=by(cast.bela))
    uses.count([answer.pk], message, by=by(cast.bela))
    assert _used(answer) == 0


def test_nobody_counts_what_they_may_not_use(
    cast: Cast, ticket: Ticket, answer: CannedAnswer
) -> None:
    CannedAnswer.objects.update(owner=cast.dora)
    message = actions.reply(ticket, Content(SENT), by=by(cast.bela))
    uses.count([answer.pk, 10**18], message, by=by(cast.bela))
    assert _used(answer) == 0


def test_what_leaves_later_counts_when_it_leaves(
    cast: Cast, ticket: Ticket, answer: CannedAnswer
) -> None:
    words = Words(SENT, fields={"canned": [str(answer.pk), "nonsense", "9" * 19]})
    plan = Plan(send_at=clock.now() + timedelta(hours=1))
    waiting = scheduled.schedule(ticket, words, plan, by=by(cast.bela))
    assert _used(answer) == 0
    scheduled.send(waiting)
    assert _used(answer) == 1
