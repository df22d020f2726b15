"""The child that reads letters: a bad letter costs it its life, and nobody else anything."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deskbell.channels.mail import parse, parse_child, reader

MAILS = Path(__file__).parents[2] / "mails"


@pytest.fixture(autouse=True)
def _no_child_stays() -> Iterator[None]:
    reader.end_children()
    yield
    reader.end_children()


def test_a_child_reads_what_we_would_read(tmp_path: Path) -> None:
    for path in sorted(MAILS.glob("*.eml")):
        assert _told(reader.read, path, tmp_path) == _told(parse_file, path, tmp_path)


def parse_file(path: Path, folder: Path) -> parse.Parsed:
    return parse.parse(path.read_bytes(), folder)


def _told(
    read: Callable[[Path, Path], parse.Parsed], path: Path, folder: Path
) -> parse.Parsed | str:
    try:
        return read(path, folder)
    except parse.Refused as refused:
        return refused.reason


def test_one_child_reads_many_letters(tmp_path: Path) -> None:
    reader.read(MAILS / "plain_ascii.eml", tmp_path)
    first = reader._idle.queue[0].process.pid
    for _ in range(20):
        reader.read(MAILS / "plain_ascii.eml", tmp_path)

    assert [child.process.pid for child in reader._idle.queue] == [first]


def test_a_letter_that_takes_for_ever_is_given_up(tmp_path: Path) -> None:
    never = tmp_path / "never.eml"
    os.mkfifo(never)
    before = time.monotonic()
    with pytest.raises(reader.ReaderDied) as died:
        reader.read(never, tmp_path, seconds=0.5)

    assert died.value.reason == "too_slow"
    assert time.monotonic() - before < 5
    assert reader.read(MAILS / "plain_ascii.eml", tmp_path).inbound.text


def test_a_child_that_dies_is_noticed_and_replaced(tmp_path: Path) -> None:
    never = tmp_path / "never.eml"
    os.mkfifo(never)
    reader.read(MAILS / "plain_ascii.eml", tmp_path)
    child = reader._idle.queue[0].process.pid
    threading.Timer(0.3, os.kill, (child, signal.SIGSEGV)).start()
    with pytest.raises(reader.ReaderDied) as died:
        reader.read(never, tmp_path)

    assert died.value.reason == "died"
    assert reader.read(MAILS / "plain_ascii.eml", tmp_path).inbound.text


def test_a_letter_that_wants_all_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Sparse: it takes no room on disk, and more than the child may have in memory.
    huge = tmp_path / "huge.eml"
    with huge.open("wb") as file:
        file.write(b"From: a@b.example\r\n\r\n")
        file.truncate(2_000_000_000)
    with pytest.raises(parse.Refused, match="too_large"):
        reader.read(huge, tmp_path)
    monkeypatch.setattr(reader, "MAX_BYTES", 3_000_000_000)
    with pytest.raises(parse.Refused, match="too_much_memory"):
        reader.read(huge, tmp_path)

    assert reader.read(MAILS / "plain_ascii.eml", tmp_path).inbound.text


def test_the_child_knows_none_of_our_secrets(tmp_path: Path) -> None:
    reader.read(MAILS / "plain_ascii.eml", tmp_path)
    child = reader._idle.queue[0].process.pid
    environment = Path(f"/proc/{child}/environ").read_bytes()

    assert b"DESKBELL" not in environment
    assert b"DATABASE" not in environment


def test_the_largest_letter_that_we_take_is_read(tmp_path: Path) -> None:
    large = tmp_path / "large.eml"
    line = b"A" * 76 + b"\r\n"
    head = (
        b"From: a@b.example\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: application/pdf; name="a.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    )
    large.write_bytes(head + line * (50 * 1024 * 1024 // len(line)))

    (file,) = reader.read(large, tmp_path).inbound.files
    assert file.size_bytes > 38_000_000
    # What bounds it is the child's own limit; that the letter is far from it is what is looked at here.
    child = reader._idle.queue[0].process.pid
    told = Path(f"/proc/{child}/status").read_text().split("VmHWM:")[1].split()[0]
    assert int(told) * 1024 < parse_child.MEMORY_BYTES / 2


def test_the_child_may_not_take_more_memory_than_its_limit(tmp_path: Path) -> None:
    reader.read(MAILS / "plain_ascii.eml", tmp_path)
    child = reader._idle.queue[0].process.pid
    limits = Path(f"/proc/{child}/limits").read_text()

    (line,) = [one for one in limits.splitlines() if one.startswith("Max address space")]
    assert line.split()[3:5] == [str(parse_child.MEMORY_BYTES)] * 2


# Headers that cost their length squared, or the parser its stack, where one reads them without thought.
HOSTILE = {
    "one word": "a" * 900_000,
    "dots": "a." * 450_000,
    "comments in comments": "(" * 900_000,
    "groups in groups": "a:" * 450_000,
    "encoded words that never end": "=?a?q?" * 150_000,
    "quotes": '"' * 900_000,
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("header", ["From", "To", "Subject", "References", "Reply-To", "List-Post"])
def test_a_header_that_goes_on_for_ever_costs_its_reader_no_more_than_its_time(
    tmp_path: Path, name: str, header: str
) -> None:
    letter = tmp_path / "hostile.eml"
    letter.write_text(f"X-From: x\r\n{header}: {HOSTILE[name]}\r\n\r\nThe words.\r\n")

    assert reader.read(letter, tmp_path).inbound.text == "The words."


def test_a_text_that_begins_to_be_signed_a_thousand_times_costs_no_time(tmp_path: Path) -> None:
    letter = tmp_path / "hostile.eml"
    begins = "-----BEGIN PGP SIGNED MESSAGE-----\n" * 20_000
    letter.write_text(
        f"From: a@b.example\r\nContent-Type: text/plain\r\n\r\n{begins}The words.\r\n"
    )

    assert reader.read(letter, tmp_path).inbound.text.endswith("The words.")
