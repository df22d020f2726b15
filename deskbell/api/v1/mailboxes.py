"""/mailboxes: our addresses.  For those who administer the desk."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from django.db.models import QuerySet
from ninja import Query, Router
from pydantic import Field

from deskbell import access
from deskbell.api.answers import Made
from deskbell.api.bearer import ApiRequest
from deskbell.api.shapes.base import Asked, Flag, Line, Listed, Named, Part, Shape, by_number
from deskbell.api.v1.asked import WhichDepartment, department_of, one_of
from deskbell.channels.mail import boxes, plus
from deskbell.channels.mail.models import MailBox

router = Router()


class MailBoxShape(Shape):
    """An address of ours; its relay is never shown."""

    id: int
    address: str
    department: Named
    name: str = Field(description="Of the sender, in answers.")
    agents_answer: str = Field(description="How agents answer notices: auto, plus, domain or off.")
    from_name: str = Field(description="Under which name answers come: team, agent or both.")
    is_plain: bool = Field(description="Letters to customers leave as plain text alone.")
    plus: str = Field(
        description="Whether letters with a + in the address come here: not_tried, waiting, works or never_came."
    )
    archived_at: datetime | None


class NewMailBox(Asked):
    """An address of ours to be."""

    address: Line
    department: WhichDepartment
    name: Line = ""
    relay: Line = Field("", description="smtp://user:password@host:port; empty: the desk's own.")
    agents_answer: Literal["auto", "plus", "domain", "off"] = "auto"
    from_name: Literal["team", "agent", "both"] = "team"
    is_plain: Flag = False


@router.get("/mailboxes", response=Listed[MailBoxShape])
def list_mailboxes(request: ApiRequest, part: Query[Part]) -> Listed[MailBoxShape]:
    """List our addresses."""
    rows, after = by_number(_boxes(request), part)
    return Listed(items=[_shape(box) for box in rows], next=after)


@router.post("/mailboxes", response={201: MailBoxShape})
def add_mailbox(request: ApiRequest, new: NewMailBox) -> Made:
    """Receive mail for an address."""
    access.require(request.auth.actor, "administer")
    box = boxes.add_mailbox(
        address=new.address,
        department=department_of(new.department),
        name=new.name,
        relay=new.relay,
        agents_answer=new.agents_answer,
        from_name=new.from_name,
        is_plain=new.is_plain,
    )
    return Made(_shape(box), f"/mailboxes/{box.pk}")


@router.get("/mailboxes/{int:number}", response=MailBoxShape)
def show_mailbox(request: ApiRequest, number: int) -> MailBoxShape:
    """Show an address of ours."""
    return _shape(one_of(_boxes(request), number))


@router.delete("/mailboxes/{int:number}", response={204: None})
def archive_mailbox(request: ApiRequest, number: int) -> None:
    """Take no more letters for an address; what came stays."""
    boxes.archive_mailbox(one_of(_boxes(request), number))


def _boxes(request: ApiRequest) -> QuerySet[MailBox]:
    access.require(request.auth.actor, "administer")
    return MailBox.objects.select_related("department")


def _shape(box: MailBox) -> MailBoxShape:
    return MailBoxShape(
        id=box.pk,
        address=box.address,
        department=Named(id=box.department.pk, name=box.department.name),
        name=box.name,
        agents_answer=box.agents_answer,
        from_name=box.from_name,
        is_plain=box.is_plain,
        plus=plus.state_of(box),
        archived_at=box.archived_at,
    )
