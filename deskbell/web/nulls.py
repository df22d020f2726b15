"""No NUL gets into a page's view: PostgreSQL takes none in a text, and nobody types one.

What people pasted goes on without it; an address that holds one leads nowhere.  The API words its own
refusals of addresses and cleans its own bodies.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponseBase, QueryDict

NUL = "\x00"


class NoNulls:
    """Middleware: takes NULs out of queries and forms."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        is_page = not request.path.startswith("/api/")
        if is_page and NUL in request.path:
            raise Http404
        request.GET = _without(request.GET)  # type: ignore[assignment]
        if is_page and request.method == "POST":
            request.POST = _without(request.POST)  # type: ignore[assignment]
        return self.get_response(request)


def _without(sent: QueryDict) -> QueryDict:
    if not any(NUL in text for name, values in sent.lists() for text in (name, *map(str, values))):
        return sent
    clean = QueryDict(mutable=True)
    for name, values in sent.lists():
        clean.setlist(name.replace(NUL, ""), [str(value).replace(NUL, "") for value in values])
    return clean
