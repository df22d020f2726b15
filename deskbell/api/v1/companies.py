"""/companies: whom customers work for."""

from __future__ import annotations

from ninja import Query, Router

from deskbell import access
from deskbell.api.bearer import ApiRequest
from deskbell.api.shapes.base import Listed, Named, Part, by_number
from deskbell.api.v1.asked import one_of
from deskbell.people.models import Company

router = Router()


@router.get("/companies", response=Listed[Named])
def list_companies(request: ApiRequest, part: Query[Part]) -> Listed[Named]:
    """List the companies."""
    access.require(request.auth.actor, "see_customers")
    rows, after = by_number(Company.objects.all(), part)
    return Listed(items=[Named(id=one.pk, name=one.name) for one in rows], next=after)


@router.get("/companies/{int:number}", response=Named)
def show_company(request: ApiRequest, number: int) -> Named:
    """Show a company."""
    access.require(request.auth.actor, "see_customers")
    company = one_of(Company.objects.all(), number)
    return Named(id=company.pk, name=company.name)
