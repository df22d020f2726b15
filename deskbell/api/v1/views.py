"""/views: queries kept under a name, those that the caller may open."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from ninja import Query, Router
from pydantic import Field

from deskbell.access.rights import standing_of
from deskbell.api.answers import Made
from deskbell.api.bearer import ApiRequest
from deskbell.api.shapes.base import Asked, Line, Listed, Named, Part, Shape, by_number
from deskbell.api.v1.asked import Audience, WhichDepartment, department_of, one_of
from deskbell.people.models import Desk
from deskbell.saved_views import counting, keeping, reading
from deskbell.saved_views.keeping import Wish
from deskbell.saved_views.models import SavedView

router = Router()

Sort = Literal["-activity", "activity", "-created", "created", "due", "importance"]
Hides = Annotated[
    list[Literal["time", "customer", "words", "status", "department", "assignee"]],
    Field(description="What the rows of the page leave out.", max_length=6),
]
Adds = Annotated[
    list[Literal["priority", "company", "tags", "created"]],
    Field(description="What the rows of the page show besides.", max_length=4),
]
FOR_WHOM = "Whom it is for; all but `mine` need the right `share_views`."


class ViewShape(Shape):
    """A query under a name."""

    id: int
    name: str
    query: str
    audience: Audience
    department: Named | None = Field(description="Whose it is, when it is a department's.")
    sort: Sort
    hides: list[str]
    adds: list[str]


class CountShape(Shape):
    """How many tickets a view finds for whoever asks."""

    count: int | None = Field(
        description="1001 is more than 1000; null while it is being counted: ask again in a moment."
    )


class NewView(Asked):
    """A view to be."""

    name: Line
    query: Line = Field(examples=["status:open,new assignee:me"])
    audience: Audience = Field("mine", description=FOR_WHOM)
    department: WhichDepartment | None = None
    sort: Sort = "-activity"
    hides: Hides = []
    adds: Adds = []


class ViewChange(Asked):
    """What changes about a view; what is not named stays."""

    name: Line | None = None
    query: Line | None = None
    audience: Audience | None = Field(None, description=FOR_WHOM)
    department: WhichDepartment | None = None
    sort: Sort | None = None
    hides: Hides | None = None
    adds: Adds | None = None


@router.get("/views", response=Listed[ViewShape])
def list_views(request: ApiRequest, part: Query[Part]) -> Listed[ViewShape]:
    """List the saved views that you may open."""
    seen = [view.pk for view in _seen(request)]
    views = SavedView.objects.filter(pk__in=seen).select_related("department")
    rows, after = by_number(views, part)
    return Listed(items=[_shape(one) for one in rows], next=after)


@router.post("/views", response={201: ViewShape})
def save_view(request: ApiRequest, new: NewView) -> Made:
    """Keep a query under a name."""
    wish = Wish(
        name=new.name,
        query=new.query,
        audience=new.audience,
        department=None if new.department is None else department_of(new.department),
        sort=new.sort,
        hides=new.hides,
        adds=new.adds,
    )
    made = keeping.make(wish, by=request.auth.actor)
    return Made(_shape(made), f"/views/{made.pk}")


@router.get("/views/{int:number}", response=ViewShape)
def show_view(request: ApiRequest, number: int) -> ViewShape:
    """Show a saved view; its tickets are at `/tickets?view=`."""
    return _shape(view_of(request, number))


@router.get("/views/{int:number}/count", response=CountShape)
def count_view(request: ApiRequest, number: int) -> CountShape:
    """Count the tickets that a saved view finds; as on the page, seldom more than once a second."""
    found = counting.count(view_of(request, number).query, request.auth.actor)
    return CountShape(count=found.number)


@router.patch("/views/{int:number}", response=ViewShape)
def change_view(request: ApiRequest, number: int, change: ViewChange) -> ViewShape:
    """Change a saved view."""
    view_of(request, number)
    view = one_of(SavedView.objects.select_related("department"), number)
    before = Wish(
        *(view.name, view.query, view.audience, view.department, view.sort),
        *(view.hidden_parts, view.added_parts),
    )
    said = change.model_dump(exclude={"department"}, exclude_none=True)
    if change.department is not None:
        said["department"] = department_of(change.department)
    keeping.change(view, replace(before, **said), by=request.auth.actor)
    return _shape(view)


@router.delete("/views/{int:number}", response={204: None})
def delete_view(request: ApiRequest, number: int) -> None:
    """Keep a view no longer; its tickets stay as they are."""
    keeping.delete(view_of(request, number), by=request.auth.actor)


def view_of(request: ApiRequest, number: int) -> SavedView:
    """Return the saved view of this number.  Raises NotFound, and SomebodysOwn for a colleague's private one."""
    agent = request.auth.agent.pk
    return reading.view_for(Desk.get().views, standing_of(agent), number)


def _seen(request: ApiRequest) -> list[SavedView]:
    return reading.seen_by(Desk.get().views, standing_of(request.auth.agent.pk))


def _shape(view: SavedView) -> ViewShape:
    return ViewShape.model_validate(
        {
            "id": view.pk,
            "name": view.name,
            "query": view.query,
            "audience": view.audience,
            "department": (
                Named(id=view.department.pk, name=view.department.name) if view.department else None
            ),
            "sort": view.sort,
            "hides": view.hidden_parts,
            "adds": view.added_parts,
        }
    )
