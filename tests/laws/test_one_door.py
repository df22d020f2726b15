"""Law: nothing but the timeline changes a ticket, its entries, participants, links and stretches.

An AST walk over the product: no assignment to a column of a ticket, and no writing call on the tables
behind the door, outside tickets/timeline.py (and state.py, which holds frozen values).
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from deskbell.tickets.state import COLUMNS

ROOT = Path(__file__).parents[2] / "deskbell"
# bulk.py is the freight entrance: rows of whole lives, folded as the door does it.
DOOR = {ROOT / "tickets" / "timeline.py", ROOT / "tickets" / "bulk.py"}
GUARDED = {"Ticket", "Entry", "Participant", "Link", "Stretch"}
WRITING = {
    "create",
    "bulk_create",
    "update",
    "bulk_update",
    "update_or_create",
    "get_or_create",
    "delete",
    "save",
    "acreate",
    "aupdate",
    "asave",
    "adelete",
}
NAMES = {*COLUMNS, *(name.removesuffix("_id") for name in COLUMNS), "extra", "last_step"}


def offences(source: str) -> Iterator[int]:
    """Yield the lines on which `source` goes around the door."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(_is_ticket_column(target) for target in targets):
                yield node.lineno
        if isinstance(node, ast.Call) and _writes_guarded(node.func):
            yield node.lineno


def _is_ticket_column(target: ast.expr) -> bool:
    return (
        isinstance(target, ast.Attribute)
        and target.attr in NAMES
        and isinstance(target.value, ast.Name)
        and target.value.id in {"ticket", "fresh"}
    )


def _writes_guarded(function: ast.expr) -> bool:
    if not (isinstance(function, ast.Attribute) and function.attr in WRITING):
        return False
    value = function.value
    if isinstance(value, ast.Name) and value.id in {"ticket", "entry"}:
        return True
    while isinstance(value, ast.Attribute | ast.Call):
        if isinstance(value, ast.Attribute) and value.attr == "objects":
            return isinstance(value.value, ast.Name) and value.value.id in GUARDED
        value = value.func if isinstance(value, ast.Call) else value.value
    return False


@pytest.mark.parametrize(
    "source",
    [
        "ticket.status = 'open'",
        "ticket.assignee = bela",
        "Ticket.objects.filter(pk=1).update(status='open')",
        "Entry.objects.create(step=1)",
        "ticket.save(update_fields=['status'])",
        "Stretch.objects.filter(till=None).delete()",
    ],
)
def test_the_law_sees_who_goes_around_the_door(source: str) -> None:
    assert list(offences(source))


@pytest.mark.parametrize(
    "source", ["x = ticket.status", "Ticket.objects.filter(status='open')", "letter.state = 'read'"]
)
def test_the_law_leaves_others_alone(source: str) -> None:
    assert not list(offences(source))


def test_nothing_goes_around_the_door() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in ROOT.rglob("*.py")
        if path not in DOOR and "migrations" not in path.parts
        for line in offences(path.read_text())
    ]
    assert found == []
