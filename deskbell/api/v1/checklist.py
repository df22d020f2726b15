"""/tickets/CODE/checklist: what is still to be done before a ticket is solved."""

from __future__ import annotations

from datetime import datetime

from ninja import Router
from pydantic import Field

from deskbell.api.answers import Made
from deskbell.api.bearer import ApiRequest
from deskbell.api.shapes.base import Asked, Flag, Line, Shape
from deskbell.api.shapes.entry import Author, author
from deskbell.api.v1.asked import ticket_of
from deskbell.people.actors import Actor, names_of
from deskbell.tickets import actions
from deskbell.tickets.models import Entry, Text, Ticket
from deskbell.tickets.state import state_of

router = Router()


class CheckShape(Shape):
    """A line of a checklist."""

    id: int
    text: str
    done: bool
    done_at: datetime | None
    done_by: Author | None


class ChecklistShape(Shape):
    """The checklist of a ticket, in its order."""

    items: list[CheckShape]
    step: int


class NewCheck(Asked):
    """A line to be."""

    text: Line = Field(description="What is to be done.")


class CheckChange(Asked):
    """Whether a line is done."""

    done: Flag


@router.get("/tickets/{code}/checklist", response=ChecklistShape)
def show_checklist(request: ApiRequest, code: str) -> ChecklistShape:
    """Show the checklist of a ticket."""
    return _list(ticket_of(request, code))


@router.post("/tickets/{code}/checklist", response={201: ChecklistShape})
def add_check(request: ApiRequest, code: str, new: NewCheck) -> Made:
    """Put a line at the end of the checklist."""
    ticket = ticket_of(request, code)
    entry = actions.add_check(ticket, new.text, by=request.auth.actor)
    return Made(_list(ticket), f"/tickets/{ticket.code}/checklist/{entry.data['text_id']}")


@router.patch("/tickets/{code}/checklist/{int:number}", response=ChecklistShape)
def check_off(request: ApiRequest, code: str, number: int, change: CheckChange) -> ChecklistShape:
    """Check a line off, or put it back."""
    ticket = ticket_of(request, code)
    actions.check_off(ticket, number, by=request.auth.actor, done=change.done)
    return _list(ticket)


@router.delete("/tickets/{code}/checklist/{int:number}", response={204: None})
def remove_check(request: ApiRequest, code: str, number: int) -> None:
    """Take a line off the checklist."""
    actions.remove_check(ticket_of(request, code), number, by=request.auth.actor)


def _list(ticket: Ticket) -> ChecklistShape:
    checks = state_of(ticket).checklist
    words = dict(
        Text.objects.filter(pk__in=[one.text_id for one in checks]).values_list("pk", "plain")
    )
    steps = [one.done_step for one in checks if one.done_step is not None]
    done = {entry.step: entry for entry in Entry.objects.filter(ticket=ticket, step__in=steps)}
    names = names_of({_author(entry) for entry in done.values()})
    return ChecklistShape(
        items=[
            _line(one.text_id, words[one.text_id], done.get(one.done_step or 0), names)
            for one in checks
        ],
        step=ticket.last_step,
    )


def _line(number: int, text: str, done: Entry | None, names: dict[Actor, str]) -> CheckShape:
    return CheckShape(
        id=number,
        text=text,
        done=done is not None,
        done_at=done.at if done else None,
        done_by=author(_author(done), names[_author(done)]) if done else None,
    )


def _author(entry: Entry) -> Actor:
    return Actor(entry.by_kind, entry.by_id)  # type: ignore[arg-type]
