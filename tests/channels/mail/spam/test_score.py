"""The arithmetic of the filter, and what is kept of words."""

from __future__ import annotations

import pytest

from deskbell.channels.mail.spam.score import Counts, score
from deskbell.channels.mail.spam.words import MOST_WORDS, numbers_of, words_of

pytestmark = pytest.mark.once

LEARNED = Counts(spam=30, ham=60)
SPAMMY, HAMMY, EVEN = Counts(20, 0), Counts(0, 30), Counts(5, 10)


@pytest.mark.parametrize(
    ("words", "is_spam"),
    [
        ({}, False),
        ({"a": SPAMMY}, False),  # too little to convict anybody
        ({"a": SPAMMY, "b": SPAMMY, "c": SPAMMY, "d": SPAMMY}, True),
        ({"a": SPAMMY, "b": SPAMMY, "c": HAMMY, "d": HAMMY}, False),
        ({"a": HAMMY, "b": HAMMY, "c": HAMMY, "d": HAMMY}, False),
        ({"a": EVEN, "b": EVEN, "c": EVEN, "d": EVEN, "e": EVEN}, False),
        ({"a": Counts(1, 0), "b": Counts(1, 0), "c": Counts(1, 0), "d": Counts(1, 0)}, False),
        ({**{str(n): SPAMMY for n in range(20)}, "x": HAMMY}, True),
        ({**{str(n): HAMMY for n in range(20)}, "x": SPAMMY}, False),
        ({str(n): SPAMMY for n in range(5_000)}, True),
    ],
)
def test_a_letter_is_spam_when_most_of_what_tells_says_so(
    words: dict[str, Counts], is_spam: bool
) -> None:
    found = score(words, LEARNED)

    assert 0 <= found.value <= 1
    assert found.is_spam == is_spam


def test_nothing_is_judged_before_both_sorts_are_known() -> None:
    words = dict.fromkeys("abcdef", Counts(5, 0))
    assert not score(words, Counts(5, 0)).is_spam
    assert not score(words, Counts(0, 5)).is_spam


def test_the_words_that_told_are_named() -> None:
    words = {"casino": Counts(30, 0), "prize": SPAMMY, "win": SPAMMY, "now": SPAMMY, "tent": HAMMY}
    assert score(words, LEARNED).because[:1] == ("casino",)
    assert "tent" not in score(words, LEARNED).because


def test_words_are_folded_and_kept_as_numbers_that_tell_nothing() -> None:
    words = words_of(
        subject="Nyereményjáték",
        text="Kattints IDE! https://Shop.example/win?x=1 żółw",
        html='<a href="https://evil.example/">ide</a>',
        sender="Emil@Acme.example",
        signs=("fail", ""),
    )
    assert {"subject:nyeremenyjatek", "kattints", "ide", "link:shop.example"} <= set(words)
    assert {"link:evil.example", "from:emil@acme.example", "at:acme.example"} <= set(words)
    numbers = numbers_of(words)
    assert len(numbers) == len(words)
    assert all(-(2**63) <= number < 2**63 for number in numbers)
    assert numbers == numbers_of(words)


def test_an_endless_letter_is_read_to_an_end() -> None:
    letters = [chr(97 + n // 26 % 26) + chr(97 + n % 26) for n in range(676)]
    text = " ".join(f"{one}{two}" for one in letters[:60] for two in letters)
    words = words_of(subject="", text=text, html="", sender="a@b.example", signs=())
    assert len(words) == MOST_WORDS
