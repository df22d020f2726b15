"""Search & Replace: what would change is shown, what was chosen is replaced at once, and undone at once."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from deskbell.knowledge import canned, ticket_templates
from deskbell.knowledge.canned import Said, Wanted
from deskbell.knowledge.models import CannedAnswer, CannedText, Replacement
from deskbell.people import own_words
from tests.cast import Cast, by
from tests.web.conftest import SignIn

pytestmark = pytest.mark.django_db

WHERE = "/canned-answers/replacing"
LINK = '<a href="https://old.example/a" rel="noopener noreferrer nofollow">'
HTML = f"<p>Ring <b>us</b>: {LINK}ring</a></p>"


@pytest.fixture
def anna(cast: Cast, as_: SignIn) -> Client:
    return as_(cast.anna)


@pytest.fixture(autouse=True)
def texts(cast: Cast) -> None:
    for_all = {"en": Said("Ring us: ring <https://old.example/a>", HTML), "nl": Said("Bel ons")}
    canned.make(Wanted("Call", for_all), by=by(cast.anna))
    canned.make(Wanted("Own", {"en": Said("Do ring me.")}, owner=cast.bela), by=by(cast.bela))
    own_words.write("signature", None, "", "{signature}\nRing the bell")


def _shown(client: Client, find: str, instead: str, **other: str) -> str:
    return client.get(WHERE, {"find": find, "instead": instead, **other}).content.decode()


def _keys(page: str) -> list[str]:
    return re.findall(r'name="chosen" value="([^"]+)" checked', page)


def _replace(client: Client, find: str, instead: str, **other: str) -> tuple[int, str]:
    keys = _keys(_shown(client, find, instead, **other))
    answer = client.post(WHERE, {"find": find, "instead": instead, "chosen": keys, **other})
    return answer.status_code, answer.content.decode()


def _said(name: str) -> dict[str, str]:
    return dict(CannedText.objects.filter(answer__name=name).values_list("language", "plain"))


def test_anna_sees_what_would_change_and_nothing_has_changed(anna: Client) -> None:
    page = _shown(anna, "ring", "call")
    assert len(_keys(page)) == 2
    assert "<del>Ring</del><ins>call</ins> us: " in page
    assert "Letter: Signature" in page
    assert "Own" not in page
    assert _said("Call")["en"].startswith("Ring us")


def test_what_is_replaced_is_undone_by_one_press(anna: Client) -> None:
    before = _said("Call")
    assert _replace(anna, "ring", "call")[0] == 302
    assert _said("Call") == {"en": "call us: call <https://old.example/a>", "nl": "Bel ons"}
    html = CannedText.objects.get(answer__name="Call", language="en").html
    assert html == f"<p>call <b>us</b>: {LINK}call</a></p>"
    assert own_words.written("signature", None, "") == "{signature}\ncall the bell"
    assert "call" in CannedAnswer.objects.get(name="Call").words.split()
    page = anna.get(WHERE, {"done": "1"}).content.decode()
    assert "2 texts changed." in page
    anna.post(WHERE, {"_method": "DELETE"})
    assert _said("Call") == before
    assert CannedText.objects.get(answer__name="Call", language="en").html == HTML
    assert own_words.written("signature", None, "") == "{signature}\nRing the bell"
    assert not Replacement.objects.exists()


def test_the_texts_of_templates_change_as_well(cast: Cast, anna: Client) -> None:
    wanted = ticket_templates.Wanted("Sale", plain="Ring them.", tags=("sale",))
    template = ticket_templates.make(wanted, by=by(cast.anna))
    assert "Ticket template" in _shown(anna, "ring", "call")
    _replace(anna, "ring them", "Call them")
    template.refresh_from_db()
    assert (template.plain, template.tags) == ("Call them.", ["sale"])
    anna.post(WHERE, {"_method": "DELETE"})
    template.refresh_from_db()
    assert template.plain == "Ring them."


def test_names_and_subjects_change_as_well(cast: Cast, anna: Client) -> None:
    wanted = ticket_templates.Wanted("Ring day", subject="We ring at {team}", plain="Ring them.")
    template = ticket_templates.make(wanted, by=by(cast.anna))
    canned.make(Wanted("Ring back", {"en": Said("We ring back.")}), by=by(cast.anna))
    page = _shown(anna, "ring", "call", match_case="1")
    assert "Ticket template · Subject" in page
    _replace(anna, "Ring", "Call")
    template.refresh_from_db()
    assert (template.name, template.subject, template.plain) == (
        "Call day",
        "We Call at {team}",
        "Call them.",
    )
    assert _said("Call back") == {"en": "We Call back."}
    assert "call" in CannedAnswer.objects.get(name="Call back").words.split()
    anna.post(WHERE, {"_method": "DELETE"})
    template.refresh_from_db()
    assert (template.name, template.subject, template.plain) == (
        "Ring day",
        "We ring at {team}",
        "Ring them.",
    )
    assert _said("Ring back") == {"en": "We ring back."}


def test_a_name_or_a_subject_that_could_not_be_kept_is_said_to_stay(
    cast: Cast, anna: Client
) -> None:
    wanted = ticket_templates.Wanted("Gong", subject="Gong at {team}")
    ticket_templates.make(wanted, by=by(cast.anna))
    assert "Nothing would be left of it." in _shown(anna, "gong", "")
    assert _keys(_shown(anna, "gong", "x" * 101, match_case="1")) == []
    assert _keys(_shown(anna, "team", "colour")) == []


def test_what_was_changed_since_is_left_alone_by_undo(cast: Cast, anna: Client) -> None:
    _replace(anna, "ring", "call")
    own_words.write("signature", None, "", "{signature}\nWrite to us")
    led = anna.post(WHERE, {"_method": "DELETE"})
    page = anna.get(led.headers["Location"]).content.decode()
    assert "1 text was changed since and stays as it is." in page
    assert own_words.written("signature", None, "") == "{signature}\nWrite to us"
    assert _said("Call")["en"].startswith("Ring us")


def test_addresses_of_links_change_as_well(anna: Client) -> None:
    _replace(anna, "old.example", "new.example")
    assert (
        'href="https://new.example/a"'
        in CannedText.objects.get(answer__name="Call", language="en").html
    )


def test_no_link_becomes_one_that_runs(anna: Client) -> None:
    _replace(anna, "https://old.example/a", "javascript:alert(1)")
    assert "href" not in CannedText.objects.get(answer__name="Call", language="en").html


def test_bela_replaces_in_his_own_only(bela: Client) -> None:
    page = _shown(bela, "ring", "call")
    assert (len(_keys(page)), "Own" in page, "Signature" in page) == (1, True, False)
    _replace(bela, "ring", "call")
    assert _said("Own") == {"en": "Do call me."}
    assert _said("Call")["en"].startswith("Ring us")


def test_what_he_may_not_change_he_cannot_choose(bela: Client, anna: Client) -> None:
    keys = _keys(_shown(anna, "ring", "call"))
    refused = bela.post(WHERE, {"find": "ring", "instead": "call", "chosen": keys})
    assert (refused.status_code, _said("Call")["en"][:4]) == (409, "Ring")


def test_what_changed_since_it_was_shown_is_not_replaced(cast: Cast, bela: Client) -> None:
    keys = _keys(_shown(bela, "ring", "call"))
    own = CannedAnswer.objects.get(name="Own")
    canned.change(own, Wanted("Own", {"en": Said("Ring!")}, owner=cast.bela), by=by(cast.bela))
    refused = bela.post(WHERE, {"find": "ring", "instead": "call", "chosen": keys})
    assert (refused.status_code, _said("Own")) == (409, {"en": "Ring!"})
    assert "Something changed in the meantime." in refused.content.decode()


def test_a_place_that_nobody_knows_would_be_refused_and_says_so(anna: Client) -> None:
    page = _shown(anna, "{signature}", "{sign}")
    assert _keys(page) == []
    assert "{sign}" in page
    assert "disabled" in page


def test_what_looks_stand_in_the_middle_of_is_said_to_be_done_by_hand(anna: Client) -> None:
    page = _shown(anna, "ring us", "call us")
    assert "Change it by hand." in page
    assert _keys(page) == []


def test_nothing_to_look_for_and_nothing_chosen_are_refused(anna: Client) -> None:
    assert anna.get(WHERE, {"find": " "}).status_code == 422
    assert anna.post(WHERE, {"find": "ring", "instead": "call"}).status_code == 422
    assert "Nothing has these words" in _shown(anna, "quux", "x")


def test_whole_words_and_capitals_count_where_that_is_wished(bela: Client) -> None:
    assert _keys(_shown(bela, "RING", "call", match_case="1")) == []
    assert _keys(_shown(bela, "ing", "call", whole_words="1")) == []
    assert len(_keys(_shown(bela, "ing", "cal"))) == 1
