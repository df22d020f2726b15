"""What still keeps answers, or the links in them, from reaching customers; `bin/deskbell check` tells it."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings

from deskbell.channels.mail.models import MailBox


def advice() -> list[str]:
    """Return a sentence with its remedy for everything that is amiss; none of it stops the desk."""
    boxes = list(MailBox.objects.filter(archived_at=None))
    return [*_relays(boxes), *_links(boxes)]


def _relays(boxes: list[MailBox]) -> Iterator[str]:
    without = [box.address for box in boxes if not box.relay]
    if settings.RELAY or (boxes and not without):
        return
    whose = f" for {', '.join(without)}" if without else ""
    yield (
        f"No mail relay is set{whose}, so answers wait: set DESKBELL_RELAY, or “Sends through”"
        " under Settings, Mail boxes."
    )


def _links(boxes: list[MailBox]) -> Iterator[str]:
    if not boxes or settings.ENVIRONMENT.url_is_set or not _is_here_only(settings.DESK_URL):
        return
    yield (
        f"Links in letters lead to {settings.DESK_URL}, which only this machine can open:"
        " set DESKBELL_URL to the address that customers reach."
    )


def _is_here_only(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
