"""Whole worker processes send: two at once, beside a relay that hangs, and killed after the dot."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.test import override_settings

from deskbell.channels.mail import smtp_client
from deskbell.channels.mail.models import Delivery, MailBox
from deskbell.channels.mail.outbox import SEND_JOB
from deskbell.clock import now
from deskbell.security.secrets import seal
from deskbell.tickets import actions
from deskbell.tickets.content import Content
from deskbell.work.models import Job
from deskbell.work.run import run_each_twice
from tests.cast import Cast, by, meet
from tests.desk import a_ticket
from tests.fakes import relay as fake

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = ROOT / "tests" / "work" / "worker_process.py"

Start = Callable[[], "subprocess.Popen[bytes]"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def people(transactional_db: None) -> Cast:
    return meet()


@pytest.fixture
def relay() -> Iterator[fake.Relay]:
    with fake.Relay() as running:
        yield running


@pytest.fixture
def start(tmp_path: Path, relay: fake.Relay) -> Iterator[Start]:
    """Start a worker on this test's database, with `relay` as the desk's."""
    workers: list[subprocess.Popen[bytes]] = []
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "DESKBELL_RELAY": relay.url}

    def start_one() -> "subprocess.Popen[bytes]":
        name = str(connection.settings_dict["NAME"])
        command = [sys.executable, str(PROGRAM), name, str(tmp_path)]
        workers.append(subprocess.Popen(command, cwd=ROOT, env=environment))
        return workers[-1]

    yield start_one
    for worker in workers:
        worker.kill()
        worker.wait()


def box(cast: Cast, address: str, relay: str = "") -> MailBox:
    return MailBox.objects.create(address=address, department=cast.support, relay=seal(relay))


def answers(cast: Cast, count: int) -> None:
    """Let Bela answer `count` new tickets; the ten seconds are over."""
    for number in range(count):
        ticket = a_ticket(cast.support, cast.emil, subject=f"Zip {number}")
        actions.reply(ticket, Content(f"Answer {number}."), by=by(cast.bela))
    make_due()


def make_due() -> None:
    Delivery.objects.filter(sent_at=None).update(hold_until=now(), next_at=now())
    Job.objects.filter(name=SEND_JOB).update(run_at=now())


def wait_until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it did not come to that"
        time.sleep(0.05)


def test_each_job_run_twice_and_twice_at_once_sends_one_letter(
    people: Cast, relay: fake.Relay
) -> None:
    box(people, "help@desk.example")
    with override_settings(RELAY=relay.url):
        answers(people, 3)
        assert run_each_twice() >= 3
    smtp_client.close_all()
    assert len(relay.seen) == 3
    assert {delivery.attempts for delivery in Delivery.objects.all()} == {1}


def test_two_workers_send_each_letter_once(people: Cast, relay: fake.Relay, start: Start) -> None:
    box(people, "help@desk.example")
    answers(people, 25)
    start(), start()
    relay.wait_for(25, seconds=30)
    wait_until(lambda: not Delivery.objects.exclude(state=Delivery.State.SENT).exists())
    assert len({letter.message_id for letter in relay.letters}) == len(relay.letters) == 25


def test_a_relay_that_hangs_holds_up_no_other(
    people: Cast, relay: fake.Relay, start: Start
) -> None:
    with fake.Relay() as stuck:
        stuck.always(fake.hang("RCPT"))
        slow = box(people, "slow@desk.example", stuck.url)
        answers(people, 6)
        box(people, "quick@desk.example")
        Delivery.objects.update(sender=slow)
        slow.archived_at = now()
        slow.save(update_fields=["archived_at"])
        start()
        wait_until(lambda: stuck.transactions > 0)
        answers(people, 6)
        relay.wait_for(6, seconds=25)
        assert stuck.letters == []
        assert stuck.transactions <= 2


def test_a_worker_killed_after_the_dot_sends_again_with_the_same_id(
    people: Cast, relay: fake.Relay, start: Start
) -> None:
    box(people, "help@desk.example")
    answers(people, 1)
    relay.plan(fake.hang("dot"))
    worker = start()
    wait_until(lambda: len(relay.seen) == 1)
    worker.kill()
    worker.wait()
    make_due()  # the dead worker's claim runs out
    start()
    [letter] = relay.wait_for(1, seconds=30)
    assert [one.message_id for one in relay.seen] == [letter.message_id] * 2
    assert relay.seen[0].data == letter.data
    wait_until(lambda: Delivery.objects.get().state == Delivery.State.SENT)
