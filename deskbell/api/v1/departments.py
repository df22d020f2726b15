"""/departments: where tickets belong, and what each place decided about their life."""

from __future__ import annotations

from typing import Annotated, Literal

from django.db import transaction
from django.db.models import QuerySet
from ninja import Query, Router
from pydantic import Field

from deskbell import access
from deskbell.api.answers import Made
from deskbell.api.bearer import ApiRequest
from deskbell.api.shapes.base import Asked, Flag, Line, Listed, Part, by_number
from deskbell.api.shapes.person import DepartmentShape, department_shape
from deskbell.api.v1.asked import one_of
from deskbell.people import departments, own_words
from deskbell.people.departments import MOST_DAYS, MOST_MINUTES, Decisions
from deskbell.people.models import Department

router = Router()

OWN_WORDS = (
    "Language → own words of the acknowledgement, with {name}, {code}, {subject}, {team} and {department}, each"
    ' with a word for nothing: {name|there}; the language "" stands for those that are not named. Replaces all.'
)

PROMISE = (
    "Within how many minutes a customer is answered, around the clock; null promises nothing."
    " Tickets that wait are worked out anew."
)

Minutes = Annotated[int, Field(ge=1, le=MOST_MINUTES, strict=True)]
Days = Annotated[int, Field(ge=0, le=MOST_DAYS, strict=True)]


class DepartmentChange(Asked):
    """What changes about a department; what is not named stays."""

    name: Line | None = None
    close_after_days: Days | None = Field(
        None,
        description="How long a resolved ticket rests; 0 closes at once, null never.",
    )
    reopens_resolved: Flag | None = None
    reopen_days: Days | None = None
    answer_within_minutes: Minutes | None = Field(None, description=PROMISE)
    strangers: Literal["join", "new_ticket"] | None = None
    acknowledges: Flag | None = None
    acknowledgement: dict[str, str] | None = Field(None, description=OWN_WORDS)
    archived: Flag | None = Field(None, description="true closes the department, false reopens it")


class NewDepartment(Asked):
    """A department to be."""

    name: Line
    close_after_days: Days | None = 4
    reopens_resolved: Flag = True
    reopen_days: Days = 30
    answer_within_minutes: Minutes | None = Field(None, description=PROMISE)
    strangers: Literal["join", "new_ticket"] = "join"
    acknowledges: Flag = True
    acknowledgement: dict[str, str] = Field(default_factory=dict, description=OWN_WORDS)


@router.get("/departments", response=Listed[DepartmentShape])
def list_departments(request: ApiRequest, part: Query[Part]) -> Listed[DepartmentShape]:
    """List the departments, archived ones too."""
    rows, after = by_number(_departments(request), part)
    return Listed(items=[department_shape(one) for one in rows], next=after)


@router.post("/departments", response={201: DepartmentShape})
def add_department(request: ApiRequest, new: NewDepartment) -> Made:
    """Add a department."""
    access.require(request.auth.actor, "administer")
    decisions = Decisions(**new.model_dump(exclude={"name", "acknowledgement"}))
    with transaction.atomic():
        department = departments.add_department(name=new.name, decisions=decisions)
        own_words.replace(department, "acknowledgement", new.acknowledgement)
    return Made(department_shape(department), f"/departments/{department.pk}")


@router.get("/departments/{int:number}", response=DepartmentShape)
def show_department(request: ApiRequest, number: int) -> DepartmentShape:
    """Show a department."""
    return department_shape(one_of(_departments(request), number))


@router.patch("/departments/{int:number}", response=DepartmentShape)
def change_department(
    request: ApiRequest, number: int, change: DepartmentChange
) -> DepartmentShape:
    """Change a department; what its tickets have already been told stays as it is."""
    access.require(request.auth.actor, "administer")
    with transaction.atomic():
        department = one_of(_departments(request), number)
        departments.change_department(
            department,
            name=department.name if change.name is None else change.name,
            decisions=_decisions(department, change),
        )
        if change.acknowledgement is not None:
            own_words.replace(department, "acknowledgement", change.acknowledgement)
        if change.archived is True and department.archived_at is None:
            departments.archive_department(department)
        if change.archived is False and department.archived_at is not None:
            departments.bring_back_department(department)
    return department_shape(one_of(_departments(request), number))


def _departments(request: ApiRequest) -> QuerySet[Department]:
    access.require(request.auth.actor, "see_agents")
    return Department.objects.prefetch_related("own_words")


def _decisions(department: Department, change: DepartmentChange) -> Decisions:
    """Return what holds afterwards; null itself means something of days and minutes only."""
    said = change.model_dump(exclude={"name", "archived", "acknowledgement"}, exclude_unset=True)
    days = said.pop("close_after_days", department.close_after_days)
    minutes = said.pop("answer_within_minutes", department.answer_within_minutes)
    kept = {name: value for name, value in said.items() if value is not None}
    before = {
        "reopens_resolved": department.reopens_resolved,
        "reopen_days": department.reopen_days,
        "strangers": department.strangers,
        "acknowledges": department.acknowledges,
    }
    decided = {**before, **kept}
    return Decisions(close_after_days=days, answer_within_minutes=minutes, **decided)
