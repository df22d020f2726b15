"""The courses that tickets take, as data: which acts follow one another, and how many go so.

`acts.py` does what is named here; `plan.py` finds the hours.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from random import Random

Who = Literal["customer", "agent", "clock"]


@dataclass(frozen=True, slots=True)
class Pace:
    """Who does an act and how long after the one before; `least` and `most` hold it within what it needs."""

    who: Who
    median: timedelta
    least: timedelta = timedelta(minutes=1)
    most: timedelta = timedelta(days=30)


def _minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


# A resolved ticket closes after four days: what a customer says about it comes before.
IN_TIME = timedelta(days=3)
# "Thanks!" leaves a ticket closed for a day after the customer's own yes; later words open it again.
SOON, NOT_SOON = timedelta(hours=20), timedelta(hours=30)

PACES: dict[str, Pace] = {
    "take": Pace("agent", _minutes(25)),
    "assign": Pace("agent", _minutes(40)),
    "transfer": Pace("agent", _minutes(30)),
    "prioritise": Pace("agent", _minutes(15)),
    "escalate": Pace("agent", _minutes(40)),
    "tag": Pace("agent", _minutes(4)),
    "note": Pace("agent", _minutes(45)),
    "ask": Pace("agent", _minutes(100)),
    "later": Pace("agent", _minutes(90)),
    "solve": Pace("agent", _minutes(120)),
    "promise": Pace("agent", _minutes(60)),
    "sorry": Pace("agent", _minutes(70)),
    "postpone": Pace("agent", _minutes(30)),
    "mark_answered": Pace("agent", _minutes(60)),
    "resolve_unheard": Pace("agent", timedelta(hours=27)),  # three working days without a word
    "resolve_silently": Pace("agent", _minutes(20)),
    "close": Pace("agent", _minutes(50)),
    "reopen": Pace("agent", _minutes(200)),
    "spam": Pace("agent", _minutes(20)),
    "delete": Pace("agent", _minutes(15)),
    "merge": Pace("agent", _minutes(30)),
    "told": Pace("customer", timedelta(hours=4)),
    "more": Pace("customer", timedelta(hours=18)),
    "twice": Pace("customer", _minutes(25), most=timedelta(hours=10)),
    "confirm": Pace("customer", timedelta(hours=7), most=IN_TIME),
    "deny": Pace("customer", timedelta(hours=9), most=IN_TIME),
    "thanks": Pace("customer", _minutes(70), most=SOON),
    "again": Pace("customer", timedelta(days=3), least=NOT_SOON),
    "rest": Pace("clock", timedelta(days=4, minutes=2)),
}


@dataclass(frozen=True, slots=True)
class Course:
    """One way that a ticket goes.

    acts      after the first letter, in order; names of PACES
    share     how many tickets go so, beside the shares of the others
    lasts     it still goes on when the month ends: its acts are the latest ones
    about     what its letters are: a customer's story, spam, or sent by mistake
    """

    acts: tuple[str, ...]
    share: int
    lasts: bool = False
    about: Literal["story", "spam", "mistaken"] = "story"


def _ended(share: int, acts: str) -> Course:
    return Course(tuple(acts.split()), share)


def _lasting(share: int, acts: str) -> Course:
    return Course(tuple(acts.split()), share, lasts=True)


COURSES: tuple[Course, ...] = (
    _ended(24, "solve confirm"),
    _ended(18, "solve rest"),
    _ended(18, "take ask told solve confirm"),
    _ended(16, "take ask told note solve rest"),
    _ended(10, "ask told tag later more solve confirm"),
    _ended(8, "transfer take ask told solve close"),
    _ended(6, "assign note ask told solve rest"),
    _ended(6, "take ask resolve_unheard rest"),
    _ended(6, "solve deny sorry confirm"),
    _ended(4, "take note ask told solve deny note sorry close"),
    _ended(4, "solve confirm thanks"),
    _ended(4, "solve confirm again sorry close"),
    _ended(4, "prioritise escalate later more solve close"),
    _ended(4, "take promise solve confirm"),
    _ended(4, "take note postpone ask told solve rest"),
    _ended(4, "take mark_answered resolve_silently rest"),
    _ended(2, "solve rest reopen later more solve close"),
    _ended(4, "twice merge ask told solve confirm"),
    Course(("spam",), 5, about="spam"),
    Course(("delete",), 2, about="mistaken"),
    _lasting(4, ""),
    _lasting(1, "prioritise"),
    _lasting(2, "take"),
    _lasting(1, "transfer"),
    _lasting(1, "assign note"),
    _lasting(3, "take ask told"),
    _lasting(1, "ask told note"),
    _lasting(1, "solve deny"),
    _lasting(1, "solve confirm again"),
    _lasting(3, "take ask"),
    _lasting(1, "tag later"),
    _lasting(1, "take note postpone"),
    _lasting(1, "promise"),
    _lasting(3, "take ask told solve"),
)


def deal(count: int, chance: Random) -> list[Course]:
    """Return the courses of `count` tickets in any order: every course once, as far as they go, the rest by share."""
    rest = chance.choices(COURSES, [one.share for one in COURSES], k=count)
    found = [*COURSES, *rest][:count]
    chance.shuffle(found)
    return found
