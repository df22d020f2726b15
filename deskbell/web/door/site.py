"""Where the desk is, as browsers see it: passkeys belong to that place."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest

from deskbell.people.models import Desk
from deskbell.security.passkeys import Site


def site_of(request: HttpRequest) -> Site:
    """Return the desk's public address; until one is set, the address that was asked for."""
    url = settings.DESK_URL
    if not settings.ENVIRONMENT.url_is_set:
        url = f"{request.scheme}://{request.get_host()}"
    parts = urlsplit(url)
    return Site(
        host=parts.hostname or "", origin=f"{parts.scheme}://{parts.netloc}", team=Desk.get().name
    )
