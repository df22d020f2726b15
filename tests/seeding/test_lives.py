"""The lives of a large seeded desk: believable, skewed, the same for the same seed.  Pure: no database is asked."""

import random
from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise

from deskbell.seeding import lives, plan, rows, words
from deskbell.tickets import bulk

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DESK = plan.Plan(size=4000, seed=7, now=NOW)


def some(numbers: range) -> list[lives.Life]:
    rng = random.Random(7)
    return [
        lives.live(DESK, number, rng, customer=1, next_message=1, next_text=1) for number in numbers
    ]


def test_a_life_runs_forward_and_ends_before_now() -> None:
    for life in some(range(1, 4001, 7)):
        moments = [one.at for one in life.entries]
        assert all(a <= b for a, b in pairwise(moments))
        assert moments[-1] <= NOW
        assert all(
            one.cause is None or one.cause < step for step, one in enumerate(life.entries, 1)
        )


def test_a_desk_is_skewed_as_a_real_one_is() -> None:
    told = bulk.Rows()
    states = [
        bulk.add_life(told, life.entries, ticket_id=number, code=str(number), first_entry_id=1)
        for number, life in enumerate(some(range(1, 4001)), 1)
    ]
    statuses = Counter(state.status for state in states)
    active = sum(statuses[one] for one in ("new", "open", "answered", "postponed"))
    assert 0.015 < active / len(states) < 0.06
    assert statuses["closed"] / len(states) > 0.85
    assert {"spam", "deleted", "resolved", "postponed"} <= statuses.keys()
    said = sorted(len(life.said) for life in some(range(1, 4001)))
    assert 4 < sum(said) / len(said) < 6
    assert said[-1] >= 20
    departments = Counter(state.department_id for state in states).most_common()
    assert departments[0][1] > 5 * departments[-1][1]
    young = [one for one in states if one.status in {"new", "open"} and one.created_at]
    assert (
        sum((NOW - one.created_at).days < 200 for one in young if one.created_at) > len(young) / 2
    )


def test_a_desk_grows() -> None:
    days = [DESK.created_at(number) for number in (1, 1000, 2000, 3000, 4000)]
    assert all(a < b for a, b in pairwise(days))
    assert days[1] - days[0] > days[4] - days[3]


def test_the_same_seed_makes_the_same_rows_and_another_one_others() -> None:
    def made(seed: int) -> rows.Slice:
        return rows.make(rows.Order(plan.Plan(1200, seed, NOW), 1, "sqlite"))[1]

    assert made(1) == made(1)
    assert made(1) != made(2)
    many, slice_ = rows.make(rows.Order(plan.Plan(1200, 1, NOW), 1, "postgresql"))
    assert many == 200
    assert all(isinstance(text, bytes) for text in slice_.values())


def test_no_two_tickets_have_one_code() -> None:
    codes = {rows.code_of(number) for number in range(1, 50_001)}
    assert len(codes) == 50_000
    assert all(len(code) == 13 for code in codes)


def test_few_words_are_frequent_and_most_are_rare() -> None:
    phrases = words.phrases(1)
    counts = Counter(word for sentence in phrases.sentences for word in sentence.lower().split())
    assert len(counts) > 20_000
    assert sum(count == 1 for count in counts.values()) > len(counts) / 4
    assert counts.most_common(1)[0][1] > 10_000


def test_what_copy_would_stumble_over_is_escaped() -> None:
    assert rows._escaped("a\tb\\c\nd") == "a\\tb\\\\c\\nd"
