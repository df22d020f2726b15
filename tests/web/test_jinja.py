"""The helpers of templates, and gettext through Python and Jinja2 alike."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import jinja2
import pytest
from babel.messages import mofile
from babel.messages.catalog import Catalog
from django.template import engines
from django.utils import translation
from django.utils.translation import gettext, trans_real
from jinja2.utils import urlize

from deskbell.web import assets, csp, jinja, words
from deskbell.web.desk import telling


def render(text: str, **context: object) -> str:
    return engines["jinja2"].from_string(text).render(context)


def test_what_people_wrote_is_escaped() -> None:
    assert render("{{ name }}", name="<b>&") == "&lt;b&gt;&amp;"


def test_a_misspelt_name_is_an_error() -> None:
    with pytest.raises(jinja2.UndefinedError):
        render("{{ tikcet.code }}")


def test_a_piece_has_one_id() -> None:
    @dataclass
    class NewLetter:
        id: int

    assert jinja.dom_id(NewLetter(17)) == "new-letter-17"
    assert jinja.dom_id(NewLetter(17), "body") == "new-letter-17-body"


def test_an_icon_speaks_only_when_it_says_something() -> None:
    assert 'aria-hidden="true"' in jinja.icon("paperclip")
    assert 'aria-label="a &#34;file&#34;"' in jinja.icon("paperclip", label='a "file"')


def test_an_icon_that_nobody_drew_is_an_error() -> None:
    with pytest.raises(Exception, match="no-such-icon"):
        jinja.icon("no-such-icon")


def test_the_import_map_is_the_one_script_that_the_policy_allows() -> None:
    assert f"'{assets.import_map().csp_hash}'" in csp.policy()
    assert "unsafe" not in csp.policy()
    assert assets.import_map().text in jinja.import_map()


def test_times_are_written_for_the_browser() -> None:
    assert words.iso(datetime(2026, 3, 2, 12, 0, tzinfo=UTC)) == "2026-03-02T12:00:00.000Z"


@pytest.fixture
def hungarian(tmp_path: Path, settings: object) -> Iterator[None]:
    """A catalogue of two texts, in place of the real one."""
    catalogue = Catalog(locale="hu")
    catalogue.add("Inbox", "Bejövő")
    catalogue.add(("%(num)s ticket", "%(num)s tickets"), ("%(num)s jegy", "%(num)s jegy"))
    folder = tmp_path / "hu" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "django.mo").open("wb") as file:
        mofile.write_mo(file, catalogue)
    settings.LOCALE_PATHS = [tmp_path]  # type: ignore[attr-defined]
    vars(trans_real)["_translations"].clear()
    with translation.override("hu"):
        yield
    vars(trans_real)["_translations"].clear()


@pytest.mark.usefixtures("hungarian")
def test_python_and_templates_speak_the_reader_s_language() -> None:
    assert gettext("Inbox") == "Bejövő"
    assert render('{{ _("Inbox") }} {% trans %}Inbox{% endtrans %}') == "Bejövő Bejövő"
    several = "{% trans num=n %}{{ num }} ticket{% pluralize %}{{ num }} tickets{% endtrans %}"
    assert render(several, n=3) == "3 jegy"
    assert render("{{ language() }} {{ direction() }}") == "hu ltr"


@pytest.mark.usefixtures("hungarian")
def test_a_translation_cannot_bring_markup_along() -> None:
    assert render('{{ _("%(name)s ticket", name=name) }}', name="<b>") == "&lt;b&gt; ticket"


def test_words_take_values_escaped() -> None:
    assert render("{{ _('%(n)s new', n='<b>') }}") == "&lt;b&gt; new"
    assert render("{% trans name='<b>' %}Dear {{ name }}{% endtrans %}") == "Dear &lt;b&gt;"
    assert render("{{ _('100 %% sure') }}") == "100 % sure"


@pytest.mark.parametrize(
    "text",
    [
        "no link at all, <b>but</b> signs. And a second sentence.",
        "see www.shop.example/a?b=1&c=2, please",
        "http://localhost:8000/ and https://desk.example.",
        "example.com",
        "(frida@acme.example)",
        "mailto:frida@acme.example",
        "3.5 metres at 4:30",
        "",
    ],
)
def test_every_link_is_found_that_jinja2_finds(text: str) -> None:
    told = telling.paragraphs(text)
    linked = urlize(text, rel="noopener noreferrer nofollow", target="_blank")
    assert told == f"<p>{linked}</p>"
