"""Addresses of the API, and what it says at those that are none of it."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.urls import URLPattern, path, re_path
from django.views.decorators.csrf import csrf_exempt

from deskbell.api import openapi, problems
from deskbell.api.v1.api import build

if TYPE_CHECKING:
    from collections.abc import Callable


def described(request: HttpRequest) -> HttpResponse:
    """Answer the description of the API; anybody may read it."""
    if request.method not in ("GET", "HEAD"):
        return problems.wrong_method("GET")
    return HttpResponse(
        openapi.document(api),
        content_type="application/json",
        headers={"Cache-Control": "public, max-age=300"},
    )


@csrf_exempt
def nothing_here(_request: HttpRequest) -> HttpResponse:
    """Answer an address that is none."""
    return problems.not_found()


def with_problems(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let a wrong method be told as a problem, and HEAD be answered like GET (the front drops the body)."""

    @csrf_exempt
    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "HEAD":
            request.method = "GET"
        response = view(request, *args, **kwargs)
        if isinstance(response, HttpResponseNotAllowed):
            return problems.wrong_method(", ".join(sorted(response.headers["Allow"].split(", "))))
        return response

    return guarded


def _guarded(pattern: URLPattern) -> URLPattern:
    return URLPattern(
        pattern.pattern, with_problems(pattern.callback), pattern.default_args, pattern.name
    )


api = build()

urlpatterns = [
    path("v1/openapi.json", csrf_exempt(described), name="openapi"),
    *(
        path("v1/" + str(one.pattern), _guarded(one).callback, name=f"api-{one.name}")
        for one in api.urls[0]
        if isinstance(one, URLPattern) and one.name != "api-root"
    ),
    # Any character: a line break in an address is not one for `path`.
    re_path(r"^[\s\S]*$", nothing_here),
]
