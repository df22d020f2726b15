"""What a browser or a program says of a file that it sends: name and type, made fit to be kept and shown again."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from deskbell.channels.mail.decode import one_line

ANY_TYPE = "application/octet-stream"

_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+")


def safe_type(content_type: str) -> str:
    """Return what a file says it is, when that is a type at all: it goes into a header."""
    wanted = content_type.partition(";")[0].strip().lower()[:150]
    return wanted if _TYPE.fullmatch(wanted) else ANY_TYPE


def safe_name(name: str) -> str:
    """Return the last part of a file's name, in one line."""
    last = one_line(name).replace("\\", "/").rpartition("/")[2]
    return last[-255:] or _("file")
