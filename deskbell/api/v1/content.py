"""What a message says, out of JSON: clean text, safe HTML, files that were sent ahead."""

from __future__ import annotations

from typing import Annotated

from django.utils.translation import gettext as _
from pydantic import Field

from deskbell import clock
from deskbell.api.bearer import ApiRequest
from deskbell.api.models import Upload
from deskbell.api.shapes.base import Count
from deskbell.api.uploads import KEPT
from deskbell.channels.mail import plain, safe_html
from deskbell.errors import BadInput
from deskbell.knowledge import uses
from deskbell.tickets.content import Content, NewFile
from deskbell.tickets.files import Kept

# More files than a mail program would take.
MOST_FILES = 50

UploadTokens = Annotated[
    tuple[Annotated[str, Field(max_length=32)], ...],
    Field(max_length=MOST_FILES, description="Tokens that POST …/attachments gave."),
]

CannedNumbers = Annotated[
    list[Count],
    Field(description="The canned answers that are in it, which count it.", max_length=uses.MOST),
]


def content_of(request: ApiRequest, text: str, html: str, tokens: tuple[str, ...]) -> Content:
    """Return the content of a message.  Raises BadInput."""
    if text and html:
        raise BadInput("html", _("Give either a text or HTML; the text is made from the HTML."))
    files = files_of(request, tokens)
    if not html:
        return Content(text, files=files)
    try:
        safe = safe_html.clean(html)
    except safe_html.TooDeep:
        raise BadInput("html", _("This HTML is nested too deeply.")) from None
    return Content(plain.text_of_html(safe), html=safe, files=files)


def files_of(request: ApiRequest, tokens: tuple[str, ...]) -> tuple[NewFile, ...]:
    """Return the files that were sent ahead under these tokens.  Raises BadInput."""
    wanted = [token for token in dict.fromkeys(tokens) if token.isprintable()]
    mine = Upload.objects.filter(
        agent=request.auth.agent, token__in=wanted, created_at__gt=clock.now() - KEPT
    )
    found = {upload.token: upload for upload in mine} if tokens else {}
    for place, token in enumerate(tokens):
        if token not in found:
            raise BadInput(f"attachments.{place}", _("No file of yours waits under this token."))
    return tuple(
        NewFile(one.name, one.content_type, Kept(one.sha256, one.size_bytes))
        for one in (found[token] for token in wanted)
    )
