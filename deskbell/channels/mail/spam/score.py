"""How much a letter looks like spam, from how often its words stood in spam and in other letters.

Robinson's estimate for each word, Fisher's method over the most telling ones.  Pure, and tested as a table.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

# From here on it is spam; people would rather read some than miss a letter.
IS_SPAM = 0.95

# A word nobody has seen says nothing, and one seen once says little.
_UNKNOWN, _STRENGTH = 0.5, 1.0
_MOST_TELLING = 100
_SAYS_NOTHING = 0.1
_FEWEST_TELLING = 4  # fewer words than these convict nobody


@dataclass(frozen=True, slots=True)
class Counts:
    """In how many letters of either sort something stood, or of how many letters the filter learned."""

    spam: int
    ham: int


@dataclass(frozen=True, slots=True)
class Score:
    """From 0, certainly no spam, to 1; and the words that speak most for spam, the strongest first."""

    value: float
    because: tuple[str, ...] = ()

    @property
    def is_spam(self) -> bool:
        """Whether it is to be put aside."""
        return self.value >= IS_SPAM


def score(words: Mapping[str, Counts], learned: Counts) -> Score:
    """Return how much a letter of these words looks like spam.

    words    only those that the filter has seen
    learned  of how many letters of either sort it has learned
    """
    if not learned.spam or not learned.ham:
        return Score(_UNKNOWN)
    said = {word: _of_word(counts, learned) for word, counts in words.items()}
    telling = sorted(said.items(), key=lambda one: -abs(one[1] - _UNKNOWN))[:_MOST_TELLING]
    telling = [(word, p) for word, p in telling if abs(p - _UNKNOWN) > _SAYS_NOTHING]
    if len(telling) < _FEWEST_TELLING:
        return Score(_UNKNOWN)
    spam = _chi_square(-2 * sum(math.log(1 - p) for _word, p in telling), len(telling))
    ham = _chi_square(-2 * sum(math.log(p) for _word, p in telling), len(telling))
    because = [word for word, p in telling if p > _UNKNOWN]
    return Score((1 + ham - spam) / 2, tuple(because))


def _of_word(counts: Counts, learned: Counts) -> float:
    in_spam, in_ham = counts.spam / learned.spam, counts.ham / learned.ham
    seen = counts.spam + counts.ham
    share = in_spam / (in_spam + in_ham) if seen else _UNKNOWN
    return (_STRENGTH * _UNKNOWN + seen * share) / (_STRENGTH + seen)


def _chi_square(value: float, pairs: int) -> float:
    """Return how likely a sum of 2 × `pairs` squares is at least `value`."""
    half = value / 2
    term = total = math.exp(-half)
    for number in range(1, pairs):
        term *= half / number
        total += term
    return min(total, 1.0)
