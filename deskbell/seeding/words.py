"""Words that nobody wrote: a vocabulary in which few words are frequent and most are rare, as in real letters."""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import accumulate, product

VOCABULARY = 50_000
SENTENCES = 40_000
SENTENCE_WORDS = (7, 13)

BEGINNINGS = tuple(one + other for one in "bdfghklmnprstvz" for other in "aeo")
MIDDLES = ("", "l", "n", "r", "s", "t", "mi", "ni", "ri", "li", "de", "ra", "lo", "ta")
ENDS = ("n", "r", "s", "k", "ting", "le", "ra", "do", "mi", "ne", "rt", "st", "ck", "ll", "ma", "")
# What people write about most often; the rest of the vocabulary is made of syllables.
FREQUENT = (
    *("the", "and", "to", "my", "I", "is", "it", "not", "for", "with", "you", "have", "order"),
    *("please", "was", "in", "on", "but", "invoice", "delivery", "tent", "zip", "broken", "refund"),
    *("when", "we", "can", "still", "after", "size", "return", "parcel", "address", "again", "new"),
    *("help", "thanks", "received", "wrong", "missing", "paid", "card", "shop", "week", "today"),
)


@dataclass(frozen=True)
class Phrases:
    """Sentences to put letters together from; the same for the same seed."""

    sentences: tuple[str, ...]

    def text(self, rng: random.Random) -> str:
        """Return the words of a letter: about thirty."""
        pick = self.sentences
        many = rng.randrange(2, 5)
        return " ".join(pick[rng.randrange(len(pick))] for _ in range(many))

    def subject(self, rng: random.Random) -> str:
        """Return a subject: the first words of a sentence."""
        sentence = self.sentences[rng.randrange(len(self.sentences))]
        return " ".join(sentence.rstrip(".").split()[: rng.randrange(3, 8)])


def phrases(seed: int) -> Phrases:
    """Return the phrases of a seed; takes about a second."""
    rng = random.Random(f"phrases {seed}")  # noqa: S311  no secret hangs on it
    words = _vocabulary(rng)
    weights = list(accumulate(1 / rank for rank in range(1, len(words) + 1)))
    lengths = [rng.randint(*SENTENCE_WORDS) for _ in range(SENTENCES)]
    drawn = iter(rng.choices(words, cum_weights=weights, k=sum(lengths)))
    sentences = (" ".join(next(drawn) for _ in range(length)) for length in lengths)
    return Phrases(tuple(f"{one[0].upper()}{one[1:]}." for one in sentences))


def _vocabulary(rng: random.Random) -> list[str]:
    made = ["".join(parts) for parts in product(BEGINNINGS, BEGINNINGS, MIDDLES, ENDS)]
    made = sorted(set(made) - set(FREQUENT))
    rng.shuffle(made)
    return [*FREQUENT, *made[: VOCABULARY - len(FREQUENT)]]
