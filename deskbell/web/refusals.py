"""What the front itself refuses, worded: a sentence on a page, or problem+json for /api/."""

import json

from django.utils import translation
from django.utils.html import escape
from django.utils.translation import gettext as _
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Scope

from deskbell.errors import DeskError, TooLarge
from deskbell.web import words
from deskbell.web.language import asked_for

PAGE = """<!doctype html>
<html lang="{language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{sentence}</title>
<p>{sentence}</p>
<p>{advice}</p>
</html>
"""


def refusal(error: DeskError, scope: Scope) -> Response:
    """Return the answer to a request that the front refuses, in a language that its reader asked for."""
    language = asked_for(Headers(scope=scope).get("accept-language", ""))
    with translation.override(language):
        sentence = error.sentence
        advice = _advice(error)
    if scope["path"].startswith("/api/"):
        problem = {
            "type": "about:blank",
            "status": error.status,
            "code": error.code,
            "title": sentence,
        }
        problem |= {name: value for name, value in error.fields.items() if isinstance(value, int)}
        return Response(json.dumps(problem), error.status, media_type="application/problem+json")
    page = PAGE.format(language=language, sentence=escape(sentence), advice=escape(advice))
    return Response(page, error.status, media_type="text/html")


def _advice(error: DeskError) -> str:
    """Return what to do."""
    if isinstance(error, TooLarge):
        return _(
            "Together it may have %(limit)s. Nothing was kept of it. Go back, and send less at once, or a link."
        ) % {"limit": words.size(int(error.fields["limit_bytes"]))}
    return _("Nothing was changed. Go back, and send it again.")
