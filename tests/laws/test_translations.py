"""Law: every text for people is collected, and whole in each of the six languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO

import pytest
from babel.messages import mofile
from babel.messages.catalog import Catalog, Message

from docs import translate
from tests.laws.sources import ROOT

LANGUAGES = translate.LANGUAGES
# "%(name)s", "{name}", "%%"; what a text is filled with must be in its translation, and nothing else.
PLACE = re.compile(r"%\(\w+\)[sd]|%%|%s|%d|\{\w+\}")


@pytest.fixture(scope="module")
def texts() -> Catalog:
    return translate.collected()


def translated(language: str) -> Iterator[Message]:
    yield from (message for message in translate.read(language) if message.id)


def forms_of(text: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return [text] if isinstance(text, str) else list(text or ())


def test_every_module_and_template_gives_its_texts(texts: Catalog) -> None:
    for text in (
        "There is no ticket with this code.",  # gettext_lazy, in an error
        "Reads in their departments and writes notes.",  # gettext_noop
        "This is the only department. Add another one first.",  # gettext_lazy by its own name
        "Yes, solved",  # a letter
    ):
        assert text in texts, text
    assert texts.get("Link", context="to do") is not None


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_every_text_and_no_other(language: str, texts: Catalog) -> None:
    wanted = {(str(message.id), message.context) for message in texts if message.id}
    there = {(str(message.id), message.context) for message in translated(language)}
    assert there == wanted, "bin/translate collects them"


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_missing_or_fuzzy(language: str) -> None:
    missing = [
        message.id
        for message in translated(language)
        if not translate.is_whole(message) or message.fuzzy
    ]
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_placeholder_and_no_other_is_filled(language: str) -> None:
    broken = []
    for message in translated(language):
        ids, strings = forms_of(message.id), forms_of(message.string)
        wanted = sorted(PLACE.findall(ids[0]))
        if len(ids) == 1:
            fits = all(sorted(PLACE.findall(one)) == wanted for one in strings)
        else:  # "one day" may leave the number out
            allowed = {place for one in ids for place in PLACE.findall(one)}
            fits = all(set(PLACE.findall(one)) <= allowed for one in strings)
        if not fits:
            broken.append((message.id, message.string))
    assert broken == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_can_be_filled(language: str) -> None:
    broken = [
        one
        for message in translated(language)
        for one in (*forms_of(message.id), *forms_of(message.string))
        # A template fills every text; Python fills those that have a place.
        if (is_in_template(message) or "%(" in one) and not can_be_filled(one)
    ]
    assert broken == []


def is_in_template(message: Message) -> bool:
    return any(path.endswith(".html") for path, _line in message.locations)


def can_be_filled(text: str) -> bool:
    places = dict.fromkeys(re.findall(r"%\((\w+)\)", text), 1)
    try:
        text % places
    except (TypeError, ValueError, KeyError):
        return False
    return True


def test_the_law_would_find_a_text_that_cannot_be_filled() -> None:
    assert not can_be_filled("%(n)s % is done")
    assert can_be_filled("%(n)s %% is done, in %(num)d days")


@pytest.mark.parametrize("language", LANGUAGES)
def test_plurals_have_the_forms_of_the_language(language: str) -> None:
    forms = Catalog(locale=language).num_plurals
    wrong = [
        message.id
        for message in translated(language)
        if not isinstance(message.id, str) and len(forms_of(message.string)) != forms
    ]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_line_breaks_at_the_ends_stay(language: str) -> None:
    for message in translated(language):
        for one in forms_of(message.string):
            first = forms_of(message.id)[0]
            assert one.startswith("\n") == first.startswith("\n"), message.id
            assert one.endswith("\n") == first.endswith("\n"), message.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_is_what_is_written(language: str) -> None:
    compiled = BytesIO()
    mofile.write_mo(compiled, translate.read(language))
    there = translate.path_of(language).with_suffix(".mo").read_bytes()
    assert there == compiled.getvalue(), "bin/translate compiles them"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_its_glossary(language: str) -> None:
    glossary = (ROOT / "docs" / "glossary" / f"{language}.md").read_text()
    assert len([line for line in glossary.splitlines() if line.startswith("|")]) > 40


def test_the_law_would_find_a_text_without_translation() -> None:
    catalogue = Catalog(locale="cs")
    catalogue.add("Inbox", "")
    catalogue.add(("%(num)s day", "%(num)s days"), ("%(num)s den", "", "%(num)s dní"))
    assert [translate.is_whole(message) for message in catalogue if message.id] == [False, False]
