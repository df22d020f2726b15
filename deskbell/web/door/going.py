"""Where somebody goes once they are in, and where a form came from that leads them to the door."""

from urllib.parse import urlsplit

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def next_of(request: HttpRequest) -> str:
    """Return where to go afterwards: an address of this desk, never another one's."""
    wanted = request.POST.get("next") or request.GET.get("next") or "/"
    return wanted if _is_ours(request, wanted) and wanted.startswith("/") else "/"


def page_of_form(request: HttpRequest) -> str:
    """Return the page of this desk from which a form was sent; "/" where that is not said, or is the door."""
    said = request.headers.get("HX-Current-URL") or request.headers.get("Referer") or ""
    if not _is_ours(request, said):
        return "/"
    page = urlsplit(said)
    if page.path.startswith("/sign-in"):
        return "/"
    path = f"{page.path}?{page.query}" if page.query else page.path
    # "//elsewhere.example" is a path only as long as it stands behind a host.
    return path if path.startswith("/") and _is_ours(request, path) else "/"


def _is_ours(request: HttpRequest, address: str) -> bool:
    return url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
