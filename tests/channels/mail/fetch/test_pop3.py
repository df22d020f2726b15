"""Fetching by POP3 from a real Dovecot."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from deskbell import clock
from deskbell.channels.mail import letters
from deskbell.channels.mail.fetch import keeping, pop3_walk, sources
from deskbell.channels.mail.models import Letter, Seen
from deskbell.tickets.models import Ticket
from deskbell.work.jobs import run_due
from tests.channels.mail.fetch.desk import Box, a_letter

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _by_pop3(box: Box) -> None:
    box.enter(kind="pop3")


def subjects() -> list[str]:
    return list(Ticket.objects.order_by("id").values_list("subject__plain", flat=True))


def test_what_comes_from_now_on_becomes_tickets_once(box: Box) -> None:
    box.deliver(a_letter("Old"))
    box.start()
    box.deliver(a_letter("New"))
    box.look()
    assert box.look().reason == ""
    assert subjects() == ["New"]
    assert Letter.objects.get().source == "pop3"


def test_all_that_lay_there_comes_too_and_new_ones_first(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "BATCH", 2)
    for name in ("One", "Two", "Three"):
        box.deliver(a_letter(name))
    sources.start(box.source, begin="all")
    box.deliver(a_letter("New"))
    run_due()
    assert subjects() == ["New", "One", "Two", "Three"]


def test_letters_are_deleted_once_they_are_here(box: Box) -> None:
    box.deliver(a_letter("Old"))
    box.start(after="delete")
    box.deliver(a_letter("New"))
    box.look()
    assert subjects() == ["New"]
    assert len(box.server.flags(box.user)) == 1, "the one that lay there stays"
    box.look()
    assert not Seen.objects.filter(state="kept", gone_at=None).exists()


def test_the_bytes_are_those_of_the_letter_dots_and_long_lines_too(box: Box) -> None:
    words = bytes(a_letter()).replace(b"\n", b"\r\n") + b".\r\n..two\r\n" + b"x" * 200_000 + b"\r\n"
    box.start()
    box.deliver(words)
    box.look()
    assert letters.path_of(Letter.objects.get()).read_bytes() == words


def test_what_the_server_lists_no_more_is_forgotten_after_a_while(
    box: Box, clock: time_machine.Traveller
) -> None:
    box.deliver(a_letter("Old"))
    box.start()
    with box.server.signed_in(box.user) as client:
        client.delete_messages(client.search())
        client.expunge()
    box.look()
    assert Seen.objects.get().gone_at is not None
    clock.shift(pop3_walk.FORGOTTEN_AFTER + timedelta(hours=1))
    box.look()
    assert not Seen.objects.exists()


def test_a_wrong_password_is_told(box: Box) -> None:
    box.start()
    box.enter(kind="pop3", password="wrong")
    run_due()
    assert box.source.reason == "password_wrong"
    assert box.source.failed_since is not None
    assert box.source.failed_since <= clock.now()
