"""GET /health, for a monitor: one word, without sign-in, and 503 when something is wrong.

It says nothing of what is wrong, for anybody may ask; the settings show that.  The answer is kept for some seconds, so
that asking a thousand times costs little.
"""

from __future__ import annotations

import time

import structlog
from django.db import Error as DatabaseFailure
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from deskbell.running import facts, health

log = structlog.get_logger(__name__)

KEPT_SECONDS = 10.0

_last: tuple[float, str] = (-KEPT_SECONDS, "")


@require_safe
def health_word(_request: HttpRequest) -> HttpResponse:
    """Answer good, look or wrong."""
    word = _word()
    answer = HttpResponse(f"{word}\n", status=503 if word == health.WRONG else 200)
    answer.headers["Content-Type"] = "text/plain; charset=utf-8"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def forget() -> None:
    """Look anew at the next question; for tests."""
    global _last  # noqa: PLW0603 -- what this process knows; two at once do no harm
    _last = (-KEPT_SECONDS, "")


def _word() -> str:
    global _last  # noqa: PLW0603 -- see above
    asked, word = _last
    if time.monotonic() - asked < KEPT_SECONDS and word:
        return word
    try:
        word = health.worst(health.judge(facts.gather()))
    except (DatabaseFailure, OSError) as error:
        log.warning("health.unknown", error=type(error).__name__)
        word = health.WRONG
    _last = (time.monotonic(), word)
    return word
