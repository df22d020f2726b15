"""Who writes about what: a scene for each course, so that no customer tells the same story twice in a row."""

from __future__ import annotations

from itertools import cycle
from random import Random
from typing import TYPE_CHECKING

from deskbell.seeding.small.acts import Scene
from deskbell.seeding.small.people import ROOMS
from deskbell.seeding.small.words import LANGUAGES, Person, Story, Voice, people, team, tongue

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from deskbell.seeding.small.courses import Course
    from deskbell.seeding.small.people import Shop

CUSTOMERS = 200


def scenes(shop: Shop, courses: Sequence[Course], chance: Random) -> list[Scene]:
    """Return a scene for each of `courses`: everybody writes once, then whoever comes again."""
    crowd = people(min(CUSTOMERS, len(courses)), chance)
    again = chance.choices(crowd, k=len(courses) - len(crowd))
    stories = {code: _in_turn(tongue(code).stories, chance) for code in LANGUAGES}
    strangers = cycle(team()["spam"]["senders"])
    made = []
    for number, (course, person) in enumerate(zip(courses, [*crowd, *again], strict=True)):
        who = _stranger(*next(strangers)) if course.about == "spam" else person
        story = next(stories[who.tongue.code])
        own = Random(f"Lomnica {number}")  # noqa: S311  so that one ticket's words move no other's
        room = _wrong_room(story.room) if "transfer" in course.acts else story.room
        made.append(Scene(shop, course, Voice.of(who, story, own), own, room))
    return made


def _in_turn(stories: Sequence[Story], chance: Random) -> Iterator[Story]:
    return cycle(chance.sample(stories, len(stories)))


def _wrong_room(right: str) -> str:
    return next(room for room in ROOMS if room != right)


def _stranger(name: str, email: str) -> Person:
    return Person(name, name.partition(" ")[0], email, "", tongue("en"))
