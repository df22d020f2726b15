"""A job is a row: it exists only if its transaction commits, waits, runs, comes back or is parked."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.db import transaction

from deskbell import clock as desk_clock
from deskbell.errors import OutsideFailure
from deskbell.work import claims, registry
from deskbell.work.jobs import OUTSIDE, Later, enqueue, job, run_due, run_each_twice
from deskbell.work.models import Job


@pytest.fixture
def said() -> Iterator[list[str]]:
    """What the jobs of these tests said; they are registered for one test only."""
    words: list[str] = []
    before = dict(registry.KINDS)

    @job("say")
    def say(word: str) -> None:
        words.append(word)

    @job("fail", attempts=3)
    def fail() -> None:
        words.append("failed")
        raise OutsideFailure("relay_away", permanent=False)

    @job("give up")
    def give_up() -> None:
        raise OutsideFailure("no_such_mailbox", permanent=True)

    @job("break", attempts=2)
    def break_down() -> None:
        raise ZeroDivisionError

    @job("later", lane=OUTSIDE)
    def later() -> None:
        if not words:
            words.append("not yet")
            raise Later(desk_clock.now() + timedelta(minutes=5), "the relay asked for it")
        words.append("now")

    yield words
    registry.KINDS.clear()
    registry.KINDS.update(before)


@pytest.mark.django_db(transaction=True)
def test_a_job_of_a_transaction_that_fails_was_never_asked_for(said: list[str]) -> None:
    with transaction.atomic():
        enqueue("say", word="hello")
        transaction.set_rollback(True)
    assert run_due() == 0
    enqueue("say", word="hello")
    assert run_due() == 1
    assert said == ["hello"]
    assert not Job.objects.exists()


@pytest.mark.django_db
def test_a_job_waits_for_its_time(said: list[str], clock: time_machine.Traveller) -> None:
    enqueue("say", run_at=desk_clock.now() + timedelta(minutes=1), word="tea")
    assert run_due() == 0
    clock.shift(timedelta(minutes=1))
    assert run_due() == 1


@pytest.mark.django_db
def test_a_second_job_of_the_same_key_is_not_made_while_the_first_waits(
    said: list[str], clock: time_machine.Traveller
) -> None:
    soon, later = (desk_clock.now() + timedelta(minutes=n) for n in (1, 9))
    enqueue("say", key="tea", run_at=later, word="first")
    enqueue("say", key="tea", run_at=soon, word="second")
    enqueue("say", key="tea", run_at=later, word="third")
    assert [row.run_at for row in Job.objects.all()] == [soon]
    clock.shift(timedelta(minutes=1))
    assert run_due() == 1
    assert said == ["first"]


@pytest.mark.django_db
def test_a_running_job_does_not_stop_one_of_the_same_key_from_being_asked_for(
    said: list[str],
) -> None:
    enqueue("say", key="tea", word="first")
    (running,) = claims.claim("worker", {"inside": 1})
    enqueue("say", key="tea", word="second")
    assert run_due() == 1
    assert said == ["second"]
    claims.remove_done([running])
    assert not Job.objects.exists()


@pytest.mark.django_db
def test_what_fails_comes_back_with_growing_pauses_and_is_parked_with_its_reason(
    said: list[str], clock: time_machine.Traveller
) -> None:
    enqueue("fail")
    waited: list[timedelta] = []
    for _attempt in range(3):
        waited.append(Job.objects.get().run_at - desk_clock.now())
        clock.shift(waited[-1])
        assert run_due() == 1
    parked = Job.objects.get()
    assert (parked.state, parked.reason, parked.failures) == (Job.PARKED, "relay_away", 3)
    assert parked.parked_at == desk_clock.now()
    assert timedelta(0) == waited[0] < waited[1] < waited[2]
    clock.shift(timedelta(days=1))
    assert run_due() == 0


@pytest.mark.django_db
def test_what_can_never_succeed_is_parked_at_once(said: list[str]) -> None:
    enqueue("give up")
    assert run_due() == 1
    assert Job.objects.get().reason == "no_such_mailbox"


@pytest.mark.django_db
def test_a_broken_job_is_put_back_and_a_test_sees_its_error(said: list[str]) -> None:
    enqueue("break")
    with pytest.raises(ZeroDivisionError):
        run_due()
    broken = Job.objects.get()
    assert (broken.state, broken.reason, broken.failures) == (Job.WAITING, "ZeroDivisionError", 1)


@pytest.mark.django_db
def test_a_job_that_asks_for_later_has_not_failed(
    said: list[str], clock: time_machine.Traveller
) -> None:
    enqueue("later", key="one")
    assert run_due() == 1
    waiting = Job.objects.get()
    assert (waiting.failures, waiting.reason) == (0, "the relay asked for it")
    clock.shift(timedelta(minutes=5))
    assert run_due() == 1
    assert said == ["not yet", "now"]


@pytest.mark.django_db
def test_a_job_put_back_melts_into_the_one_of_its_key_that_waits(
    said: list[str], clock: time_machine.Traveller
) -> None:
    enqueue("fail", key="one")
    (running,) = claims.claim("worker", {"inside": 1})
    enqueue("fail", key="one", run_at=desk_clock.now() + timedelta(hours=1))
    claims.write_unfinished(running, claims.Failed("relay_away", "", final=False))
    row = Job.objects.get()
    assert row.failures == 1
    assert row.run_at < desk_clock.now() + timedelta(seconds=3)


@pytest.mark.django_db
def test_what_a_silent_worker_held_is_done_by_another_and_the_silent_one_is_not_heard_any_more(
    said: list[str], clock: time_machine.Traveller
) -> None:
    enqueue("say", word="hello")
    (silent,) = claims.claim("silent", {"inside": 1})
    assert claims.claim("other", {"inside": 1}) == []
    clock.shift(timedelta(seconds=29))
    claims.renew("silent", [silent])
    clock.shift(timedelta(seconds=29))
    assert claims.take_from_the_silent() == 0
    clock.shift(timedelta(seconds=2))
    assert claims.take_from_the_silent() == 1
    (mine,) = claims.claim("other", {"inside": 1})
    assert (mine.id, mine.attempt) == (silent.id, 2)
    claims.remove_done([silent])
    claims.write_unfinished(silent, claims.Failed("late", "", final=True))
    assert Job.objects.get().state == Job.RUNNING
    claims.remove_done([mine])
    assert not Job.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_each_job_can_be_run_twice_in_a_row_and_twice_at_once(said: list[str]) -> None:
    enqueue("say", word="a")
    enqueue("say", word="b")
    assert run_each_twice() == 2
    assert sorted(said) == ["a", "a", "a", "b", "b", "b"]


@pytest.mark.django_db
def test_a_name_that_nobody_registered_is_refused_at_once() -> None:
    with pytest.raises(KeyError):
        enqueue("sya", word="hello")
