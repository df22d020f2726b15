"""Idempotency-Key: sent twice, done once, answered twice."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection

from deskbell.api import once, uploads
from deskbell.api.models import IdempotencyKey, Upload
from deskbell.people.models import Customer
from deskbell.tickets.models import Message, Ticket
from deskbell.work.run import run_due
from tests.api.conftest import Program, program_of
from tests.cast import Cast, meet
from tests.desk import a_ticket

NEW = {"subject": "The zip", "text": "It came apart.", "department": "Support"}


def test_a_ticket_sent_twice_is_opened_once(cast: Cast, bela: Program) -> None:
    first = bela.send("POST", "/tickets", NEW, once="order-7")
    second = bela.send("POST", "/tickets", NEW, once="order-7")
    assert (first.status_code, second.status_code) == (201, 201)
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert second.content == first.content
    for header in ("Location", "Content-Type"):
        assert second.headers[header] == first.headers[header]
    assert Ticket.objects.count() == 1
    bela.post("/tickets", NEW, once="order-8")
    bela.post("/tickets", NEW)
    assert Ticket.objects.count() == 3


def test_what_was_taken_out_comes_back_by_no_second_asking(
    cast: Cast, anna: Program, bela: Program
) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    path = f"/tickets/{ticket.code}"
    note = {"kind": "note", "text": "The pin is 4711."}
    for _ in range(2):
        bela.post(f"{path}/messages", note, once="the note")
    for _ in range(2):
        anna.post(f"{path}/redactions", {"passage": "4711"}, once="out with it")
    problem = bela.read(bela.send("POST", f"{path}/messages", note, once="the note"), 410)
    assert problem["code"] == "answer_gone"
    assert ticket.messages.filter(kind="note").count() == 1


def test_an_erased_customer_comes_back_by_no_second_asking(cast: Cast, anna: Program) -> None:
    new = {"email": "gina@acme.example", "name": "Gina"}
    made = anna.post("/customers", new, once="gina")
    anna.send("DELETE", f"/customers/{made['id']}")
    run_due()
    assert anna.send("POST", "/customers", new, once="gina").status_code == 410


def test_an_answer_sent_twice_leaves_once(cast: Cast, bela: Program) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    for _ in range(3):
        bela.post(f"/tickets/{ticket.code}/messages", {"kind": "reply", "text": "Hi."}, once="x")
    assert ticket.messages.filter(kind=Message.Kind.REPLY).count() == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [("/tickets", {**NEW, "text": "Something else."}), ("/customers", NEW), ("/tickets?x=1", NEW)],
)
def test_the_same_key_for_something_else_is_refused(
    cast: Cast, bela: Program, path: str, body: Any
) -> None:
    bela.post("/tickets", NEW, once="order-7")
    if path == "/customers":
        body = {"email": "gina@acme.example"}
    problem = bela.read(bela.send("POST", path, body, once="order-7"), 422)
    assert problem["code"] == "idempotency_mismatch"
    assert Ticket.objects.count() == 1
    assert not Customer.objects.filter(addresses__value="gina@acme.example").exists()


def test_each_program_names_its_own(cast: Cast, bela: Program, anna: Program) -> None:
    assert (
        bela.post("/tickets", NEW, once="1")["code"] != anna.post("/tickets", NEW, once="1")["code"]
    )


def test_after_a_day_it_is_a_new_wish(cast: Cast, clock: time_machine.Traveller) -> None:
    bela = program_of(cast.bela)
    bela.post("/tickets", NEW, once="order-7")
    clock.shift(timedelta(hours=23, minutes=59))
    bela.post("/tickets", NEW, once="order-7")
    assert Ticket.objects.count() == 1
    clock.shift(timedelta(minutes=1))
    bela.post("/tickets", NEW, once="order-7")
    assert Ticket.objects.count() == 2


def test_what_was_refused_may_be_asked_again(cast: Cast, bela: Program) -> None:
    wrong = {**NEW, "department": "Nowhere"}
    bela.read(bela.send("POST", "/tickets", wrong, once="order-7"), 422)
    assert not IdempotencyKey.objects.exists()
    bela.post("/tickets", NEW, once="order-7")


@pytest.mark.parametrize("value", ["", " ", "x" * 256, "é", "a\tb"])
def test_a_key_that_is_none_is_refused(cast: Cast, bela: Program, value: str) -> None:
    bela.headers["Idempotency-Key"] = value
    problem = bela.refused(422, "POST", "/tickets", NEW)
    assert problem["errors"][0]["field"] == "Idempotency-Key"
    assert not Ticket.objects.exists()


def test_a_new_api_key_is_not_kept_in_the_clear(cast: Cast, bela: Program) -> None:
    made = bela.post("/keys", {"name": "the shop"}, once="k")
    assert made["key"] not in IdempotencyKey.objects.get().sealed_answer
    assert bela.post("/keys", {"name": "the shop"}, once="k") == made


def test_a_file_sent_twice_waits_once(cast: Cast, bela: Program) -> None:
    bela.headers["Idempotency-Key"] = "file"
    first = bela.upload("/attachments", "zip.png", b"png", "image/png")
    assert bela.upload("/attachments", "zip.png", b"png", "image/png") == first
    assert Upload.objects.count() == 1


def test_old_wishes_and_files_are_forgotten(cast: Cast, clock: time_machine.Traveller) -> None:
    bela = program_of(cast.bela)
    bela.post("/tickets", NEW, once="order-7")
    bela.upload("/attachments", "zip.png", b"png", "image/png")
    assert (once.forget_old(), uploads.forget_old()) == (0, 0)
    clock.shift(timedelta(hours=24))
    assert (once.forget_old(), uploads.forget_old()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_have_one_effect() -> None:
    bela = program_of(meet().bela)
    answers: list[tuple[int, bytes]] = []
    ready = threading.Barrier(4)

    def ask() -> None:
        try:
            ready.wait(10)
            answer = Program(bela.key).send("POST", "/tickets", NEW, once="order-7")
            answers.append((answer.status_code, answer.content))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(answers) == 4
    assert set(answers) == {answers[0]}
    assert answers[0][0] == 201
    assert Ticket.objects.count() == 1
