"""A team's own words: places that are filled once, links that are the team's alone, and whose words hold where."""

from __future__ import annotations

import pytest

from deskbell.errors import BadInput
from deskbell.notices.paragraphs import html_of
from deskbell.people import own_words
from deskbell.people.wording import (
    checked_wording,
    filled,
    filled_html,
    filled_wording,
    require_known_places,
)
from tests.cast import Cast


@pytest.mark.parametrize(
    ("text", "values", "said"),
    [
        ("Dear {name},", {"name": "Emil"}, "Dear Emil,"),
        ("Dear {name|customer},", {"name": ""}, "Dear customer,"),
        ("Dear {name|customer},", {"name": "Emil"}, "Dear Emil,"),
        ("Dear {name},", {"name": "{code}\nx"}, "Dear {code} x,"),
        ("{agent}\n{team}", {"agent": "", "team": "Lomnica"}, "Lomnica"),
        ("{who|x} { name }", {"name": "Emil"}, "{who|x} { name }"),
        ("{name}!", {"name": "\u202eevil\u202c"}, "evil!"),
        ("https://x.example/{code}.", {"code": "A B"}, "https://x.example/A%20B."),
    ],
)
def test_places_are_filled_once(text: str, values: dict[str, str], said: str) -> None:
    assert filled_wording(text, values) == said


@pytest.mark.parametrize(
    ("html", "name", "said"),
    [
        ("<p>Dear <b>{name|there}</b></p>", "Emil", "<p>Dear <b>Emil</b></p>"),
        ("<p>Dear {name|there}</p>", "", "<p>Dear there</p>"),
        ("<p>{name}</p>", "<script>", "<p>&lt;script&gt;</p>"),
        ("<p>{name}</p>", "{code}", "<p>{code}</p>"),
        ('<a href="/{name}">{name}</a>', "E", '<a href="/{name}">E</a>'),
        # A sign that ends a tag too early makes no way out of an attribute.
        ('<a title="a>{name}">x</a>', '" onclick="y', '<a title="a>&quot; onclick=&quot;y">x</a>'),
        ("<p>{name|Tom &amp; <b>co</b>}</p>", "", "<p>Tom &amp; co</p>"),
        ("<p>{name}</p>", "Tom &lt; co", "<p>Tom &amp;lt; co</p>"),
    ],
)
def test_what_is_filled_into_html_is_words(html: str, name: str, said: str) -> None:
    assert filled_html(html, {"name": name, "code": "LOM-1"}) == said


def test_a_place_that_nobody_knows_is_refused_by_its_name() -> None:
    require_known_places("Dear {name|there}", "text", ("name",), 100)
    with pytest.raises(BadInput, match=r"\{colour\}"):
        require_known_places("Dear {colour}", "text", ("name",), 100)
    with pytest.raises(BadInput, match="10 letters"):
        require_known_places("Dear {name}", "text", ("name",), 10)


def test_only_the_team_makes_links() -> None:
    words = "{subject}\nsee https://x.example/a_(b) (or https://x.example)."
    html = html_of(filled(words, {"subject": "https://evil.example <b>"}))
    assert html == (
        '<p dir="auto">https://evil.example &lt;b&gt;<br>\n'
        'see <a href="https://x.example/a_(b)">https://x.example/a_(b)</a>'
        ' (or <a href="https://x.example">https://x.example</a>).</p>'
    )


@pytest.mark.parametrize(
    ("letter", "text", "sentence"),
    [
        ("portal", "{who} and {what|x}", "in place of {who}, {what}; there are {name}, {code}"),
        ("answer", "Dear {name},", "{answer} has to stand in it once"),
        ("answer", "{answer}{answer}", "{answer} has to stand in it once"),
        ("signature", "{code}", "there are {signature}, {agent}, {team}, {department}."),
    ],
)
def test_what_cannot_be_filled_is_refused_by_name(letter: str, text: str, sentence: str) -> None:
    with pytest.raises(BadInput) as refused:
        checked_wording(text, "words", letter)
    assert sentence in refused.value.sentence


@pytest.mark.django_db
def test_the_nearest_words_hold(cast: Cast) -> None:
    def held(language: str) -> str:
        return own_words.words_for("portal", cast.support.pk, language)

    assert held("hu") == ""
    for department, language, text in (
        (None, "", "all"),
        (None, "hu", "all, Hungarian"),
        (cast.support, "", "Support"),
        (cast.support, "hu", "Support, Hungarian"),
    ):
        own_words.write("portal", department, language, text)
        assert held("hu") == text
    assert held("cs") == "Support"
    assert own_words.words_for("portal", cast.billing.pk, "cs") == "all"
    own_words.write("portal", cast.support, "hu", "")
    assert held("hu") == "Support"
