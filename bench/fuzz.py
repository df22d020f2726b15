"""Feeds what reads letters with bytes that atheris makes up: nothing may escape, and nothing may take long.

    python bench/fuzz.py WHAT [--seconds 3600]        WHAT: letters, html, quotes or headers
    python bench/fuzz.py WHAT FILE …                  once more, on inputs that it found

It begins with the letters of tests/mails and keeps what led it further in .cache/fuzz/WHAT; what ends the reader lies
there as crash-…, timeout-… (more than ten seconds) or oom-… (more than a gigabyte).  Wants `pip install atheris`, which
the desk itself does not need.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import atheris

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

with atheris.instrument_imports(include=["deskbell", "email"]):
    from deskbell.channels.mail import decode, parse, quotes, safe_html
    from deskbell.channels.mail.addresses import addresses_of

SECONDS_FOR_ONE, MEGABYTES, LONGEST_BYTES = 10, 1024, 20_000


def letters(raw: bytes) -> None:
    """A letter is read or refused, and what it says fits a database."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            inbound = parse.parse(raw, Path(folder)).inbound
        except parse.Refused:
            return
    _fits(inbound.subject + inbound.text + inbound.html + inbound.quoted + inbound.sender_name)
    assert safe_html.clean(inbound.html) == inbound.html


def html(raw: bytes) -> None:
    """Safe HTML stays as it is, and only what is allowed stands in it."""
    try:
        once = safe_html.clean(decode.text_of(raw))
    except safe_html.TooDeep:
        return
    _fits(once)
    assert safe_html.clean(once) == once
    body = safe_html.tree_of(once).body
    for element in body.css("*") if body is not None else ():
        assert element.tag in {*safe_html.TAGS, "body"}
        assert not any(name.startswith("on") for name in element.attributes)


def quoted(raw: bytes) -> None:
    """Nothing is lost between what is new and what is quoted, and what is new is never nothing."""
    text = decode.text_of(raw)
    new, rest = quotes.split_text(text)
    told = decode.clean(text)
    assert bool(new.strip()) == bool(told.strip())
    assert sorted("".join((new + rest).split())) == sorted("".join(told.split()))


def headers(raw: bytes) -> None:
    """Any header is one line, any list of addresses is a list."""
    text = decode.header_text(raw.decode("ascii", "surrogateescape"))
    _fits(text)
    assert "\n" not in text
    for address, name in addresses_of(text):
        _fits(address + name)


WHAT: dict[str, Callable[[bytes], None]] = {
    "letters": letters,
    "html": html,
    "quotes": quoted,
    "headers": headers,
}


def _fits(text: str) -> None:
    text.encode("utf-8")
    assert "\x00" not in text


def main() -> None:
    """Run libFuzzer on one of them, or on the files that are named."""
    words = sys.argv[1:]
    seconds = 3600
    if "--seconds" in words:
        place = words.index("--seconds")
        seconds = int(words[place + 1])
        del words[place : place + 2]
    if not words or words[0] not in WHAT:
        sys.exit(__doc__)
    what, files = words[0], words[1:]
    found = ROOT / ".cache" / "fuzz" / what
    found.mkdir(parents=True, exist_ok=True)
    corpus = files or [str(found), str(ROOT / "tests" / "mails")]
    atheris.Setup(
        [
            sys.argv[0],
            f"-max_total_time={seconds}",
            f"-timeout={SECONDS_FOR_ONE}",
            f"-rss_limit_mb={MEGABYTES}",
            f"-max_len={LONGEST_BYTES}",
            f"-artifact_prefix={found}/",
            "-print_final_stats=1",
            *corpus,
        ],
        WHAT[what],
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main()
