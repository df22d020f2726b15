"""Which canned answers fit what a customer says: by the rare words that both share, and by the tags of the ticket.

Pure, and explained: each suggestion names the words that brought it.  The caller tells words apart and folds them,
on both sides alike.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log

# A word in more than this part of all answers ("please", "regards") says nothing about any.
COMMON_PART = 0.2
# With fewer answers than this no word can be told to be common.
FEW = 10
# What an answer of the ticket's own department, and one in the customer's language, is worth beside the others.
OWN_DEPARTMENT, OWN_LANGUAGE = 1.5, 1.25
# Sent so often on tickets of the same tags, an answer is offered without a shared word.
ENOUGH = 2


@dataclass(frozen=True, slots=True)
class Known:
    """A canned answer as far as choosing goes.

    words       folded words and stems of its names and texts
    department  its number; None for one that belongs to no department
    used        how often it was sent
    tagged      how often it was sent on tickets with a tag of this one
    """

    answer_id: int
    words: frozenset[str]
    languages: frozenset[str] = frozenset()
    department: int | None = None
    used: int = 0
    tagged: int = 0


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A canned answer that fits.

    because  the words of the customer that it shares, the one that says most first
    tagged   how often it was sent on tickets with a tag of this one
    """

    answer_id: int
    because: tuple[str, ...]
    tagged: int = 0


def suggest(
    said: Mapping[str, str],
    answers: Sequence[Known],
    *,
    department: int,
    language: str = "",
    most: int = 3,
) -> list[Suggestion]:
    """Return at most `most` answers that fit the words that were said, the best first; none where nothing fits.

    1. Drop the words that stand in too many answers.
    2. Weigh each shared word by how rare it is among the answers, and add the weights up; to them, how often the
       answer was sent on tickets of the same tags.
    3. Raise answers of the department and the language, and a little those that were sent often.

    said      folded words and stems, as those of the answers → the word as the customer wrote it
    language  the customer's; "" where it is not known
    """
    shared = [(one, one.words & said.keys()) for one in answers]
    weights = _weights([keys for _one, keys in shared])
    ranked = []
    for one, keys in shared:
        words = _said_in(keys & weights.keys(), said, weights)
        if not words and one.tagged < ENOUGH:
            continue
        weight = (sum(words.values()) + log(1 + one.tagged)) * _raised(one, department, language)
        because = tuple(sorted(words, key=words.__getitem__, reverse=True))
        ranked.append((-weight, one.answer_id, because, one.tagged))
    ranked.sort()
    return [Suggestion(*row[1:]) for row in ranked[:most]]


def _said_in(
    keys: Iterable[str], said: Mapping[str, str], weights: Mapping[str, float]
) -> dict[str, float]:
    """Return the words of the customer behind shared keys, each with the weight of its rarest key, by the alphabet."""
    words: dict[str, float] = {}
    for key in keys:  # a word and its stem are one word
        words[said[key]] = max(weights[key], words.get(said[key], 0))
    return dict(sorted(words.items()))


def _weights(shared: Sequence[frozenset[str]]) -> dict[str, float]:
    count = len(shared)
    counted = Counter(key for keys in shared for key in keys)
    limit = count * COMMON_PART if count >= FEW else count
    return {key: log(1 + count / times) for key, times in counted.items() if times <= limit}


def _raised(one: Known, department: int, language: str) -> float:
    raised = 1 + log(1 + one.used) / 10
    if one.department == department:
        raised *= OWN_DEPARTMENT
    if language in one.languages:
        raised *= OWN_LANGUAGE
    return raised
