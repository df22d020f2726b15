"""Two who change one canned answer or template: the second sees what the first did, and nothing typed is lost."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from deskbell.knowledge import canned, ticket_templates, uses
from deskbell.knowledge.canned import Said, Wanted
from deskbell.knowledge.models import CannedAnswer, TicketTemplate
from deskbell.tickets import actions
from deskbell.tickets.content import Content
from deskbell.web.desk.meanwhile import AROUND, MOST_PARTS, Piece, pieces
from tests.cast import Cast, by, hire
from tests.desk import a_ticket
from tests.web.conftest import SignIn

ANSWER = {
    "name": "Zip",
    "audience": "all",
    "language": "en",
    "text": "Sew it in, please.",
}
TEMPLATE = {
    "name": "Repair",
    "audience": "all",
    "channel": "visit",
    "priority": "2",
    "text": "Seen by {agent}.",
}


@pytest.fixture
def zip_(cast: Cast) -> CannedAnswer:
    texts = {"en": Said("Sew it in."), "cs": Said("Přišijte to.")}
    return canned.make(Wanted("Zip", texts), by=by(cast.anna))


@pytest.fixture
def repair(cast: Cast) -> TicketTemplate:
    wanted = ticket_templates.Wanted("Repair", channel="visit", plain="Seen by {agent}.")
    return ticket_templates.make(wanted, by=by(cast.anna))


def _version(page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found
    return found[1]


@pytest.mark.django_db
def test_the_second_is_told_who_changed_what_and_keeps_what_was_typed(
    cast: Cast, as_: SignIn, zip_: CannedAnswer
) -> None:
    where, gus = f"/canned-answers/{zip_.pk}", hire("Gus", "gus@desk.example", "admin")
    version = _version(as_(gus).get(where).content.decode())
    as_(cast.anna).post(where, ANSWER | {"version": version, "text": "Sew it in at once."})
    told = as_(gus).post(where, ANSWER | {"version": version, "folder": "Repairs"})
    page = told.content.decode()
    assert told.status_code == 409
    assert f"{cast.anna.name} changed this while you were writing." in page
    assert "Sew it <del>in at once</del><ins>in, please</ins>." in page
    assert "<ins>Repairs</ins>" in page
    assert ">Sew it in, please.</textarea>" in page
    assert zip_.texts.get(language="en").plain == "Sew it in at once."
    over = ANSWER | {"version": _version(page), "folder": "Repairs"}
    assert as_(gus).post(where, over).status_code == 302
    zip_.refresh_from_db()
    assert (zip_.folder, zip_.texts.get(language="en").plain) == ("Repairs", "Sew it in, please.")


@pytest.mark.django_db
def test_a_third_is_told_again(cast: Cast, as_: SignIn, zip_: CannedAnswer) -> None:
    where, anna = f"/canned-answers/{zip_.pk}", as_(cast.anna)
    assert anna.post(where, ANSWER | {"version": "1"}).status_code == 302
    told = anna.post(where, ANSWER | {"version": "1", "name": "Zips"}).content.decode()
    assert "You changed this in another window" in told
    assert anna.post(where, ANSWER | {"version": "2", "text": "Sew."}).status_code == 302
    assert anna.post(where, ANSWER | {"version": _version(told)}).status_code == 409


@pytest.mark.django_db
def test_what_a_colleague_wrote_in_another_language_stays(
    cast: Cast, as_: SignIn, zip_: CannedAnswer
) -> None:
    where, anna = f"/canned-answers/{zip_.pk}", as_(cast.anna)
    anna.post(where, ANSWER | {"version": "1", "language": "cs", "text": "Hned to přišijte."})
    told = anna.post(where, ANSWER | {"version": "1"})
    anna.post(where, ANSWER | {"version": _version(told.content.decode())})
    texts = dict(zip_.texts.values_list("language", "plain"))
    assert texts == {"en": "Sew it in, please.", "cs": "Hned to přišijte."}


@pytest.mark.django_db
def test_looks_alone_and_nothing_at_all_are_told_apart(
    cast: Cast, as_: SignIn, zip_: CannedAnswer
) -> None:
    where, anna = f"/canned-answers/{zip_.pk}", as_(cast.anna)
    anna.post(where, ANSWER | {"version": "1", "html": "<p>Sew it <b>in</b>, please.</p>"})
    looks = anna.post(where, ANSWER | {"version": "1"}).content.decode()
    assert "The same words with other looks." in looks
    same = ANSWER | {"version": "1", "html": "<p>Sew it <b>in</b>, please.</p>"}
    assert "Both say the same." in anna.post(where, same).content.decode()


@pytest.mark.django_db
def test_files_have_to_be_chosen_once_more_and_the_page_says_so(
    cast: Cast, as_: SignIn, zip_: CannedAnswer
) -> None:
    where, anna = f"/canned-answers/{zip_.pk}", as_(cast.anna)
    anna.post(where, ANSWER | {"version": "1"})
    file = SimpleUploadedFile("label.pdf", b"label", "application/pdf")
    told = anna.post(where, {**ANSWER, "version": "1", "files": file}).content.decode()
    assert "Choose the files once more" in told
    assert not zip_.files.exists()


@pytest.mark.django_db
def test_a_form_that_says_no_version_is_kept_as_ever(
    cast: Cast, as_: SignIn, zip_: CannedAnswer
) -> None:
    where, anna = f"/canned-answers/{zip_.pk}", as_(cast.anna)
    for _again in range(2):
        assert anna.post(where, ANSWER).status_code == 302


@pytest.mark.django_db
def test_of_a_template_every_field_that_differs_is_shown(
    cast: Cast, as_: SignIn, repair: TicketTemplate
) -> None:
    where, anna = f"/ticket-templates/{repair.pk}", as_(cast.anna)
    other = TEMPLATE | {"priority": "4", "tags": "zip", "checklist": "Look at it"}
    assert anna.post(where, other | {"version": "1"}).status_code == 302
    told = anna.post(where, TEMPLATE | {"version": "1", "tags": "tent"})
    page = told.content.decode()
    assert told.status_code == 409
    for shown in (
        "<dt>Priority</dt>",
        "<del>Urgent</del><ins>Normal</ins>",
        "<del>zip</del><ins>tent</ins>",
        "<del>Look at it</del>",
    ):
        assert shown in page
    assert "<dt>Text</dt>" not in page
    repair.refresh_from_db()
    assert repair.tags == ["zip"]
    assert anna.post(where, TEMPLATE | {"version": _version(page)}).status_code == 302


@pytest.mark.django_db
def test_a_use_that_is_counted_while_somebody_writes_changes_nothing_for_them(
    cast: Cast, as_: SignIn, zip_: CannedAnswer
) -> None:
    anna, stale = as_(cast.anna), CannedAnswer.objects.get(pk=zip_.pk)
    sent = actions.reply(a_ticket(cast.support, cast.emil), Content("Sew it in."), by=by(cast.bela))
    uses.count([zip_.pk], sent, by=by(cast.bela))
    answer = anna.post(f"/canned-answers/{zip_.pk}", ANSWER | {"version": "1"})
    assert answer.status_code == 302
    canned.change(stale, canned.as_it_is(stale), by=by(cast.anna))
    zip_.refresh_from_db()
    assert zip_.used == 1


def test_pieces_say_what_stands_in_both_and_what_in_one() -> None:
    assert pieces("Sew it in.", "Sew it on.") == [
        Piece(same="Sew it "),
        Piece(kept="in", typed="on"),
        Piece(same="."),
    ]
    assert pieces("", "New") == [Piece(typed="New")]
    assert pieces("Old", "") == [Piece(kept="Old")]


def test_what_is_the_same_for_long_is_cut_in_the_middle() -> None:
    first, second = pieces("a" * 500 + " b", "a" * 500 + " c")
    assert first.same == f"{'a' * AROUND} … {'a' * (AROUND - 1)} "
    assert second == Piece(kept="b", typed="c")


def test_of_long_texts_whole_lines_are_compared() -> None:
    lines = "\n".join("one two" for _line in range(MOST_PARTS))
    found = pieces(f"{lines}\nold words", f"{lines}\nnew words")
    assert found[-1] == Piece(kept="old words", typed="new words")


def test_the_end_of_a_line_is_no_part_of_a_word() -> None:
    assert pieces("Dear you,\n\nhere", "Dear you, friend\n\nhere") == [
        Piece(same="Dear you"),
        Piece(kept=",", typed=", friend"),
        Piece(same="\n\nhere"),
    ]
