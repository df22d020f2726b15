"""Whose word about a letter is believed: a server's that the operator trusts, and no forger's below it."""

from __future__ import annotations

import pytest

from deskbell.channels.mail.spam.trusted import Word, word_of

pytestmark = pytest.mark.once

OURS = ("mx.desk.example",)
PASS = (
    "Authentication-Results: mx.desk.example; spf=pass; dkim=pass header.d=acme.example; dmarc=pass"
)
FAIL = "Authentication-Results: mx.desk.example 1; dmarc=fail (p=REJECT dis=NONE) header.from=a.example"
RECEIVED = "Received: from a.example by mx.desk.example; Mon, 2 Mar 2026 10:00:00 +0100"
BEFORE = "Received: from b.example by a.example; Mon, 2 Mar 2026 09:59:00 +0100"


def said(*headers: str, checkers: tuple[str, ...] = OURS) -> Word:
    raw = "\r\n".join([*headers, "From: emil@acme.example", "", "Hello.", ""])
    return word_of(raw.encode(), checkers)


@pytest.mark.parametrize(
    ("headers", "word"),
    [
        ((PASS, RECEIVED), Word("pass")),
        ((RECEIVED, PASS, BEFORE), Word("pass")),
        ((FAIL, RECEIVED), Word("fail", "reject")),
        # Folded over lines, with comments, in capitals.
        (
            ("AUTHENTICATION-RESULTS: MX.desk.example;\r\n dkim=none;\r\n dmarc=none (no policy)",),
            Word("none"),
        ),
        # The topmost counts, whatever stands below it.
        ((FAIL, RECEIVED, PASS, BEFORE), Word("fail", "reject")),
        ((FAIL, PASS, RECEIVED), Word("fail", "reject")),
        # Nobody's word, and a stranger's.
        ((RECEIVED,), Word()),
        ((PASS.replace("mx.desk", "mx.evil"), RECEIVED), Word()),
        ((PASS.replace("mx.desk", "xmx.desk"), RECEIVED), Word()),
        (("Authentication-Results: ;",), Word()),
        ((PASS.replace("dmarc=pass", "dmarc=temperror"), RECEIVED), Word()),
        # Filters in front of us, only down to where the trusted server stands.
        ((PASS, "X-Spam-Flag: YES", RECEIVED), Word("pass", spam="spamassassin")),
        (("X-Spam-Status: Yes, score=9.1", PASS, RECEIVED), Word("pass", spam="spamassassin")),
        (("X-Rspamd-Action: add header", PASS, RECEIVED), Word("pass", spam="rspamd")),
        (("X-Spam: Yes", PASS, RECEIVED), Word("pass", spam="rspamd")),
        ((PASS, "X-Spam-Status: No, score=0.1", RECEIVED), Word("pass")),
        (("X-Rspamd-Action: no action", PASS, RECEIVED), Word("pass")),
        ((PASS, RECEIVED, "X-Spam-Flag: YES"), Word("pass")),
        (("X-Spam-Flag: YES", RECEIVED), Word()),
        (
            (
                "X-Spam-Checker-Version: SpamAssassin 4.0.0 (2022) on mx.desk.example",
                "X-Spam-Flag: YES",
                RECEIVED,
            ),
            Word(spam="spamassassin"),
        ),
        (
            ("X-Spam-Checker-Version: SpamAssassin 4.0.0 on mx.evil.example", "X-Spam-Flag: YES"),
            Word(),
        ),
    ],
)
def test_only_a_trusted_server_is_believed(headers: tuple[str, ...], word: Word) -> None:
    assert said(*headers) == word


def test_without_a_trusted_server_nobody_is_believed() -> None:
    assert said(PASS, RECEIVED, "X-Spam-Flag: YES", checkers=()) == Word()


@pytest.mark.parametrize("raw", [b"", b"\xff\xfe", b"Authentication-Results\r\n\r\n", b":" * 5_000])
def test_broken_headers_say_nothing(raw: bytes) -> None:
    assert word_of(raw, OURS) == Word()
