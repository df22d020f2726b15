"""A team writes the words of its letters, looks at them as they will be sent, and takes them away again."""

from __future__ import annotations

from html import unescape

import pytest

from deskbell.channels.mail.models import MailBox
from deskbell.people import own_words
from deskbell.people.models import Agent
from tests.cast import Cast
from tests.web.conftest import SignIn

pytestmark = pytest.mark.django_db

ADDRESS = "/settings/letters/answer"
WORDS = "Dear {name|customer},\n\n{answer}\n\nKind regards"


def test_own_words_are_kept_and_taken_away(cast: Cast, as_: SignIn) -> None:
    anna = as_(cast.anna)
    where = {"department": cast.support.pk, "language": "en"}
    assert anna.post(ADDRESS, {**where, "words": WORDS}).status_code == 302
    assert own_words.written("answer", cast.support, "en") == WORDS
    query = f"?department={cast.support.pk}&language=en"
    assert f"{WORDS}</textarea>" in anna.get(ADDRESS + query).content.decode()
    overview = anna.get("/settings/letters" + query).content.decode()
    assert "Your words" in overview
    assert "Your words" not in anna.get("/settings/letters").content.decode()
    assert anna.post(ADDRESS, {**where, "_method": "DELETE"}).status_code == 302
    assert own_words.written("answer", cast.support, "en") == ""


def test_a_place_that_there_is_not_is_named_beside_the_words(cast: Cast, as_: SignIn) -> None:
    anna = as_(cast.anna)
    for address in (ADDRESS, f"{ADDRESS}/preview"):
        answer = anna.post(address, {"words": "{answer} {phone}"})
        assert answer.status_code == 422
        assert "in place of {phone}; there are {answer}" in answer.content.decode()
    assert own_words.written("answer", None, "") == ""


def test_the_preview_is_the_letter_with_the_words_that_were_typed(cast: Cast, as_: SignIn) -> None:
    Agent.objects.filter(pk=cast.anna.pk).update(signature="Anna\n+36 1 234 5678")
    own_words.write("signature", None, "", "{signature}\n{department} · {team}")
    shown = as_(cast.anna).post(
        f"{ADDRESS}/preview", {"department": cast.support.pk, "words": WORDS}
    )
    page = unescape(shown.content.decode())
    assert "Dear Emma Example,\n\nThank you for writing." in page
    assert "\n-- \nAnna\n+36 1 234 5678\nSupport · Lomnica Outdoor\n" in page
    assert '<p dir="auto">Dear Emma Example,</p>' in page
    assert 'sandbox=""' in page
    policy = shown.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script" not in policy
    assert own_words.written("answer", cast.support, "") == ""


@pytest.mark.parametrize("query", ["?department=99", "?department=x", "?language=xx"])
def test_a_place_for_words_that_there_is_not(cast: Cast, as_: SignIn, query: str) -> None:
    assert as_(cast.anna).get(ADDRESS + query).status_code == 404
    assert as_(cast.anna).get("/settings/letters/nothing").status_code == 404


def test_a_mail_box_says_how_its_letters_leave_and_whether_a_plus_works(
    cast: Cast, as_: SignIn
) -> None:
    box = MailBox.objects.create(address="help@desk.example", department=cast.support)
    anna, address = as_(cast.anna), f"/settings/mailboxes/{box.pk}"
    assert "Not tried yet" in anna.get(address).content.decode()
    assert anna.post(f"{address}/plus").status_code == 302
    assert "A letter is on its way" in anna.get(address).content.decode()
    form = {
        "address": box.address,
        "department": cast.support.pk,
        "from_name": "both",
        "letters": "plain",
    }
    assert anna.post(address, form).status_code == 302
    box.refresh_from_db()
    assert (box.from_name, box.is_plain) == ("both", True)
    refused = anna.post(address, {**form, "from_name": "nobody"})
    assert refused.status_code == 422
    assert 'id="from_name-error"' in refused.content.decode()
