"""Adding departments, changing what they have decided, and closing them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from deskbell import clock
from deskbell.errors import BadInput, Conflict
from deskbell.people.accounts import checked_name
from deskbell.people.models import Agent, Department, Membership

# A ticket that waits longer than a year for a word waits for ever; then "never" is the honest setting.
MOST_DAYS = 365
# A promise of more than a quarter of a year is none.
MOST_MINUTES = 90 * 24 * 60

# Who has to know that another promise holds from now on; filled by reactions.py.
promise_changed: list[Callable[[Department], None]] = []


@dataclass(frozen=True, slots=True)
class Decisions:
    """What a department decides about the life of its tickets; the fields are those of the table."""

    close_after_days: int | None = 4  # None: only by hand
    reopens_resolved: bool = True
    reopen_days: int = 30
    answer_within_minutes: int | None = None  # None: nothing is promised
    strangers: str = Department.Strangers.JOIN
    acknowledges: bool = True


class LastDepartment(Conflict):
    """Tickets need a place to come to."""

    code = "last_department"
    template = gettext_lazy("This is the only department. Add another one first.")


def add_department(*, name: str, decisions: Decisions) -> Department:
    """Add a department and return it.  Raises BadInput with the field that cannot be used."""
    with transaction.atomic():
        department = Department()
        _write(department, name, decisions)
        department.save()
    return department


def change_department(department: Department, *, name: str, decisions: Decisions) -> None:
    """Change a department; what its tickets have already been told stays as it is.  Raises BadInput."""
    with transaction.atomic():
        before = department.answer_within_minutes
        _write(department, name, decisions)
        department.save()
        if department.answer_within_minutes != before:
            for tell in promise_changed:
                tell(department)


def set_members(department: Department, agents: Collection[Agent]) -> None:
    """Make `agents` those who work in a department; what is theirs there stays theirs."""
    wanted = {agent.pk for agent in agents}
    with transaction.atomic():
        members = Membership.objects.filter(department=department, agent__archived_at=None)
        there = set(members.values_list("agent_id", flat=True))
        members.filter(agent_id__in=there - wanted).delete()
        Membership.objects.bulk_create(
            Membership(agent_id=number, department=department) for number in sorted(wanted - there)
        )


def archive_department(department: Department) -> None:
    """Close a department: its tickets stay where they are, nothing new comes.  Raises Conflict for the last."""
    with transaction.atomic():
        working = Department.objects.select_for_update().filter(archived_at=None)
        if not [other for other in working if other.pk != department.pk]:
            raise LastDepartment
        department.archived_at = clock.now()
        department.save(update_fields=["archived_at"])


def bring_back_department(department: Department) -> None:
    """Let an archived department work again."""
    department.archived_at = None
    department.save(update_fields=["archived_at"])


def _write(department: Department, name: str, decisions: Decisions) -> None:
    clean = checked_name(name, longest=100)
    same = Department.objects.filter(name__iexact=clean, archived_at=None).exclude(pk=department.pk)
    if same.exists():
        raise BadInput("name", _("There is a department of this name already."))
    for name_of_field, days in (
        ("close_after_days", decisions.close_after_days),
        ("reopen_days", decisions.reopen_days),
    ):
        if days is not None and not 0 <= days <= MOST_DAYS:
            raise BadInput(name_of_field, _("Between 0 and %(n)d days.") % {"n": MOST_DAYS})
    minutes = decisions.answer_within_minutes
    if minutes is not None and not 1 <= minutes <= MOST_MINUTES:
        raise BadInput(
            "answer_within_minutes", _("Between 1 and %(n)d minutes.") % {"n": MOST_MINUTES}
        )
    if decisions.strangers not in Department.Strangers.values:
        raise BadInput("strangers", _("Choose one of the two."))
    department.name = clean
    department.close_after_days = decisions.close_after_days
    department.reopens_resolved = decisions.reopens_resolved
    department.reopen_days = decisions.reopen_days
    department.answer_within_minutes = minutes
    department.strangers = decisions.strangers
    department.acknowledges = decisions.acknowledges
