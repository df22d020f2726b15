"""Canned answers: whose they are, who may change them, and how they are kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from deskbell import clock
from deskbell.access import custom_roles
from deskbell.errors import BadInput, NotAllowed, NotFound
from deskbell.knowledge import canned, whose
from deskbell.knowledge.canned import Said, Wanted
from deskbell.knowledge.models import CannedAnswer
from deskbell.people.models import Agent
from deskbell.tickets import files
from deskbell.tickets.content import NewFile
from deskbell.work.jobs import Later
from deskbell.work.models import Job
from tests.cast import Cast, by

ENGLISH = {"en": Said("Dear {name|customer},\nyour ticket is {code}.", "<p>Dear {name}</p>")}


def _names(agent: Agent) -> list[str]:
    return [one.name for one in canned.usable(by(agent))]


def test_everybody_uses_what_is_for_all_and_only_its_department_what_is_a_departments(
    cast: Cast,
) -> None:
    canned.make(Wanted("For all", ENGLISH), by=by(cast.anna))
    canned.make(Wanted("Support only", ENGLISH, department=cast.support), by=by(cast.anna))
    canned.make(Wanted("Only Bela", ENGLISH, owner=cast.bela), by=by(cast.bela))
    assert _names(cast.bela) == ["For all", "Only Bela", "Support only"]
    assert _names(cast.dora) == ["For all"]
    assert _names(cast.anna) == ["For all", "Support only"]


def test_bela_writes_for_himself_and_not_for_others(cast: Cast) -> None:
    for wanted in (
        Wanted("For all", ENGLISH),
        Wanted("Support", ENGLISH, department=cast.support),
        Wanted("Dora's", ENGLISH, owner=cast.dora),
    ):
        with pytest.raises(NotAllowed):
            canned.make(wanted, by=by(cast.bela))
    own = canned.make(Wanted("Mine", ENGLISH, owner=cast.bela), by=by(cast.bela))
    with pytest.raises(NotAllowed):
        whose.archive(own, by=by(cast.anna))
    with pytest.raises(NotAllowed):
        canned.change(own, Wanted("For all", ENGLISH), by=by(cast.bela))


def test_who_left_the_desk_changes_nothing_any_more(cast: Cast) -> None:
    own = canned.make(Wanted("Mine", ENGLISH, owner=cast.bela), by=by(cast.bela))
    Agent.objects.filter(pk=cast.bela.pk).update(archived_at="2026-01-01T00:00Z")
    with pytest.raises(NotAllowed):
        whose.archive(own, by=by(cast.bela))


def test_what_is_archived_is_offered_again_when_it_is_brought_back(cast: Cast) -> None:
    answer = canned.make(Wanted("For all", ENGLISH), by=by(cast.anna))
    whose.archive(answer, by=by(cast.anna))
    assert _names(cast.bela) == []
    whose.bring_back(answer, by=by(cast.anna))
    assert _names(cast.bela) == ["For all"]


@pytest.mark.parametrize(
    ("name", "texts", "field"),
    [
        (" ", ENGLISH, "name"),
        ("x" * 101, ENGLISH, "name"),
        ("Empty", {}, "text"),
        ("Empty", {"en": Said(" ")}, "text"),
        ("Klingon", {"tlh": Said("nuqneH")}, "language"),
        ("Unknown place", {"en": Said("{colour}")}, "texts.en"),
        ("Unknown place", {"en": Said("x", "<p>{colour}</p>")}, "texts.en"),
    ],
)
def test_what_cannot_be_said_is_refused_and_nothing_kept(
    cast: Cast, name: str, texts: dict[str, Said], field: str
) -> None:
    with pytest.raises(BadInput) as refused:
        canned.make(Wanted(name, texts), by=by(cast.anna))
    assert (refused.value.field, CannedAnswer.objects.count()) == (field, 0)


def test_a_change_keeps_how_often_it_was_used(cast: Cast) -> None:
    answer = canned.make(Wanted("Greeting", ENGLISH), by=by(cast.anna))
    CannedAnswer.objects.update(used=2, used_at=clock.now())
    answer.refresh_from_db()
    canned.change(answer, Wanted("Hello", {"cs": Said("Ahoj")}, folder=" A  b "), by=by(cast.anna))
    answer.refresh_from_db()
    assert (answer.name, answer.folder, answer.used) == ("Hello", "A b", 2)
    assert answer.used_at is not None
    assert [(one.language, one.plain) for one in answer.texts.all()] == [("cs", "Ahoj")]


def test_whoever_is_given_the_right_keeps_those_of_all(cast: Cast) -> None:
    cast.bela.role = "custom"
    cast.bela.custom_role = custom_roles.add_role(
        name="Editor", rights={"see": 2, "see_agents": 3, "share_canned_answers": 3}
    )
    cast.bela.save()
    answer = canned.make(Wanted("For all", ENGLISH), by=by(cast.bela))
    whose.archive(answer, by=by(cast.bela))
    assert answer.archived_at is not None


def test_what_is_archived_is_listed_for_those_who_may_bring_it_back(cast: Cast) -> None:
    answer = canned.make(Wanted("For all", ENGLISH), by=by(cast.anna))
    whose.archive(answer, by=by(cast.anna))
    assert canned.one_of(by(cast.anna), answer.pk, shares=True) == answer
    with pytest.raises(NotFound):
        canned.one_of(by(cast.bela), answer.pk, shares=False)


def test_the_own_answers_of_others_are_shown_to_nobody(cast: Cast) -> None:
    own = canned.make(Wanted("Mine", ENGLISH, owner=cast.bela), by=by(cast.bela))
    with pytest.raises(NotFound):
        canned.one_of(by(cast.anna), own.pk, shares=True)


def test_files_go_along_until_they_are_taken_away(cast: Cast) -> None:
    kept = files.keep(b"label")
    label = NewFile("label.pdf", "application/pdf", kept)
    answer = canned.make(Wanted("Return", ENGLISH, more_files=[label]), by=by(cast.anna))
    file = answer.files.get()
    assert (file.name, canned.names_file(kept.sha256)) == ("label.pdf", True)
    canned.change(answer, Wanted("Return", ENGLISH, less_files=[file.pk]), by=by(cast.anna))
    assert not canned.names_file(kept.sha256)
    assert Job.objects.filter(name=files.SHRED_JOB, key=kept.sha256).exists()


def test_a_file_that_an_answer_names_is_not_shredded(cast: Cast) -> None:
    kept = files.keep(b"label")
    label = NewFile("label.pdf", "application/pdf", kept)
    canned.make(Wanted("Return", ENGLISH, more_files=[label]), by=by(cast.anna))
    with time_machine.travel(clock.now() + timedelta(hours=2)), pytest.raises(Later):
        files.shred_file(kept.sha256)
    assert files.path_of(kept.sha256).exists()


def test_too_many_files_are_refused(cast: Cast) -> None:
    label = NewFile("label.pdf", "application/pdf", files.keep(b"label"))
    with pytest.raises(BadInput) as refused:
        canned.make(Wanted("Return", ENGLISH, more_files=[label] * 21), by=by(cast.anna))
    assert refused.value.field == "files"


def test_an_abbreviation_is_one_word_without_its_slash(cast: Cast) -> None:
    answer = canned.make(Wanted("Return", ENGLISH, abbreviation="/re label"), by=by(cast.anna))
    assert answer.abbreviation == "re-label"
