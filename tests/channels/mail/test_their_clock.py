"""Where a customer's clock stands, as the date of their letters tells."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from deskbell import clock as our_clock
from deskbell.people import customers
from deskbell.people.models import Address
from tests.cast import Cast
from tests.mails_of import arrive

pytestmark = pytest.mark.django_db


def letter(date: str, *more: str) -> bytes:
    head = ["From: emil@acme.example", "Subject: The zip", f"Date: {date}", *more]
    return "\r\n".join([*head, "", "It came apart.", ""]).encode()


def emil() -> Address:
    return Address.objects.get(value="emil@acme.example")


@pytest.mark.parametrize(
    ("date", "minutes"),
    [
        ("Mon, 2 Mar 2026 13:00:00 +0100", 60),
        ("Mon, 2 Mar 2026 17:45:00 +0545", 345),
        ("Mon, 2 Mar 2026 08:30:00 -0330", -210),
        ("Mon, 2 Mar 2026 07:00:00 EST", -300),
        ("Mon, 2 Mar 2026 12:00:00 +0000", None),
        ("Mon, 2 Mar 2026 12:00:00 -0000", None),
        ("Mon, 2 Mar 2026 12:00:00 GMT", None),
        ("Mon, 2 Mar 2026 12:00:00", None),
        ("Mon, 2 Mar 2026 12:00:00 +9999", None),
        ("Mon, 2 Mar 2026 12:00:00 +0107", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_it_is_noted_where_the_letter_says_it(cast: Cast, date: str, minutes: int | None) -> None:
    arrive(letter(date))
    assert emil().utc_offset == minutes
    assert (emil().offset_at is None) == (minutes is None)


def test_it_follows_the_customer_and_forgets_nothing_by_silence(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    arrive(letter("Mon, 2 Mar 2026 14:00:00 +0200"))
    first = emil().offset_at
    clock.shift(timedelta(hours=1))
    arrive(letter("Mon, 2 Mar 2026 15:00:00 +0200", "Message-ID: <2@acme.example>"))
    assert emil().offset_at == first, "an hour later the same is no news"
    clock.shift(timedelta(days=2))
    arrive(letter("Wed, 4 Mar 2026 13:00:00 +0000", "Message-ID: <3@acme.example>"))
    assert (emil().utc_offset, emil().offset_at) == (120, first)
    arrive(letter("Wed, 4 Mar 2026 22:00:00 +0900", "Message-ID: <4@acme.example>"))
    assert (emil().utc_offset, emil().offset_at) == (540, our_clock.now())


def test_what_may_be_an_english_summer_ends_with_it(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    arrive(letter("Mon, 2 Mar 2026 13:00:00 +0100"))
    clock.shift(timedelta(minutes=1))
    arrive(letter("Mon, 2 Mar 2026 12:01:00 +0000", "Message-ID: <2@acme.example>"))
    assert (emil().utc_offset, emil().offset_at) == (None, None)


def test_an_older_letter_that_comes_later_is_no_news(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    customers.note_clock(cast.emil, 540, our_clock.now())
    customers.note_clock(cast.emil, 120, our_clock.now() - timedelta(days=30))
    assert (emil().utc_offset, emil().offset_at) == (540, our_clock.now())


def test_a_form_that_writes_for_somebody_tells_nothing_of_their_clock(cast: Cast) -> None:
    by_form = letter("Mon, 2 Mar 2026 13:00:00 +0100", "Reply-To: gina@acme.example")
    arrive(by_form.replace(b"From: emil@acme.example", b"From: form@desk.example"))
    assert not Address.objects.exclude(utc_offset=None).exists()


def test_it_is_forgotten_with_the_customer(cast: Cast) -> None:
    gina = customers.customer_for("gina@maker.example")
    customers.note_clock(gina, 60, our_clock.now())
    customers.forget(gina.customer)
    assert not Address.objects.exclude(utc_offset=None, offset_at=None).exists()
