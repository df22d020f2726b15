"""/tickets/CODE/similar: what was solved before and is like it."""

from __future__ import annotations

from ninja import Router
from pydantic import Field

from deskbell.api.bearer import ApiRequest
from deskbell.api.shapes.base import Listed, Shape
from deskbell.api.v1.asked import ticket_of
from deskbell.search.similar import Similar, similar

router = Router()


class SimilarShape(Shape):
    """A solved ticket that is like another."""

    code: str
    subject: str
    status: str
    because: list[str] = Field(description="Rare words that both say, folded, the rarest first.")
    solution: str = Field(description="Written down when it was closed; empty for nothing.")


@router.get("/tickets/{code}/similar", response=Listed[SimilarShape])
def list_similar(request: ApiRequest, code: str) -> Listed[SimilarShape]:
    """List at most five solved tickets that are like this one, the most alike first."""
    found = similar(request.auth.actor, ticket_of(request, code))
    return Listed(items=[_shape(one) for one in found], next=None)


def _shape(one: Similar) -> SimilarShape:
    return SimilarShape.model_validate(
        {
            "code": one.row.code,
            "subject": one.row.subject,
            "status": one.row.status,
            "because": list(one.because),
            "solution": one.solution,
        }
    )
