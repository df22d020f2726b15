"""Words as they are compared, in six languages and in those that nobody stems."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskbell.search.words import fold, indexed, languages_of, split, stems_of, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The Invoice", ["the", "invoice"]),
        ("Számláját, kérem!", ["szamlajat", "kerem"]),
        ("STRASSE Straße", ["strasse", "strasse"]),
        ("Příliš žluťoučký kůň", ["prilis", "zlutoucky", "kun"]),
        ("Ķēde ģērbt šķūnis", ["kede", "gerbt", "skunis"]),
        ("ещё Счёт", ["еще", "счет"]),
        ("łódź Ørsted", ["lodz", "orsted"]),
        ("don't e-mail", ["don", "t", "e", "mail"]),
        ("A-1234/22", ["a", "1234", "22"]),
        ("emil@acme.example", ["emil", "acme", "example"]),
        ("東京タワー", ["東", "京", "タ", "ワ", "ー"]),
        ("e\u0301te\u0301", ["ete"]),
        ("snake_case", ["snake", "case"]),
        ("· — … !", []),
        ("", []),
    ],
)
def test_words_are_folded(text: str, words: list[str]) -> None:
    assert words_of(text) == words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("invoices", "invoice"),
        ("refunded", "refunds"),
        ("számlákat", "számla"),
        ("szamlakat", "számlák"),
        ("faktury", "faktura"),
        ("betalingen", "betaling"),
        ("счета", "счет"),
        ("оплаченный", "оплаченного"),
    ],
)
def test_forms_of_a_word_have_a_stem_in_common(one: str, other: str) -> None:
    assert set(stems_of(one)) & set(stems_of(other))


@pytest.mark.parametrize(
    ("text", "languages"),
    [
        ("The invoices were not refunded to our customers, thanks", ("en", "ru")),
        ("Nem kaptam meg a számlámat, kérem küldjék el", ("hu", "ru")),
        ("Dobrý den, prosím o vrácení peněz, děkuji", ("cs", "ru")),
        ("Labdien, lūdzu atmaksājiet naudu, paldies", ("lv", "ru")),
        ("Goedemiddag, ik heb de factuur niet ontvangen, graag een nieuwe", ("nl", "ru")),
    ],
)
def test_a_text_tells_its_language(text: str, languages: tuple[str, ...]) -> None:
    assert languages_of(words_of(text)) == languages


def test_a_text_that_tells_nothing_may_be_of_any_language() -> None:
    assert set(languages_of(["tent", "4711"])) == {"cs", "en", "hu", "nl", "ru"}


def test_short_words_and_numbers_have_no_stem() -> None:
    assert stems_of("were") != []
    assert stems_of("we") == stems_of("2026") == []


@given(st.text(max_size=300))
def test_any_text_is_split_where_its_words_stand(text: str) -> None:
    for start, end, word in split(text):
        assert text[start:end] == word
    said, marks = indexed(text)
    assert all(word.isalnum() for word in said)
    assert all(mark.startswith("·") and " " not in mark for mark in marks)


@given(st.text(max_size=50))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)
