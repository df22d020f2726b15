"""Turns what the functions of v1/ return into answers: a shape, something made, nothing, or a file.

Shapes are written as JSON directly, without the second validation that ninja would give them.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from ninja.params.models import QueryModel

from deskbell.api.once import once
from deskbell.errors import BadInput
from deskbell.people.zones import zone_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ninja.operation import Operation
    from pydantic import BaseModel

    from deskbell.api.bearer import ApiRequest

# Where the API lives; addresses in answers begin with it.
ROOT = "/api/v1"


@dataclass(frozen=True, slots=True)
class Made:
    """Something new, and its address below ROOT."""

    shape: BaseModel
    location: str


# How a file is described: its bytes, whatever they are.
A_FILE = {
    "responses": {
        200: {
            "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
        }
    }
}


def answering(view: Callable[..., Any]) -> Callable[..., HttpResponse]:
    """Let `view` answer, once for each Idempotency-Key.

    A list refuses a parameter that it does not know: left aside, it would show what nobody asked for.
    """
    known = _parameters(view)

    @functools.wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        for name in request.GET if known else ():
            if name not in known:
                raise BadInput(name or "?", _("There is no parameter of this name."))
        asker = cast("ApiRequest", request)
        # Sentences tell times as the caller's page does; moments of their own stand in UTC.
        with timezone.override(zone_of(asker.auth.agent.account)):
            return once(asker, lambda: _response(view(request, *args, **kwargs)))

    return answered


def file_answer(path: Path, *, name: str, content_type: str) -> HttpResponse:
    """Return an answer whose bytes the front sends from `path`, always as a download.

    Whatever the file says it is, no browser may run it: it comes sandboxed and unsniffed.
    """
    return HttpResponse(
        content_type=content_type,
        headers={
            "X-Deskbell-File": str(path),
            "Content-Disposition": content_disposition_header(as_attachment=True, filename=name)
            or "attachment",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": "private, max-age=3600",
        },
    )


def _parameters(view: Callable[..., Any]) -> frozenset[str]:
    """Return the names of the parameters that an address takes after its question mark."""
    operation: Operation = view._ninja_operation  # type: ignore[attr-defined]
    return frozenset(
        name
        for model in operation.models
        if issubclass(model, QueryModel)
        for name in getattr(model, "__ninja_flatten_map__", ())
    )


def _response(result: BaseModel | Made | HttpResponse | None) -> HttpResponse:
    if isinstance(result, HttpResponse):
        return result
    response = HttpResponse(headers={"Cache-Control": "private, no-store"})
    if result is None:
        response.status_code = 204
        del response.headers["Content-Type"]
        return response
    response.headers["Content-Type"] = "application/json"
    shape = result
    if isinstance(result, Made):
        response.status_code = 201
        response.headers["Location"] = ROOT + result.location
        shape = result.shape
    response.content = cast("BaseModel", shape).model_dump_json().encode()
    return response
