"""Words as they are compared: folded, so that neither case nor diacritics matter, and cut back to their stems in the
languages that the desk speaks.

Pure.  Documents and what is looked for go through the same functions, and so does what is marked in what was found.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import cache, lru_cache
from threading import Lock
from typing import TYPE_CHECKING

import Stemmer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

# Latvian has no stemmer: its words are folded only.
STEMMERS = {"cs": "czech", "en": "english", "hu": "hungarian", "nl": "dutch", "ru": "russian"}
# Stands before each mark and within it: no word has one, and no beginning of a word finds a mark.
DOT = "·"

# A longer "word" is none: keys, hashes, lines of base64.
LONGEST = 64
# Shorter ones have no endings worth cutting, and would meet others that have nothing to do with them.
SHORTEST, SHORTEST_STEM = 4, 3

# Marks that belong to the letter before them, in scripts that write vowels so.
_MARKS = "\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u0900-\u0903\u093a-\u094f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
_WORD = re.compile(rf"[^\W_](?:[^\W_]+|[{_MARKS}]+)*")
# Written without spaces: each character is a word of its own, and a word of several is a phrase.
_UNSPACED = re.compile(
    r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]|[^\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+"
)
_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
)

# The words that tell a language soonest, folded; a text needs two more of one than of any other.
_COMMON = {
    "cs": "a se na je ze to s v do ktery ktera jsem jsme neni prosim dekuji dobry den nebo jak ale bych mam pro od si",
    "en": "the and to of is in you that for it with have this are not we your please was be on my can but would thanks",
    "hu": "a az es hogy nem is egy ez meg van volt de csak mert kerem koszonom nincs ki mar ha vagy szeretnem kell",
    "lv": "un ir ka no uz ar par lai nav es jus mes bet vai ludzu paldies labdien kas ja tas loti mans jau varetu",
    "nl": "de het een en van ik is dat niet in op te met voor zijn er maar graag ook aan wij naar heb mijn geen dank",
}
COMMON = {language: frozenset(words.split()) for language, words in _COMMON.items()}
# Words that tell nothing about what a text is of, in whatever language.
COMMON_ANYWHERE = frozenset[str]().union(*COMMON.values())
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_TELLS_APART = 2


def fold(text: str) -> str:
    """Return text in small letters without diacritics: "Számláját" is "szamlajat", "Straße" is "strasse"."""
    small = unicodedata.normalize("NFKC", text).casefold().translate(_LETTERS)
    apart = unicodedata.normalize("NFKD", small)
    return "".join(char for char in apart if not unicodedata.combining(char))


def split(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the words of a text as they stand there: where each begins and ends, and the word."""
    for found in _WORD.finditer(text):
        if found[0].isascii():
            yield *found.span(), found[0]
            continue
        for part in _UNSPACED.finditer(found[0]):
            yield found.start() + part.start(), found.start() + part.end(), part[0]


def words_of(text: str) -> list[str]:
    """Return the folded words of a text in their order, numbers too; what is written without spaces by characters."""
    return [folded for word in _split(text) if (folded := folded_word(word))]


def indexed(text: str) -> tuple[list[str], set[str]]:
    """Return the folded words of a text in their order, and the stems that it is found by beside them."""
    found = _split(text)
    folded = [folded_word(word) for word in found]
    languages = languages_of(folded)
    stems = {
        mark(*stem)
        for word in set(found)
        for stem in stems_of(word, languages)
        if stem[1] != folded_word(word)
    }
    return [word for word in folded if word], stems


def mark(kind: str, word: str) -> str:
    """Return what a document is found by beside its words: "·en·invoic" is a stem of English."""
    return f"{DOT}{kind}{DOT}{word}"


def languages_of(folded: Iterable[str]) -> tuple[str, ...]:
    """Return the languages in which words may be: one where that is plain, else all that have a stemmer."""
    counted: Counter[str] = Counter()
    for word in folded:
        for language, common in COMMON.items():
            if word in common:
                counted[language] += 1
    ranked = counted.most_common(2)
    if not ranked:
        return tuple(STEMMERS)
    second = ranked[1][1] if len(ranked) > 1 else 0
    # Cyrillic words are Russian whatever stands around them.
    return (ranked[0][0], "ru") if ranked[0][1] >= second + _TELLS_APART else tuple(STEMMERS)


def stems_of(word: str, languages: Iterable[str] = tuple(STEMMERS)) -> list[tuple[str, str]]:
    """Return the stems of a word as it is written, folded, each with its language; none of short words and numbers."""
    if len(word) < SHORTEST or not word.isalpha():
        return []
    is_cyrillic = _is_cyrillic(word)
    return [
        (language, stem)
        for language in languages
        if language in STEMMERS and (language == "ru") == is_cyrillic
        for stem in _stems(language, word[:LONGEST])
    ]


def _split(text: str) -> list[str]:
    if text.isascii():
        return _WORD.findall(text)
    return [word for _, _, word in split(unicodedata.normalize("NFC", text))]


@lru_cache(maxsize=1 << 16)
def folded_word(word: str) -> str:
    """Return one word as it is compared."""
    # Folding may find what is no letter inside a word (½ is 1⁄2): it is left out.
    return "".join(char for char in fold(word) if char.isalnum())[:LONGEST]


@lru_cache(maxsize=1 << 16)
def forms_of(word: str) -> frozenset[tuple[str, str]]:
    """Return all stems that a word may have: two words with one in common are forms of each other."""
    return frozenset(stems_of(word))


@lru_cache(maxsize=1 << 16)
def _is_cyrillic(word: str) -> bool:
    return _CYRILLIC.search(word) is not None


@lru_cache(maxsize=1 << 17)
def _stems(language: str, word: str) -> tuple[str, ...]:
    """Return the stem of a word, and that of the word without diacritics, which many leave out when they type."""
    stem = _stemmer(language)
    stems = {folded_word(stem(one)) for one in (word.casefold(), folded_word(word))}
    return tuple(one for one in stems if len(one) >= SHORTEST_STEM)


@cache
def _stemmer(language: str) -> Callable[[str], str]:
    # Its own memory of words is for one thread; ours is for all.
    stemmer = Stemmer.Stemmer(STEMMERS[language], 0)
    lock = Lock()

    def stem(word: str) -> str:
        with lock:
            return str(stemmer.stemWord(word))

    return stem
