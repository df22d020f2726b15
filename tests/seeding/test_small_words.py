"""What the people of the small desk say, and when: pure, no desk is needed."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from deskbell.seeding.small.acts import ACTS
from deskbell.seeding.small.courses import COURSES, PACES, Course, deal
from deskbell.seeding.small.hours import ZONE, agents_next, customers_next
from deskbell.seeding.small.plan import MARGIN, Month, plan
from deskbell.seeding.small.words import LANGUAGES, Story, Voice, people, team, tongue

MONDAY = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SUNDAY = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)  # early, while everybody sleeps
STORIES = [(code, story) for code in LANGUAGES for story in tongue(code).stories]


def courses() -> list[object]:
    return [pytest.param(one, id=" ".join(one.acts) or "new") for one in COURSES]


@pytest.mark.parametrize("end", [MONDAY, SUNDAY], ids=["a Monday noon", "a Sunday night"])
@pytest.mark.parametrize("course", courses())
def test_a_ticket_does_all_that_its_course_says_within_the_month(
    course: Course, end: datetime
) -> None:
    month = Month(end - timedelta(days=30), end)
    for seed in range(20):
        acts = plan(course, month, Random(seed))
        assert [one.act for one in acts] == ["open", *course.acts]
        times = [one.at for one in acts]
        assert times == sorted(times)
        assert month.since <= times[0]
        assert times[-1] <= end - MARGIN


@pytest.mark.parametrize("course", [one for one in COURSES if one.acts[-1:] == ("postpone",)])
def test_what_is_postponed_when_the_month_ends_is_still_postponed(course: Course) -> None:
    acts = plan(course, Month(MONDAY - timedelta(days=30), MONDAY), Random(1))
    assert acts[-1].until is not None
    assert acts[-1].until > MONDAY


def test_every_act_of_a_course_has_a_pace_and_somebody_who_does_it() -> None:
    named = {act for course in COURSES for act in course.acts}
    assert named == PACES.keys() == ACTS.keys()


def test_every_course_is_played_before_one_is_played_again() -> None:
    dealt = deal(len(COURSES) * 2, Random(1))
    assert len(dealt) == len(COURSES) * 2
    assert set(dealt) == set(COURSES)


def test_agents_work_on_weekdays_and_customers_sleep_at_night() -> None:
    chance, at = Random(3), SUNDAY
    for _ in range(300):
        worked = agents_next(chance, at, timedelta(hours=2)).astimezone(ZONE)
        assert worked.weekday() < 5
        assert 8 <= worked.hour < 18
        wrote = customers_next(chance, at, timedelta(hours=5)).astimezone(ZONE)
        assert not 1 <= wrote.hour < 5
        at += timedelta(hours=7, minutes=13)


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_has_letters_for_every_room_and_enough_people(code: str) -> None:
    assert {story.room for story in tongue(code).stories} == {"Support", "Billing", "Repairs"}
    emails = [one.email for one in people(200, Random(1)) if one.tongue.code == code]
    assert len(emails) > 10
    assert len(set(emails)) == len(emails)
    assert all(email.isascii() and email.endswith(".example") for email in emails)
    assert all(email == email.lower() and " " not in email for email in emails)


@pytest.mark.parametrize(
    ("code", "story"), STORIES, ids=[f"{code} {story.tag}" for code, story in STORIES]
)
def test_nothing_is_left_blank_in_what_anybody_says(code: str, story: Story) -> None:
    person = next(one for one in people(60, Random(2)) if one.tongue.code == code)
    for seed in range(12):
        voice = Voice.of(person, story, Random(seed))
        said = [
            *(voice.subject(), voice.letter(), voice.told(), voice.asks(), voice.solves()),
            *(voice.says(pool, "Bela") for pool in ("more", "deny", "thanks", "again")),
            *(voice.answers(pool) for pool in ("later", "sorry")),
            *(voice.of_the_team(book) for book in ("notes", "reasons", "solution")),
        ]
        assert all(text.strip() and "{" not in text and "  " not in text for text in said)


def test_a_letter_goes_on_small_only_where_its_language_writes_so() -> None:
    for person in people(60, Random(2)):
        [first, second, *_] = (
            Voice.of(person, person.tongue.stories[0], Random(1)).letter().split("\n\n")
        )
        is_czech = person.tongue.code == "cs"
        assert second[0].islower() == (is_czech and first.endswith(","))


def test_the_team_has_notes_and_lessons_for_every_room() -> None:
    for book in ("notes", "reasons", "solution", "root_cause", "lessons"):
        assert team()[book].keys() == {"Support", "Billing", "Repairs"}
