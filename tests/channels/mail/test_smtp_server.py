"""A customer's server talks to ours."""

from __future__ import annotations

import os
import smtplib
import socket
import ssl
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.conf import settings

from deskbell.channels.mail import letters, replies, smtp_server
from deskbell.channels.mail.models import Letter, MailBox
from deskbell.work.run import run_due
from tests.cast import Cast
from tests.channels.mail.door import an_open_door
from tests.fakes.certificate import certificate_and_key

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = "From: emil@acme.example\r\nSubject: zip\r\n\r\nThe zip came apart.\r\n"


@pytest.fixture
def door() -> Iterator[int]:
    """The port of a running server."""
    with an_open_door() as port:
        yield port


@pytest.fixture
def peer(door: int) -> Iterator[smtplib.SMTP]:
    with smtplib.SMTP("127.0.0.1", door, timeout=20) as peer:
        yield peer


def trusting() -> ssl.SSLContext:
    """As servers that send to a mail exchanger do: any certificate is better than none."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def certificate_of(port: int) -> bytes:
    with smtplib.SMTP("127.0.0.1", port, timeout=20) as peer:
        peer.starttls(context=trusting())
        assert isinstance(peer.sock, ssl.SSLSocket)
        shown = peer.sock.getpeercert(binary_form=True)
        assert shown is not None
        return shown


def test_a_letter_comes_encrypted_and_the_conversation_begins_anew(peer: smtplib.SMTP) -> None:
    peer.ehlo("mx.acme.example")
    assert peer.has_extn("starttls")
    assert peer.docmd("MAIL FROM:<emil@acme.example>")[0] == 250
    peer.starttls(context=trusting())
    assert peer.docmd("RCPT TO:<help@desk.example>")[0] == 503
    peer.ehlo("mx.acme.example")
    assert not peer.has_extn("starttls")
    peer.sendmail("emil@acme.example", ["help@desk.example"], WORDS)
    peer.sendmail("emil@acme.example", ["help@desk.example"], WORDS + "More.\r\n" * 200_000)

    assert [letter.helo for letter in Letter.objects.all()] == ["mx.acme.example"] * 2
    assert peer.docmd("STARTTLS")[0] in (500, 503)


def test_words_before_the_handshake_do_not_count(door: int) -> None:
    with socket.create_connection(("127.0.0.1", door), timeout=20) as line:
        line.recv(1000)
        line.sendall(b"EHLO mx.acme.example\r\n")
        while b"250 HELP" not in line.recv(4000):
            pass
        line.sendall(b"STARTTLS\r\nMAIL FROM:<mallory@elsewhere.example>\r\n")
        assert line.recv(1000).startswith(b"220")
        with trusting().wrap_socket(line, server_hostname="desk.example") as encrypted:
            encrypted.sendall(b"RCPT TO:<help@desk.example>\r\n")
            assert encrypted.recv(1000).startswith(b"503")


def test_who_speaks_no_tls_after_asking_for_it_holds_up_nobody(door: int) -> None:
    with socket.create_connection(("127.0.0.1", door), timeout=20) as line:
        line.recv(1000)
        line.sendall(b"EHLO x\r\nSTARTTLS\r\n")
        while b"220" not in line.recv(4000):
            pass
        line.sendall(b"this is no handshake\r\n")
        while line.recv(4000):
            pass
    with smtplib.SMTP("127.0.0.1", door, timeout=20) as other:
        assert other.noop()[0] == 250


def test_a_certificate_that_was_renewed_is_shown_without_a_new_start(
    door: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = certificate_of(door)
    file = tmp_path / "certificate.pem"
    monkeypatch.setattr(settings, "SMTP_CERTIFICATE", str(file))
    file.write_bytes(certificate_and_key("127.0.0.1"))
    first = certificate_of(door)
    file.write_bytes(certificate_and_key("127.0.0.1"))
    second = certificate_of(door)
    file.write_text("half of a certif")
    kept = certificate_of(door)

    assert len({own, first, second}) == 3
    assert kept == second


def bytes_of(letter: Letter) -> bytes:
    return letters.path_of(letter).read_bytes()


def test_a_letter_is_on_disk_when_its_sender_is_told_so(cast: Cast, peer: smtplib.SMTP) -> None:
    peer.sendmail("emil@acme.example", ["help@desk.example"], WORDS)

    letter = Letter.objects.get()
    assert bytes_of(letter) == WORDS.encode()
    assert (letter.source, letter.peer_ip) == ("smtp", "127.0.0.1")
    assert (letter.mail_from, letter.rcpt) == ("emil@acme.example", ["help@desk.example"])
    run_due()
    letter.refresh_from_db()
    assert letter.ticket is not None


@pytest.mark.parametrize(
    "body",
    [
        b"\r\n.\r\n..\r\n.x\r\n\r\n",
        b"..\r\n",
        b".first\r\n",
        b"",
        b"\r\n\r\n\r\n",
        b"bare\nline\rends\n.\nhere\r\n",
        b"x" * 300_000 + b"\r\n",
        b"\r\n.".join([b"dots"] * 60_000) + b"\r\n",
        bytes(range(256)).replace(b"\r", b"").replace(b"\n", b"") + b"\r\n",
    ],
)
def test_every_byte_arrives(cast: Cast, peer: smtplib.SMTP, body: bytes) -> None:
    peer.ehlo()
    peer.mail("emil@acme.example")
    peer.rcpt("help@desk.example")
    assert peer.docmd("DATA")[0] == 354
    stuffed = (b"\r\n" + body).replace(b"\r\n.", b"\r\n..")[2:]
    assert peer.sock is not None
    for start in range(0, len(stuffed), 70_001):
        peer.sock.sendall(stuffed[start : start + 70_001])
    peer.sock.sendall(b".\r\n")
    code, _words = peer.getreply()

    assert code == 250
    assert bytes_of(Letter.objects.get()) == body


def test_the_bytes_of_a_letter_may_come_one_by_one(cast: Cast, peer: smtplib.SMTP) -> None:
    peer.ehlo()
    peer.mail("emil@acme.example")
    peer.rcpt("help@desk.example")
    peer.docmd("DATA")
    assert peer.sock is not None
    peer.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in b"a: b\r\n\r\n..\r\n...x\r\n.\r\n":
        peer.sock.sendall(bytes([byte]))
        time.sleep(0.002)

    assert peer.getreply()[0] == 250
    assert bytes_of(Letter.objects.get()) == b"a: b\r\n\r\n.\r\n..x\r\n"


def test_a_smuggled_second_letter_stays_part_of_the_first(cast: Cast, peer: smtplib.SMTP) -> None:
    body = b"a: b\r\n\r\nhello\n.\nMAIL FROM:<admin@desk.example>\n"
    peer.ehlo()
    peer.mail("emil@acme.example")
    peer.rcpt("help@desk.example")
    peer.docmd("DATA")
    assert peer.sock is not None
    peer.sock.sendall(body + b"\r\n.\r\n")

    assert peer.getreply()[0] == 250
    assert peer.noop()[0] == 250
    assert Letter.objects.count() == 1


def test_several_letters_in_one_conversation(cast: Cast, peer: smtplib.SMTP) -> None:
    for number in range(3):
        peer.sendmail("emil@acme.example", ["help@desk.example"], f"X: {number}\r\n{WORDS}")

    assert Letter.objects.count() == 3


def test_an_unknown_recipient_is_refused_once_there_is_a_mail_box(
    cast: Cast, peer: smtplib.SMTP
) -> None:
    peer.sendmail("emil@acme.example", ["anybody@desk.example"], WORDS)
    MailBox.objects.create(address="help@desk.example", department=cast.support)

    peer.ehlo()
    peer.mail("emil@acme.example")
    assert peer.rcpt("anybody@desk.example")[0] == 550
    assert peer.rcpt("HELP@desk.example")[0] == 250
    assert peer.rcpt("help+zip@desk.example")[0] == 250
    assert peer.rcpt("postmaster@desk.example")[0] == 250


def test_an_agents_address_for_answers_is_taken_when_it_is_genuine(
    cast: Cast, peer: smtplib.SMTP
) -> None:
    box = MailBox.objects.create(
        address="help@desk.example", department=cast.support, agents_answer="plus"
    )
    genuine = replies.address_for(box, cast.bela.pk, 17)
    peer.ehlo()
    peer.mail("bela@desk.example")
    assert peer.rcpt(genuine.upper())[0] == 250
    assert peer.rcpt(genuine.replace("-h", "-i"))[0] == 550
    assert peer.rcpt("help+r-3-h-aaaaaaaaaaaaaaaa@desk.example")[0] == 550
    assert peer.rcpt("r-3-h-aaaaaaaaaaaaaaaa@desk.example")[0] == 550


def test_the_null_sender_may_report_a_bounce(cast: Cast, peer: smtplib.SMTP) -> None:
    peer.sendmail("", ["help@desk.example"], WORDS)

    assert Letter.objects.get().mail_from == ""


def test_an_address_beyond_ascii_is_taken(cast: Cast, peer: smtplib.SMTP) -> None:
    letter = EmailMessage()
    letter["From"], letter["To"] = "jiří@příklad.example", "help@desk.example"
    letter.set_content("Ahoj.")
    peer.send_message(letter)

    assert Letter.objects.get().mail_from == "jiří@příklad.example"


def test_a_letter_that_is_too_large_is_refused_with_a_sentence(
    cast: Cast, peer: smtplib.SMTP, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp_server, "MAX_BYTES", 100_000)
    with pytest.raises(smtplib.SMTPDataError) as refused:
        peer.sendmail("emil@acme.example", ["help@desk.example"], WORDS + "x" * 200_000)

    assert refused.value.smtp_code == 552
    assert b"larger than" in refused.value.smtp_error
    peer.sendmail("emil@acme.example", ["help@desk.example"], WORDS)
    assert Letter.objects.count() == 1


def test_a_declared_size_beyond_the_limit_is_refused_before_the_letter_comes(
    cast: Cast, peer: smtplib.SMTP
) -> None:
    peer.ehlo()

    assert peer.mail("emil@acme.example", [f"SIZE={60 * 1024 * 1024}"])[0] == 552


def test_a_full_disk_makes_the_sender_try_again(
    cast: Cast, peer: smtplib.SMTP, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(smtplib.SMTPDataError) as refused:
            peer.sendmail("emil@acme.example", ["help@desk.example"], WORDS)
    assert refused.value.smtp_code == 451
    assert not Letter.objects.exists()
    assert not list((letters.folder() / "tmp").glob("*.eml"))

    peer.sendmail("emil@acme.example", ["help@desk.example"], WORDS)
    assert Letter.objects.count() == 1


def test_an_error_of_ours_tells_the_peer_nothing_of_our_inside(
    cast: Cast, peer: smtplib.SMTP, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object, **_kwargs: object) -> Letter:
        raise RuntimeError("/secret/path")

    monkeypatch.setattr(letters, "keep", broken)
    with pytest.raises(smtplib.SMTPResponseException) as refused:
        peer.sendmail("emil@acme.example", ["help@desk.example"], WORDS)

    assert refused.value.smtp_code == 451
    assert b"secret" not in refused.value.smtp_error


def test_too_many_recipients_are_asked_to_come_in_another_letter(
    cast: Cast, peer: smtplib.SMTP, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp_server, "MAX_RECIPIENTS", 2)
    peer.ehlo()
    peer.mail("emil@acme.example")
    codes = [peer.rcpt(f"help{number}@desk.example")[0] for number in range(3)]

    assert codes == [250, 250, 452]


def test_too_many_conversations_are_asked_to_come_later(
    cast: Cast, door: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp_server, "MAX_SESSIONS", 2)
    with (
        smtplib.SMTP("127.0.0.1", door, timeout=20) as first,
        smtplib.SMTP("127.0.0.1", door, timeout=20),
    ):
        with pytest.raises(smtplib.SMTPConnectError) as refused:
            smtplib.SMTP("127.0.0.1", door, timeout=20)
        assert refused.value.smtp_code == 421
        first.quit()
        time.sleep(0.1)
        with smtplib.SMTP("127.0.0.1", door, timeout=20) as again:
            assert again.noop()[0] == 250


def test_a_sender_who_falls_silent_is_let_go(
    cast: Cast, door: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp_server, "PIECE_SECONDS", 0.2)
    with socket.create_connection(("127.0.0.1", door), timeout=20) as peer:
        words = b"EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<help@desk.example>\r\nDATA\r\n"
        peer.recv(1000)
        peer.sendall(words)
        while b"354" not in peer.recv(1000):
            pass
        peer.sendall(b"Subject: half a lett")
        rest = peer.recv(1000)
        assert rest == b""
    assert not Letter.objects.exists()


def test_a_sender_who_hangs_up_in_the_middle_leaves_nothing(cast: Cast, door: int) -> None:
    with socket.create_connection(("127.0.0.1", door), timeout=20) as peer:
        peer.recv(1000)
        peer.sendall(
            b"EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<help@desk.example>\r\nDATA\r\n"
        )
        while b"354" not in peer.recv(1000):
            pass
        peer.sendall(b"Subject: half a lett")
    time.sleep(0.1)

    assert not Letter.objects.exists()


@pytest.mark.parametrize("words", [b"\x00\xff\xfe\r\n", b"DATA\r\n", b"RCPT TO:<>\r\n", b"\r\n"])
def test_nonsense_is_answered_with_a_refusal(cast: Cast, door: int, words: bytes) -> None:
    with socket.create_connection(("127.0.0.1", door), timeout=20) as peer:
        peer.recv(1000)
        peer.sendall(words)

        assert peer.recv(1000)[:1] in (b"4", b"5")
