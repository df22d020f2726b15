"""The time comes from deskbell/clock.py and from nowhere else, so that tests and seeds can hold it."""

import ast
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest

from deskbell import clock
from tests.laws.sources import modules

# The module or class in front of the dot, and what may not be asked of it.
FORBIDDEN = {
    "time": {"time", "time_ns", "localtime", "gmtime", "ctime"},
    "datetime": {"now", "utcnow", "today", "fromtimestamp", "utcfromtimestamp"},
    "date": {"today", "fromtimestamp"},
    "timezone": {"now"},
}
# Given a moment these only put it into a zone; without one they ask the clock.
WITHOUT_A_MOMENT = {"localdate", "localtime"}
# Reading a stored number of seconds asks no clock; it only needs a zone, which ruff's DTZ demands.
ALLOWED = {("datetime", "fromtimestamp"), ("date", "fromtimestamp")}


def questions_to_other_clocks(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and not node.args and not node.keywords:
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if called in WITHOUT_A_MOMENT:
                yield node.lineno, called
        if isinstance(node, ast.Attribute):
            owner = node.value
            name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
            pair = (name, node.attr)
            if node.attr in FORBIDDEN.get(name, ()) and pair not in ALLOWED:
                yield node.lineno, f"{name}.{node.attr}"
        if isinstance(node, ast.ImportFrom) and node.module in ("time", "django.utils.timezone"):
            for alias in node.names:
                if alias.name in FORBIDDEN[node.module.rpartition(".")[2]]:
                    yield node.lineno, f"{node.module}.{alias.name}"


def test_nobody_asks_another_clock() -> None:
    found = [
        f"{path}:{line} {what}"
        for path, tree in modules("deskbell")
        if path != "deskbell/clock.py"
        for line, what in questions_to_other_clocks(tree)
    ]
    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        "import time\ntime.time()",
        "import datetime\ndatetime.datetime.now()",
        "from datetime import datetime\ndatetime.utcnow()",
        "from django.utils import timezone\ntimezone.now()",
        "from django.utils import timezone\ntimezone.localdate()",
        "from time import time",
        "from django.utils.timezone import now",
    ],
)
def test_the_law_would_find_it(text: str) -> None:
    assert list(questions_to_other_clocks(ast.parse(text)))


@pytest.mark.parametrize(
    "text",
    [
        "import time\ntime.monotonic()",
        "from deskbell import clock\nclock.now()",
        "from django.utils import timezone\ntimezone.localtime(moment)",
    ],
)
def test_the_law_lets_pass_what_is_right(text: str) -> None:
    assert not list(questions_to_other_clocks(ast.parse(text)))


def holders(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "held":
            yield from [node.lineno] if getattr(node.value, "id", "") == "clock" else []
        if isinstance(node, ast.ImportFrom) and node.module == "deskbell.clock":
            yield from (node.lineno for alias in node.names if alias.name == "held")


def test_nobody_but_the_seeds_holds_the_clock() -> None:
    found = [
        f"{path}:{line}"
        for path, tree in modules("deskbell")
        if not path.startswith("deskbell/seeding/")
        for line in holders(tree)
    ]
    assert found == []


@pytest.mark.parametrize(
    "text", ["with clock.held(noon):\n    pass", "from deskbell.clock import held"]
)
def test_the_law_would_find_who_holds_it(text: str) -> None:
    assert list(holders(ast.parse(text)))


def test_a_held_clock_stands_still_and_goes_on_afterwards() -> None:
    noon = datetime(2026, 3, 2, 13, 0, tzinfo=timezone(timedelta(hours=1)))
    with clock.held(noon):
        assert clock.now() == noon
        assert clock.now().tzinfo is UTC
        with clock.held(noon + timedelta(hours=1)):
            assert clock.now() == noon + timedelta(hours=1)
        assert clock.now() == noon
    assert clock.now() != noon
