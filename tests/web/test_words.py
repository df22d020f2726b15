"""Words that templates make of plain values."""

import pytest

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
