"""Whatever stands in the rows, the letter is well-formed: no header from a value, no line too long."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskbell.channels.mail.wire import (
    Mailbox,
    Outgoing,
    OutgoingFile,
    ascii_address,
    clean,
    letter_bytes,
)

SENDER = Mailbox("help@desk.example", "Lomnica Outdoor")
EMIL = Mailbox("emil@acme.example", "Emil")
DATE = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

# The whole of Unicode, half characters, controls and line ends included.
anything = st.text(st.characters(), max_size=400) | st.sampled_from(
    [
        "x\r\nBcc: mallory@elsewhere.example",
        "x\nBcc: mallory@elsewhere.example\n\nbody",
        "=?utf-8?q?Bcc=3A_x?=",
        "a\x00b\x0b\x0c\x1c\x85\u2028\u2029c",
        "word" * 400,
        "é" * 900,
        '"quoted", <angle>; (comment) \\ ',
        "Emil\u202egpj.exe",
        "😀" * 60,
    ]
)


def a_letter(**parts: object) -> Outgoing:
    usual: dict[str, object] = {
        "sender": SENDER,
        "to": (EMIL,),
        "subject": "Re: zip",
        "date": DATE,
        "message_id": "db-1-m1-aaaaaaaaaaaaaaaa@desk.example",
        "text": "Hello.",
    }
    return Outgoing(**{**usual, **parts})  # type: ignore[arg-type]


def read(data: bytes) -> Message:
    """Read it as other programs do, and check what must hold for each letter."""
    assert data.isascii()
    assert b"\x00" not in data
    assert all(len(line) <= 998 for line in data.split(b"\r\n"))
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert b"\r" not in data.replace(b"\r\n", b"")
    letter = message_from_bytes(data, policy=policy.compat32)
    assert [part.defects for part in letter.walk()] == [[] for _ in letter.walk()]
    return letter


def decoded(value: str) -> str:
    return str(make_header(decode_header(value.replace("\r\n", ""))))


def test_a_plain_letter_has_the_headers_it_needs_and_no_others() -> None:
    letter = read(letter_bytes(a_letter()))
    assert sorted(letter.keys()) == [
        "Content-Transfer-Encoding",
        "Content-Type",
        "Date",
        "From",
        "MIME-Version",
        "Message-ID",
        "Subject",
        "To",
    ]
    assert letter["Date"] == "Mon, 02 Mar 2026 12:00:00 +0000"


@given(subject=anything, name=anything, text=anything, html=anything, file=anything)
def test_no_value_becomes_a_header_or_breaks_a_line(
    subject: str, name: str, text: str, html: str, file: str
) -> None:
    data = letter_bytes(
        a_letter(
            sender=Mailbox("help@desk.example", name),
            to=(Mailbox("emil@acme.example", name),),
            subject=subject,
            text=text,
            html=html,
            files=(OutgoingFile(file, file, b"bytes", content_id=file),),
            headers=(("X-Deskbell-Installation", name),),
        )
    )
    letter = read(data)
    assert letter["Bcc"] is None
    assert len(letter.keys()) == len(set(letter.keys()))
    assert set(letter.keys()) <= {
        "Content-Transfer-Encoding",
        "Content-Type",
        "Date",
        "From",
        "MIME-Version",
        "Message-ID",
        "Subject",
        "To",
        "X-Deskbell-Installation",
    }
    for header in ("From", "To"):
        [(_, address)] = getaddresses([letter[header].replace("\r\n", "")])
        assert address == {"From": "help@desk.example", "To": "emil@acme.example"}[header]


@given(subject=st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=300))
def test_a_subject_in_any_script_arrives(subject: str) -> None:
    letter = read(letter_bytes(a_letter(subject=subject)))
    assert decoded(letter["Subject"]) == clean(subject)


@pytest.mark.parametrize(
    "name",
    [
        "Emil Novák",
        "Novák, Emil",
        'Emil "Zip" Novák',
        "Berg, Frida",
        "Ωμέγα 字 ежик",
        "Nagyné Szentgyörgyi-Kovács Magdolna, a túratagok és a túravezetők képviselője",
        "a@b.example",
        "O'Neill (Support)",
    ],
)
def test_a_name_in_any_script_arrives(name: str) -> None:
    letter = read(letter_bytes(a_letter(to=(Mailbox("x@acme.example", name), EMIL))))
    raw = letter["To"].replace("\r\n", "")
    # Encoded words first: a comma inside one parts no addresses.
    [(shown, address), _] = getaddresses([raw])
    assert (decoded(shown), address) == (name, "x@acme.example")


def test_text_of_any_kind_arrives_whole() -> None:
    text = ".\nFrom here\n" + "long " * 500 + "\ttab\x00 \ud800 end\r\n\r\nÁrvíztűrő 😀"
    letter = read(letter_bytes(a_letter(text=text)))
    body = letter.get_payload(decode=True)
    assert isinstance(body, bytes)
    assert body.decode() == (
        ".\r\nFrom here\r\n" + "long " * 500 + "\ttab ? end\r\n\r\nÁrvíztűrő 😀\r\n"
    )


def test_references_stay_whole_ids_however_long() -> None:
    ids = ("a" * 200 + "@acme.example", "short@acme.example", "b" * 120 + "@acme.example")
    letter = read(letter_bytes(a_letter(references=ids, in_reply_to=ids[0])))
    assert letter["References"].split() == [f"<{one}>" for one in ids]
    assert letter["In-Reply-To"] == f"<{ids[0]}>"


@pytest.mark.parametrize(
    "forged", ["a@b>\r\nBcc: x@y", "a b@c", "<a@b", "é@b.example", "x" * 251, "", "a@b\x00"]
)
def test_what_is_no_message_id_is_left_out(forged: str) -> None:
    letter = read(
        letter_bytes(a_letter(references=(forged, "ok@acme.example"), in_reply_to=forged))
    )
    kept = [one for one in (letter["In-Reply-To"] or "").split() if one]
    assert kept in ([], ["<a@b>"])
    assert letter["References"].split()[-1] == "<ok@acme.example>"
    assert letter["Bcc"] is None


def test_the_same_letter_has_the_same_bytes() -> None:
    files = (
        OutgoingFile("a.png", "image/png", b"1", content_id="a@desk"),
        OutgoingFile("b.bin", "application/octet-stream", b"2"),
    )
    letters = [a_letter(html="<p>Hi</p>", files=files) for _ in range(2)]
    assert letter_bytes(letters[0]) == letter_bytes(letters[1])
    other = a_letter(html="<p>Hi</p>", files=files, message_id="other@desk.example")
    assert letter_bytes(letters[0]) != letter_bytes(other)


def test_only_letters_that_nobody_wrote_say_that_they_are_automatic() -> None:
    assert read(letter_bytes(a_letter()))["Auto-Submitted"] is None
    assert (
        read(letter_bytes(a_letter(automatic="auto-generated")))["Auto-Submitted"]
        == "auto-generated"
    )


def test_nobody_is_named_when_all_recipients_are_hidden() -> None:
    assert read(letter_bytes(a_letter(to=())))["To"] == "undisclosed-recipients:;"


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("emil@acme.example", "emil@acme.example"),
        ("  Emil.Novák@acme.example ", None),
        ("emil@bücher.example", "emil@xn--bcher-kva.example"),
        ("emil", None),
        ("@acme.example", None),
        ("emil@", None),
        ("e mil@acme.example", None),
        ("emil@acme.example\r\nRCPT TO:<x@y.example>", None),
        ("emil@acme..example", None),
        ("<emil@acme.example>", None),
        ("e" * 300 + "@acme.example", None),
    ],
)
def test_an_address_is_one_or_refused(address: str, written: str | None) -> None:
    if written is None:
        with pytest.raises(ValueError, match="not a"):
            ascii_address(address)
    else:
        assert ascii_address(address) == written


def test_a_letter_without_a_proper_sender_is_refused() -> None:
    with pytest.raises(ValueError, match="not an address"):
        letter_bytes(a_letter(sender=Mailbox("nobody", "Nobody")))
