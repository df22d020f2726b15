"""/sweeps: one act on many tickets, done by a job; its progress, what was refused, and taking it back."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from django.utils.translation import gettext as _
from ninja import Query, Router
from pydantic import Field, StringConstraints

from deskbell.api.answers import Made
from deskbell.api.bearer import ApiRequest
from deskbell.api.shapes.base import (
    LARGEST,
    Asked,
    Flag,
    Line,
    Listed,
    Moment,
    Part,
    Shape,
    Text,
    by_number,
)
from deskbell.api.v1.asked import WhichAgent, WhichDepartment, agent_of, department_of, other_ticket
from deskbell.api.v1.views import view_of
from deskbell.errors import BadInput
from deskbell.search import tickets as search
from deskbell.sweeps import beginning, reading, refusals, undoing
from deskbell.sweeps.beginning import Wish
from deskbell.sweeps.models import Sweep
from deskbell.tickets import codes
from deskbell.tickets.models import Ticket

if TYPE_CHECKING:
    from django.db.models import QuerySet

router = Router()

# As many as a body names one by one; a query finds more.
MOST_CODES = 5_000

Code = Annotated[str, StringConstraints(max_length=40)]


class SweepShape(Shape):
    """One act on many tickets, and how far it is."""

    id: int
    act: str
    query: str = Field(description="What chose its tickets; empty when they were named.")
    state: Literal["going", "ended", "stopped"]
    total: int
    done: int
    same: int = Field(description="Where there was nothing to do.")
    refused: int
    began_at: datetime
    ended_at: datetime | None = Field(description="Null while it is going.")
    undoes: int | None = Field(description="The sweep that this one takes back.")
    undone_by: int | None = Field(description="The sweep that takes this one back.")


class RefusalShape(Shape):
    """A ticket of a sweep that was refused."""

    ticket: str
    code: str = Field(description="The code of the error that the action would have answered with.")
    detail: str


class NewSweep(Asked):
    """What is to be done, and to which tickets: those named, or all that a query or a saved view finds now."""

    act: Literal[
        "take",
        "assign",
        "transfer",
        "resolve",
        "close",
        "postpone",
        "reopen",
        "tag",
        "untag",
        "prioritise",
        "note",
        "spam",
        "not_spam",
        "delete",
        "restore",
        "mark_answered",
        "wake",
        "resign",
        "follow",
        "unfollow",
        "merge",
    ]
    tickets: Annotated[list[Code], Field(max_length=MOST_CODES)] | None = Field(
        None, description="Codes."
    )
    q: Annotated[str, StringConstraints(max_length=500)] | None = None
    view: int | None = Field(None, ge=1, le=LARGEST, description="The number of a saved view.")
    agent: WhichAgent | None = Field(None, description="For `assign`; null leaves them to nobody.")
    department: WhichDepartment | None = Field(None, description="For `transfer`.")
    until: Moment | None = Field(None, description="For `postpone`.")
    priority: int | None = Field(
        None, ge=1, le=4, strict=True, description="For `prioritise`: 1 low to 4 urgent."
    )
    tag: Line | None = Field(None, description="For `tag` and `untag`.")
    text: Text | None = Field(None, description="For `note`.")
    into: Code | None = Field(None, description="For `merge`: of what they become a part.")
    silent: Flag = Field(
        default=True,
        description="For `resolve`: the customers are not asked whether it is solved.",
    )


@router.get("/sweeps", response=Listed[SweepShape])
def list_sweeps(request: ApiRequest, part: Query[Part]) -> Listed[SweepShape]:
    """List your sweeps of the last 30 days, the newest first."""
    rows, after = by_number(reading.of(request.auth.actor), part, newest_first=True)
    return Listed(items=[_shape(one) for one in rows], next=after)


@router.post("/sweeps", response={201: SweepShape})
def begin_sweep(request: ApiRequest, new: NewSweep) -> Made:
    """Begin to do one act to many tickets; its tickets are those of this moment."""
    query, tickets = _chosen(request, new)
    wish = Wish(new.act, tickets, _values(request, new), query=query)
    sweep = beginning.begin(wish, by=request.auth.actor)
    return Made(_shape(sweep), f"/sweeps/{sweep.pk}")


@router.get("/sweeps/{int:number}", response=SweepShape)
def show_sweep(request: ApiRequest, number: int) -> SweepShape:
    """Show how far a sweep of yours is."""
    return _shape(reading.one(request.auth.actor, number))


@router.get("/sweeps/{int:number}/refusals", response=Listed[RefusalShape])
def list_refusals(request: ApiRequest, number: int, part: Query[Part]) -> Listed[RefusalShape]:
    """List the tickets of a sweep that were refused, each with the reason."""
    sweep = reading.one(request.auth.actor, number)
    rows, after = by_number(reading.refused(sweep), part, column="ticket_id")
    items = [
        RefusalShape(ticket=one.ticket.code, code=one.why, detail=refusals.sentence(one))
        for one in rows
    ]
    return Listed(items=items, next=after)


@router.post("/sweeps/{int:number}/stop", response=SweepShape)
def stop_sweep(request: ApiRequest, number: int) -> SweepShape:
    """Let no further ticket have its turn; what was done stays.  One that has ended stays as it is."""
    undoing.stop(reading.one(request.auth.actor, number), by=request.auth.actor)
    return _shape(reading.one(request.auth.actor, number))


@router.delete("/sweeps/{int:number}", response={204: None})
def take_sweep_back(request: ApiRequest, number: int) -> None:
    """Take back all that a sweep did, within ten minutes of its end, by a sweep of its own: `undone_by`.

    One that is going is stopped first.  What somebody worked on since stays, and is among the refusals of that sweep.
    """
    undoing.take_back(reading.one(request.auth.actor, number), by=request.auth.actor)


def _chosen(request: ApiRequest, new: NewSweep) -> tuple[str, QuerySet[Ticket]]:
    """Return what chooses the tickets, and those.  Raises BadInput unless it is one of the three."""
    if sum(one is not None for one in (new.tickets, new.q, new.view)) != 1:
        raise BadInput("tickets", _("Name tickets, or a query, or a view."))
    if new.tickets is not None:
        return "", _named(request, new.tickets)
    query = view_of(request, new.view).query if new.view is not None else new.q or ""
    if not query.strip():
        raise BadInput("q", _("Say what the view is to find, for example status:open,new."))
    return query, search.find(request.auth.actor, query)


def _named(request: ApiRequest, asked: list[str]) -> QuerySet[Ticket]:
    """Return the tickets of these codes.  Raises BadInput for one that the caller cannot see."""
    found = beginning.picked(request.auth.actor, asked)
    known = set(found.values_list("code", flat=True))
    for place, code in enumerate(asked):
        if codes.normal(code) not in known:
            raise BadInput(f"tickets.{place}", _("There is no ticket with this code."))
    return found


def _values(request: ApiRequest, new: NewSweep) -> dict[str, Any]:
    values: dict[str, Any] = new.model_dump(
        include={"until", "priority", "tag", "text", "silent"}, exclude_none=True
    )
    if "agent" in new.model_fields_set:
        values["agent"] = None if new.agent is None else agent_of(request, new.agent).pk
    if new.into is not None:
        values["into"] = other_ticket(request, new.into, "into").pk
    if new.department is not None:
        values["department"] = department_of(new.department).pk
    return values


def _shape(sweep: Sweep) -> SweepShape:
    undo = reading.undo_of(sweep)
    return SweepShape.model_validate(
        {
            "id": sweep.pk,
            "act": sweep.act,
            "query": sweep.query,
            "state": sweep.state,
            "total": sweep.total,
            "done": sweep.done,
            "same": sweep.same,
            "refused": sweep.refused,
            "began_at": sweep.began_at,
            "ended_at": sweep.ended_at,
            "undoes": sweep.undoes_id,
            "undone_by": None if undo is None else undo.pk,
        }
    )
