"""/letters: every mail that came."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deskbell.channels.mail import letters
from deskbell.channels.mail.models import Letter
from tests.api.conftest import Program
from tests.cast import Cast
from tests.desk import a_ticket

RAW = (
    b"From: emil@acme.example\r\nMessage-ID: <zip@acme.example>\r\nSubject: Zip\r\n\r\nBroken.\r\n"
)


def a_letter(raw: bytes = RAW, **changes: object) -> Letter:
    letter = letters.keep(
        raw, source="smtp", mail_from="emil@acme.example", rcpt=["help@desk.example"]
    )
    Letter.objects.filter(pk=letter.pk).update(**changes)
    letter.refresh_from_db()
    return letter


def test_a_letter_shows_what_became_of_it(cast: Cast, bela: Program) -> None:
    letter = a_letter(state="parked", reason="no_sender", what="letter")
    shown = bela.get(f"/letters/{letter.pk}")
    assert bela.get("/letters")["items"] == [shown]
    assert (shown["state"], shown["reason"], shown["what"]) == ("parked", "no_sender", "letter")
    assert shown["sentence"]
    assert (shown["source"], shown["size"]) == ("smtp", len(RAW))
    assert shown["sha256"] == hashlib.sha256(RAW).hexdigest()
    assert shown["message_id"] == "zip@acme.example"
    assert shown["from"]["email"] == shown["mail_from"] == "emil@acme.example"
    assert (shown["rcpt"], shown["ticket"]) == (["help@desk.example"], None)


def test_a_letter_is_had_exactly_as_it_came(cast: Cast, bela: Program) -> None:
    letter = a_letter()
    answer = bela.send("GET", bela.get(f"/letters/{letter.pk}")["url"])
    assert Path(answer.headers["X-Deskbell-File"]).read_bytes() == RAW
    assert answer.headers["Content-Type"] == "message/rfc822"


def test_letters_are_listed_by_state_newest_first(cast: Cast, bela: Program) -> None:
    first, second, third = (
        a_letter(RAW + name.encode(), state=state)
        for name, state in (("a", "parked"), ("b", "ignored"), ("c", "read"))
    )
    assert [one["id"] for one in bela.get("/letters")["items"]] == [third.pk, second.pk, first.pk]
    few = bela.get("/letters", state="parked,ignored", limit=1)
    assert [one["id"] for one in few["items"]] == [second.pk]
    rest = bela.get("/letters", state="parked,ignored", limit=1, after=few["next"])
    assert ([one["id"] for one in rest["items"]], rest["next"]) == ([first.pk], None)
    assert bela.refused(422, "GET", "/letters", state="lost")["errors"][0]["field"] == "state"


def test_letters_are_listed_by_what_they_are(cast: Cast, bela: Program) -> None:
    a_letter(RAW + b"a", state="ignored", what="receipt")
    spam = a_letter(RAW + b"b", state="read", what="spam", authentication="fail", mute="robot")
    [shown] = bela.get("/letters", what="spam")["items"]
    assert (shown["id"], shown["authentication"], shown["mute"]) == (spam.pk, "fail", "robot")
    assert bela.refused(422, "GET", "/letters", what="pigeon")["errors"][0]["field"] == "what"


def test_letters_of_a_ticket_are_seen_by_who_sees_the_ticket(
    cast: Cast, bela: Program, cecil: Program, dora: Program
) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    letter = a_letter(state="read", ticket=ticket, message=ticket.messages.get())
    assert bela.get(f"/letters/{letter.pk}")["ticket"] == ticket.code
    assert dora.get("/letters")["items"] == []
    for path in (f"/letters/{letter.pk}", f"/letters/{letter.pk}/source"):
        dora.refused(404, "GET", path)
        cecil.refused(403, "GET", path)
    dora.refused(404, "POST", f"/letters/{letter.pk}/reading")


@pytest.mark.parametrize(("state", "status"), [("parked", 200), ("ignored", 200), ("read", 409)])
def test_what_made_no_ticket_is_read_again(
    cast: Cast, bela: Program, state: str, status: int
) -> None:
    letter = a_letter(state=state)
    answer = bela.send("POST", f"/letters/{letter.pk}/reading")
    assert answer.status_code == status
    letter.refresh_from_db()
    assert letter.state == ("waiting" if status == 200 else state)


def test_nothing_is_had_of_a_sealed_letter(cast: Cast, bela: Program) -> None:
    letter = a_letter(state="ignored", sealed_at=datetime(2026, 3, 2, 12, tzinfo=UTC))
    assert bela.get(f"/letters/{letter.pk}")["sealed_at"] == "2026-03-02T12:00:00Z"
    bela.refused(404, "GET", f"/letters/{letter.pk}/source")
    problem = bela.refused(409, "POST", f"/letters/{letter.pk}/reading")
    assert problem["code"] == "cannot_be_read_again"
