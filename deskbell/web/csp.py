"""What a page of ours may load: our own files and nothing else, no script or style in the page.

A view that needs another policy (a letter's HTML in its sandboxed frame) sets the header itself.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from deskbell.web import assets

HEADER = "Content-Security-Policy"

# Of a preview: what is shown in its frame brings its own style; nothing there runs or is fetched from elsewhere.
PREVIEW = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; font-src 'self'; img-src 'self' data:;"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)


class ContentSecurityPolicy:
    """Middleware: adds the policy to every answer that has none."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault(HEADER, policy())
        return response


# A letter in its frame brings its own style; nothing in it or around it runs or is fetched from elsewhere.
PREVIEW = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; font-src 'self'; img-src 'self' data:;"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)


def policy() -> str:
    """Return the policy; the import map is the one script that stands in a page, by its hash."""
    return (
        "default-src 'self'; "
        f"script-src 'self' '{assets.import_map().csp_hash}'; "
        "style-src 'self'; img-src 'self' data: blob:; connect-src 'self' ws: wss:; "
        "frame-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'self'"
    )
