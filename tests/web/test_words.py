"""Words that templates make of plain values."""

from datetime import UTC, datetime

import pytest
from django.utils import translation

from deskbell.web import words


@pytest.mark.parametrize(
    ("size_bytes", "said"),
    [
        (0, "0 B"),
        (840, "840 B"),
        (1000, "1.0 KB"),
        (84_213, "84 KB"),
        (999_700, "1.0 MB"),
        (1_234_567, "1.2 MB"),
        (5_000_000_000_000, "5000 GB"),
    ],
)
def test_a_size_is_said_as_people_read_it(size_bytes: int, said: str) -> None:
    assert words.size(size_bytes) == said


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Nagy Éva", "NÉ"),
        ("Anna van der Meulen", "AM"),
        ("Ирина Соколова", "ИС"),
        ("jw@shop.example", "J"),
        ("Ada", "A"),
        ("123 (!)", "?"),
        ("", "?"),
    ],
)
def test_two_letters_stand_for_a_person(name: str, letters: str) -> None:
    assert words.initials(name) == letters


@pytest.mark.parametrize(
    ("language", "day", "size_words"),
    [
        ("en", "2 Mar 2026 12:05", "1.2 MB"),
        ("hu", "2026. márc. 2. 12:05", "1,2 MB"),
        ("cs", "2. 3. 2026 12:05", "1,2 MB"),
        ("lv", "2026. g. 2. marts 12:05", "1,2 MB"),
        ("ru", "2 мар. 2026\u202fг. 12:05", "1,2 MB"),
        ("nl", "2 mrt 2026 12:05", "1,2 MB"),
    ],
)
def test_days_and_numbers_are_written_as_in_the_language(
    language: str, day: str, size_words: str
) -> None:
    at = datetime(2026, 3, 2, 12, 5, tzinfo=UTC)
    with translation.override(language):
        assert words.moment(at, "full").replace("\xa0", "\u202f") == day
        assert words.size(1_234_000) == size_words


def test_moments_in_a_sentence_are_told_by_the_browser_each_as_its_own() -> None:
    first, second = (datetime(2026, 3, day, 1, tzinfo=UTC) for day in (2, 12))
    moments = {"2 Mar": first, "12 Mar": second}
    said = words.timed("<b> 2 Mar – 12 Mar", moments)
    assert said == (
        '&lt;b&gt; <time datetime="2026-03-02T01:00:00.000Z" data-local="dated">2 Mar</time> – '
        '<time datetime="2026-03-12T01:00:00.000Z" data-local="dated">12 Mar</time>'
    )
    assert words.timed("<b>", {}) == "&lt;b&gt;"
