"""Two people press at the same moment: one wins, the other is told, nothing is done twice."""

from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from django.db import connection

from deskbell.errors import DeskError, WrongStatus
from deskbell.people.actors import Actor
from deskbell.tickets import actions
from deskbell.tickets.content import Content
from deskbell.tickets.models import Entry, Message, Ticket
from deskbell.tickets.settle import settle, stages
from tests.cast import by, meet
from tests.desk import a_ticket

pytestmark = pytest.mark.django_db(transaction=True)

Act = Callable[[Ticket], object]


def at_once(ticket: Ticket, *acts: Act) -> list[DeskError | None]:
    """Let every act begin at the same moment, each in a thread of its own; return what each raised."""
    barrier = Barrier(len(acts))
    outcomes: list[DeskError | None] = [None] * len(acts)

    def run(number: int, act: Act) -> None:
        try:
            own = Ticket.objects.get(pk=ticket.pk)
            barrier.wait(10)
            act(own)
        except DeskError as error:
            outcomes[number] = error
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return outcomes


def kinds(ticket: Ticket) -> list[str]:
    return list(Entry.objects.filter(ticket=ticket).values_list("kind", flat=True))


@pytest.mark.parametrize("attempt", range(5))
def test_two_agents_resolve_at_once_and_one_is_told(attempt: int) -> None:
    cast = meet()
    ticket = a_ticket(cast.support, cast.emil)
    outcomes = at_once(
        ticket,
        lambda t: actions.resolve(t, by=by(cast.anna)),
        lambda t: actions.resolve(t, by=by(cast.anna)),
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType", "WrongStatus"]
    told = next(outcome for outcome in outcomes if outcome is not None)
    assert isinstance(told, WrongStatus)
    assert "Resolved" in told.sentence
    assert kinds(ticket).count("ticket.resolved") == 1


def test_an_answer_and_a_letter_at_once_both_stand_in_one_order() -> None:
    cast = meet()
    ticket = a_ticket(cast.support, cast.emil)
    outcomes = at_once(
        ticket,
        lambda t: actions.reply(t, Content("Look."), by=by(cast.bela)),
        lambda t: actions.receive(t, Content("More."), by=by(cast.emil), address=cast.emil),
    )
    assert outcomes == [None, None]
    steps = list(Entry.objects.filter(ticket=ticket).values_list("step", flat=True))
    assert steps == list(range(1, len(steps) + 1))


def test_the_same_form_sent_twice_at_once_answers_once() -> None:
    cast = meet()
    ticket = a_ticket(cast.support, cast.emil)

    def send(t: Ticket) -> object:
        return actions.reply(t, Content("Once."), by=by(cast.bela), once="the form")

    assert at_once(ticket, send, send) == [None, None]
    assert Message.objects.filter(kind="reply").count() == 1


def test_eight_agents_take_one_ticket_and_it_has_one_owner_at_any_time() -> None:
    cast = meet()
    ticket = a_ticket(cast.support, cast.emil)
    takers = [cast.anna, cast.bela] * 4
    acts = [lambda t, who=who: actions.take(t, by=Actor.agent(who)) for who in takers]
    assert at_once(ticket, *acts) == [None] * 8


def test_settling_twice_at_once_settles_each_entry_once(monkeypatch: pytest.MonkeyPatch) -> None:
    cast = meet()
    ticket = a_ticket(cast.support, cast.emil)
    actions.take(ticket, by=by(cast.bela))
    seen: list[int] = []
    monkeypatch.setattr(stages, "functions", (lambda entry, _: seen.append(entry.step),))
    at_once(ticket, lambda t: settle(t.pk), lambda t: settle(t.pk))
    settle(ticket.pk)
    assert sorted(seen) == [1, 2, 3]


def test_a_stage_that_fails_is_tried_again_with_nothing_half_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cast = meet()
    ticket = a_ticket(cast.support, cast.emil)

    def note_and_fail(entry: Entry, t: Ticket) -> None:
        actions.note(t, Content("Half."), by=by(cast.bela))
        raise RuntimeError("the power went")

    monkeypatch.setattr(stages, "functions", (note_and_fail,))
    with pytest.raises(RuntimeError, match="power"):
        settle(ticket.pk)
    ticket.refresh_from_db()
    assert ticket.settled_step == 0
    assert not Message.objects.filter(kind="note").exists()
