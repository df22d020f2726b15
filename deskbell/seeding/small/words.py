"""The words of customers and agents, read from texts/*.toml, and how a letter is put together from them.

Whoever speaks draws from a Random of their own ticket, so that the same ticket always says the same.
"""

from __future__ import annotations

import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from random import Random

FOLDER = Path(__file__).parent / "texts"
LANGUAGES = ("en", "hu", "cs", "lv", "ru", "nl")

# How many of all customers write for a company, and how many short answers are signed.
WORK_FOR_COMPANIES, SIGN = 0.2, 0.5

# What the shop sells.  The names stay as they are in every language, and begin with a consonant for the
# article of Hungarian.
THINGS = {
    "tent": ("Kriváň 2", "Kriváň 3", "Kriváň 4", "Gerlach 2", "Gerlach Light"),
    "pack": ("Rysy 45", "Rysy 60", "Solisko 30"),
    "jacket": ("Javor", "Sokol", "Široká"),
    "boots": ("Téryho GTX", "Kôprová Mid", "Mengusy"),
    "sack": ("Ľadová 600", "Ľadová 900", "Pyšná 400"),
    "stove": ("Plamienok", "Vatra 2"),
    "mat": ("Poľana 5", "Poľana 7.5", "Lúka"),
    "size": ("M", "L", "XL"),
}


@dataclass(frozen=True, slots=True)
class Story:
    """One sort of trouble: what is written first, asked back, told then, and what solves it."""

    room: str
    tag: str
    subjects: tuple[str, ...]
    letters: tuple[str, ...]
    ask: str
    told: str
    solved: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language as its customers write it, and as the shop answers them.

    share    how many of a hundred customers speak it
    pools    greetings, partings, thanks and all else that goes with any story
    names    "f" and "m" → given and family names
    latin    how its letters stand in a mail address, where they are not Latin
    """

    code: str
    share: int
    family_first: bool
    small_after_comma: bool
    pools: dict[str, tuple[str, ...]]
    names: dict[str, dict[str, list[str]]]
    latin: dict[str, str]
    stories: tuple[Story, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """A customer as they call themselves."""

    name: str
    first: str
    email: str
    company: str
    tongue: Tongue


@cache
def tongue(code: str) -> Tongue:
    """Return one of LANGUAGES."""
    read = _read(code)
    return Tongue(
        code=code,
        share=read["share"],
        family_first=read["given"] == "last",
        small_after_comma=read.get("after_comma") == "small",
        pools={name: tuple(texts) for name, texts in read.items() if _is_pool(texts)},
        names=read["names"],
        latin=read.get("latin", {}),
        stories=tuple(_story(one) for one in read["stories"]),
    )


@cache
def team() -> dict[str, Any]:
    """Return what the team tells itself: notes, reasons, documentation, spam."""
    return _read("team")


@dataclass(frozen=True, slots=True)
class Voice:
    """The words of one ticket: the same story, order and things from its first letter to its last."""

    person: Person
    story: Story
    chance: Random
    slots: dict[str, str]

    @classmethod
    def of(cls, person: Person, story: Story, chance: Random) -> Voice:
        """Return the voice of a ticket that `person` opens about `story`."""
        pools = person.tongue.pools
        slots = {name: chance.choice(names) for name, names in THINGS.items()} | {
            "order": f"LM-{chance.randint(51000, 58999)}",
            "n": str(chance.randint(6, 14)),
            "sum": chance.choice(pools["sums"]),
            "street": chance.choice(pools["streets"]),
            "name": person.name,
            "first": person.first,
        }
        return cls(person, story, chance, slots)

    def subject(self) -> str:
        """Return the subject of the first letter."""
        return self._filled(self.chance.choice(self.story.subjects))

    def letter(self, text: str = "") -> str:
        """Return a whole letter of the customer around `text`, the story's own when it is empty."""
        body = self._filled(text or self.chance.choice(self.story.letters))
        return self._between("greetings", body, self._picked("partings"))

    def told(self) -> str:
        """Return what the customer answers to the question: short, as people answer."""
        return self._signed(self._filled(self.story.told))

    def says(self, pool: str, agent: str = "") -> str:
        """Return something short of the customer: more, deny, thanks, again."""
        return self._signed(self._picked(pool, agent))

    def asks(self) -> str:
        """Return the agent's question."""
        return self._between("addressed", self._filled(self.story.ask))

    def solves(self) -> str:
        """Return the agent's answer that solves it."""
        return self._between("addressed", self._filled(self.chance.choice(self.story.solved)))

    def answers(self, pool: str) -> str:
        """Return another answer of the agent: later, sorry."""
        return self._between("addressed", self._picked(pool))

    def of_the_team(self, book: str) -> str:
        """Return a line of the team's own: notes, reasons, solution, root_cause, lessons."""
        lines: list[str] = team()[book][self.story.room]
        return self._filled(self.chance.choice(lines))

    def _between(self, pool: str, body: str, parting: str = "") -> str:
        greeting = self._picked(pool)
        small = self.person.tongue.small_after_comma and greeting.endswith(",")
        first = body[:1].lower() if small else body[:1].upper()
        return "\n\n".join(part for part in (greeting, first + body[1:], parting) if part)

    def _signed(self, text: str) -> str:
        return f"{text}\n\n{self._picked('partings')}" if self.chance.random() < SIGN else text

    def _picked(self, pool: str, agent: str = "") -> str:
        return self._filled(self.chance.choice(self.person.tongue.pools[pool]), agent)

    def _filled(self, text: str, agent: str = "") -> str:
        return text.format(agent=agent, **self.slots)


def people(count: int, chance: Random) -> list[Person]:
    """Return `count` customers, each once, in shares as the tongues have them; every tongue speaks."""
    queues = {code: _everybody(tongue(code), chance) for code in LANGUAGES}
    shares = [tongue(code).share for code in LANGUAGES]
    codes = [*LANGUAGES, *chance.choices(LANGUAGES, shares, k=count)][:count]
    return [queues[code].pop() for code in codes]


def _everybody(speakers: Tongue, chance: Random) -> list[Person]:
    found = [
        _person(speakers, given, family, chance)
        for names in speakers.names.values()
        for given in names["given"]
        for family in names["family"]
    ]
    chance.shuffle(found)
    return found


def _person(speakers: Tongue, given: str, family: str, chance: Random) -> Person:
    companies = speakers.pools["companies"]
    company = chance.choice(companies) if chance.random() < WORK_FOR_COMPANIES else ""
    local = f"{_latin(given, speakers)}.{_latin(family, speakers)}"
    host = (
        _latin(company, speakers)
        if company
        else f"{chance.choice(('post', 'mail'))}-{speakers.code}"
    )
    name = f"{family} {given}" if speakers.family_first else f"{given} {family}"
    return Person(name, given, f"{local}@{host}.example", company, speakers)


def _latin(text: str, speakers: Tongue) -> str:
    """Return `text` as it can stand in a mail address."""
    spelt = "".join(speakers.latin.get(letter, letter) for letter in text.lower())
    plain = unicodedata.normalize("NFKD", spelt).encode("ascii", "ignore").decode()
    return "-".join("".join(one if one.isalnum() else " " for one in plain).split())


def _story(read: dict[str, Any]) -> Story:
    texts = {name: tuple(read[name]) for name in ("subjects", "letters", "solved")}
    return Story(read["room"], read["tag"], ask=read["ask"], told=read["told"], **texts)


def _is_pool(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))
