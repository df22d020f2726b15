"""Pictures of agents: whatever somebody chose becomes a small square of our own making.

The bytes that came are never given to anybody: what is served was decoded and written anew, without the
place and the camera that photographs carry.
"""

from __future__ import annotations

import hashlib
from io import BytesIO
from threading import Lock

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from PIL import Image, ImageOps, UnidentifiedImageError

from deskbell.errors import BadInput
from deskbell.people.models import Agent, Desk, Picture

SIDE_PIXELS = 192
MOST_BYTES = 10 * 1024 * 1024
# What a good camera takes; more would be unpacked in memory for nothing.
MOST_PIXELS = 30_000_000
# Unpacked, a large one takes some hundred megabytes for a second.
_ONE_AT_A_TIME = Lock()
TOO_LARGE = gettext_lazy("This file is too large; up to 10 MB fit.")
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")


def set_picture(agent: Agent, data: bytes) -> None:
    """Make `data` the picture of an agent.  Raises BadInput for what is no picture, or too large."""
    webp = _square(data)
    values = {"sha256": hashlib.sha256(webp).hexdigest(), "webp": webp}
    with transaction.atomic():
        Picture.objects.update_or_create(agent=agent, defaults=values)
        _name_anew()


def remove_picture(agent: Agent) -> None:
    """Let letters stand for the agent again."""
    with transaction.atomic():
        Picture.objects.filter(agent=agent).delete()
        _name_anew()


def all_of_them() -> list[tuple[int, str]]:
    """Return the number of each agent who has a picture, with the picture's sha256."""
    return list(Picture.objects.order_by("agent_id").values_list("agent_id", "sha256"))


def _name_anew() -> None:
    """Give all pictures together a new name, by which browsers keep them (Desk.faces)."""
    Desk.get()
    Desk.objects.select_for_update().get(pk=1)
    pictures = all_of_them()
    name = hashlib.sha256(repr(pictures).encode()).hexdigest()[:16] if pictures else ""
    Desk.objects.filter(pk=1).update(faces=name)


def _square(data: bytes) -> bytes:
    if len(data) > MOST_BYTES:
        raise BadInput("picture", TOO_LARGE)
    try:
        with Image.open(BytesIO(data), formats=_FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise BadInput("picture", _("This picture has too many pixels; make it smaller."))
            image.draft("RGB", (SIDE_PIXELS * 2, SIDE_PIXELS * 2))
            with _ONE_AT_A_TIME:
                image.thumbnail((SIDE_PIXELS * 4, SIDE_PIXELS * 4))
                upright = ImageOps.exif_transpose(image).convert("RGBA")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError):
        raise BadInput(
            "picture", _("This is no picture that can be read. Choose a PNG, JPEG, WebP or GIF.")
        ) from None
    made = BytesIO()
    ImageOps.fit(upright, (SIDE_PIXELS, SIDE_PIXELS)).save(made, "WEBP", quality=85)
    return made.getvalue()
