"""Slowing down whoever guesses."""

from datetime import timedelta

import pytest
from time_machine import Traveller

from deskbell.security import throttle
from deskbell.security.models import Failures
from deskbell.security.throttle import ACCOUNT, PAIR, TooManySignIns

WRONG, PEER = "bela@desk.example", "203.0.113.7"


@pytest.mark.parametrize(
    ("count", "seconds"), [(1, 0), (4, 0), (5, 15), (6, 30), (7, 60), (11, 900), (4000, 900)]
)
def test_the_wait_doubles_up_to_a_quarter_of_an_hour(count: int, seconds: int) -> None:
    assert throttle.wait_after(count, PAIR) == timedelta(seconds=seconds)


def test_a_stranger_cannot_lock_an_account_for_longer_than_a_minute() -> None:
    assert throttle.wait_after(100_000, ACCOUNT) == timedelta(minutes=1)


@pytest.mark.parametrize(
    ("peer", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("a socket", "a socket"),
    ],
)
def test_one_subscriber_counts_as_one(peer: str, network: str) -> None:
    assert throttle.network_of(peer) == network


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "1 second"), (15, "15 seconds"), (61, "2 minutes")]
)
def test_a_wait_is_said_as_a_person_would(seconds: float, words: str) -> None:
    assert throttle.wait_in_words(timedelta(seconds=seconds)) == words


@pytest.mark.django_db
def test_tries_at_many_accounts_from_one_network_make_it_wait(clock: Traveller) -> None:
    for number in range(30):
        throttle.count_try(f"agent{number}@desk.example", PEER)
    with pytest.raises(TooManySignIns):
        throttle.count_try("another@desk.example", PEER)
    throttle.count_try("another@desk.example", "198.51.100.1")


@pytest.mark.django_db
def test_a_success_and_an_hour_of_quiet_forget(clock: Traveller) -> None:
    for _ in range(4):
        throttle.count_try(WRONG, PEER)
    throttle.succeed(WRONG, PEER)
    for _ in range(4):
        throttle.count_try(WRONG, PEER)
    clock.shift(timedelta(hours=1, seconds=1))
    for _ in range(4):
        throttle.count_try(WRONG, PEER)
    clock.shift(timedelta(hours=2))
    assert throttle.forget_old() == 3
    assert not Failures.objects.exists()


@pytest.mark.django_db
def test_nothing_that_was_typed_can_be_read_later() -> None:
    throttle.count_try("my secret password", PEER)
    assert all(len(row.key) == 64 for row in Failures.objects.all())
