"""Handing letters to a relay: each way to end has its code, and no relay holds up another."""

import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine

from deskbell.channels.mail import smtp_client
from deskbell.channels.mail.relay import Relay, read_relay
from deskbell.channels.mail.smtp_client import RelayBusy, a_place_at, send
from deskbell.channels.mail.smtp_line import Envelope, Patience, SendFailed
from tests.fakes import relay as fake
from tests.fakes.certificate import self_signed

QUICK = Patience(connect=0.5, command=0.5, until_dot=1.0, dot=1.0, quiet_dot=0.2)
LETTER = Envelope("help@acme.example", "emil@example.com", b"Subject: x\r\n\r\n.dot\r\nHello\r\n")


@pytest.fixture
def relay() -> Iterator[fake.Relay]:
    with fake.Relay() as running:
        yield running
        smtp_client.close_all()


def failure(relay: str, letter: Envelope = LETTER) -> SendFailed:
    with pytest.raises(SendFailed) as raised:
        send(read_relay(relay), letter, patience=QUICK)
    return raised.value


def test_a_letter_arrives_byte_for_byte(relay: fake.Relay) -> None:
    accepted = send(read_relay(relay.url), LETTER)
    assert accepted.smtp == 250
    [letter] = relay.letters
    assert letter.data == LETTER.data
    assert (letter.mail_from, letter.rcpt) == ("help@acme.example", ("emil@example.com",))


def test_letters_that_follow_each_other_share_a_line(relay: fake.Relay) -> None:
    for _ in range(5):
        send(read_relay(relay.url), LETTER)
    assert (relay.connections, len(relay.letters)) == (1, 5)


def test_a_refused_letter_leaves_the_line_fit_for_the_next(relay: fake.Relay) -> None:
    relay.plan(fake.refuse(550, "no such user"), fake.refuse(451, "later", at="dot"))
    assert failure(relay.url).reason == "refused_by_relay"
    assert failure(relay.url).reason == "deferred_by_relay"
    send(read_relay(relay.url), LETTER, patience=QUICK)
    assert (relay.connections, len(relay.letters)) == (1, 1)


def test_a_line_that_was_closed_meanwhile_costs_no_letter(relay: fake.Relay) -> None:
    send(read_relay(relay.url), LETTER, patience=QUICK)
    relay.plan(fake.refuse(421, "idle too long", at="MAIL"), fake.OK)
    send(read_relay(relay.url), LETTER, patience=QUICK)
    assert len(relay.letters) == 2


def test_a_cut_after_the_dot_is_not_tried_again_behind_our_back(relay: fake.Relay) -> None:
    send(read_relay(relay.url), LETTER, patience=QUICK)
    relay.plan(fake.DROP_AFTER_DOT)
    assert failure(relay.url).reason == "connection_lost"
    assert len(relay.seen) == 2


@pytest.mark.parametrize(
    ("behaviour", "reason", "permanent", "smtp"),
    [
        (fake.refuse(550, "no such user"), "refused_by_relay", True, 550),
        (fake.refuse(554, "spam", at="dot"), "refused_by_relay", True, 554),
        (fake.refuse(553, "not yours", at="MAIL"), "refused_by_relay", True, 553),
        (fake.refuse(554, "5.7.1 Relay access denied"), "refused_at_the_door", False, 554),
        (fake.refuse(550, "relay not permitted"), "refused_at_the_door", False, 550),
        (fake.refuse(450, "greylisted"), "deferred_by_relay", False, 450),
        (fake.refuse(452, "full", at="DATA"), "deferred_by_relay", False, 452),
        (fake.refuse(530, "sign in first", at="MAIL"), "login_refused", False, 530),
        (fake.refuse(554, "go away", at="CONNECT"), "refused_at_the_door", False, 554),
        (fake.refuse(421, "busy", at="CONNECT"), "refused_at_the_door", False, 421),
        (fake.hang("CONNECT"), "timed_out", False, None),
        (fake.hang("RCPT"), "timed_out", False, None),
        (fake.hang("DATA"), "timed_out", False, None),
        (fake.hang("dot"), "timed_out", False, None),
        (fake.DROP_IN_DATA, "connection_lost", False, None),
        (fake.DROP_AFTER_DOT, "connection_lost", False, None),
    ],
)
def test_each_way_to_fail_has_its_code(
    relay: fake.Relay, behaviour: fake.Behaviour, reason: str, permanent: bool, smtp: int | None
) -> None:
    relay.plan(behaviour)
    failed = failure(relay.url)
    assert (failed.reason, failed.permanent, failed.smtp) == (reason, permanent, smtp)
    if behaviour.answer:
        assert failed.words == behaviour.answer.partition(" ")[2]
    assert relay.letters == []
    send(read_relay(relay.url), LETTER, patience=QUICK)
    assert len(relay.letters) == 1


def test_nobody_listens_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        assert failure(f"smtp://127.0.0.1:{taken.getsockname()[1]}").reason == "connection_refused"


def test_a_name_that_does_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> object:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    failed = failure("smtp://relay.invalid")
    assert (failed.reason, failed.permanent) == ("dns_lookup_failed", False)


def test_a_password_is_used() -> None:
    with fake.Relay(user="desk@acme.example", password="p@ss:word") as relay:
        address = f"smtp://desk%40acme.example:p%40ss%3Aword@127.0.0.1:{relay.port}"
        send(read_relay(address), LETTER, patience=QUICK)
        assert relay.letters[0].user == "desk@acme.example"
        wrong = failure(address.replace("p%40ss", "wrong"))
        assert (wrong.reason, wrong.permanent, wrong.smtp) == ("login_refused", False, 535)
        smtp_client.close_all()


def test_a_password_never_crosses_a_network_in_the_clear(
    relay: fake.Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Relay, "is_this_machine", False)
    assert failure(f"smtp://desk:secret@127.0.0.1:{relay.port}").reason == "login_needs_tls"


def test_starttls_is_used_when_it_is_offered() -> None:
    with fake.Relay(tls=self_signed("127.0.0.1")) as relay:
        send(read_relay(relay.url), LETTER, patience=QUICK)
        assert relay.letters[0].encrypted
        smtp_client.close_all()


def test_tls_from_the_first_byte_asks_for_a_certificate_it_can_trust() -> None:
    with fake.Relay(tls=self_signed("127.0.0.1"), implicit=True) as relay:
        assert failure(relay.url).reason == "certificate_not_trusted"
        send(read_relay(f"{relay.url}/?verify=no"), LETTER, patience=QUICK)
        assert relay.letters[0].encrypted
        smtp_client.close_all()


def test_a_password_goes_to_no_server_that_only_claims_to_be_the_relay(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Relay, "is_this_machine", False)
    with fake.Relay(tls=self_signed("127.0.0.1"), user="desk", password="secret") as relay:
        assert failure(relay.url).reason == "certificate_not_trusted"
        assert relay.letters == []


def test_a_letter_larger_than_the_relay_takes_fails_before_it_is_sent(relay: fake.Relay) -> None:
    large = Envelope("a@acme.example", "b@acme.example", b"x" * 33_554_433)
    failed = failure(relay.url, large)
    assert (failed.reason, failed.permanent) == ("too_large_for_relay", True)
    assert relay.transactions == 0


def test_a_slow_answer_after_the_letter_is_told_so_that_nobody_sends_it_again(
    relay: fake.Relay,
) -> None:
    relay.plan(fake.hang("dot"))
    told: list[bool] = []
    with pytest.raises(SendFailed):
        send(read_relay(relay.url), LETTER, still_waiting=lambda: told.append(True), patience=QUICK)
    assert told == [True]


def test_a_relay_that_hangs_gets_no_more_than_its_places(relay: fake.Relay) -> None:
    other, slow = read_relay("smtp://127.0.0.1:1"), read_relay("smtp://127.0.0.1:2")
    release = threading.Event()
    entered = threading.Semaphore(0)

    def sits_there() -> None:
        with a_place_at(slow):
            entered.release()
            release.wait(20)

    threads = [threading.Thread(target=sits_there) for _ in range(smtp_client.MOST_AT_ONCE)]
    for thread in threads:
        thread.start()
        assert entered.acquire(timeout=5)
    try:
        with pytest.raises(RelayBusy), a_place_at(slow):
            pass
        before = time.monotonic()
        with pytest.raises(RelayBusy), a_place_at(slow):
            pass
        with a_place_at(other):
            pass
        assert time.monotonic() - before < smtp_client.SLOW_SECONDS
    finally:
        release.set()
        for thread in threads:
            thread.join()
    with a_place_at(slow):
        pass


def test_letters_turned_away_come_back_one_after_another() -> None:
    place = smtp_client._Places()
    for _ in range(smtp_client.MOST_AT_ONCE):
        place.take(0)
    place._full_since -= 10
    pauses = []
    for _ in range(5):
        with pytest.raises(RelayBusy) as busy:
            place.take(0)
        pauses.append(busy.value.pause)
    assert pauses == sorted(set(pauses))
    place.give_back()
    place.take(0)


def test_a_relay_that_is_down_rests_ever_longer_and_is_then_looked_at(
    clock: time_machine.Traveller,
) -> None:
    down = read_relay("smtp://127.0.0.1:1")
    for rest in (15, 30, 60, 120, 240, 300, 300):
        with pytest.raises(SendFailed):
            send(down, LETTER, patience=QUICK)
        clock.shift(timedelta(seconds=rest - 1))
        with pytest.raises(RelayBusy) as busy, a_place_at(down):
            pass
        assert busy.value.reason == "connection_refused"
        clock.shift(timedelta(seconds=1))
        with a_place_at(down):
            pass


def test_a_relay_that_answers_gets_no_rest_for_what_it_refuses(relay: fake.Relay) -> None:
    relay.plan(fake.refuse(550, "no"), fake.refuse(450, "later"))
    for _ in range(2):
        failure(relay.url)
        with a_place_at(read_relay(relay.url)):
            pass


def test_a_relay_with_a_rate_of_its_own_is_given_no_more() -> None:
    place = smtp_client._Places()
    # What ten quiet seconds had room for goes at once, the rest two seconds apart.
    for _ in range(6):
        place.take(30)
        place.give_back()
    with pytest.raises(RelayBusy) as busy:
        place.take(30)
    assert timedelta(seconds=1) < busy.value.pause <= timedelta(seconds=2)


def test_a_rate_and_more_stand_in_the_address_of_a_relay() -> None:
    relay = read_relay("smtp://a:b@mail.example.com:587?verify=yes&a_minute=30")
    assert (relay.must_verify, relay.a_minute, relay.port) == (True, 30, 587)
    with pytest.raises(ValueError, match="invalid literal"):
        read_relay("smtp://mail.example.com?a_minute=many")


def test_a_relay_that_must_be_the_right_one_gets_nothing_unencrypted(relay: fake.Relay) -> None:
    assert failure(f"{relay.url}?verify=yes").reason == "encryption_not_offered"
    assert relay.transactions == 0


def test_a_relay_that_must_be_the_right_one_shows_a_certificate_that_says_so() -> None:
    with fake.Relay(tls=self_signed("127.0.0.1")) as relay:
        assert failure(f"{relay.url}?verify=yes").reason == "certificate_not_trusted"
        send(read_relay(relay.url), LETTER, patience=QUICK)
        assert [one.encrypted for one in relay.letters] == [True]
