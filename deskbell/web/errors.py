"""Pages for what went wrong: what happened, what is safe, what to do.

Domain errors that a view does not word itself end here (rule: no `try` in views); so do Django's own.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import is_valid_path
from django.utils.translation import gettext as _

from deskbell.errors import DeskError
from deskbell.web.door.going import page_of_form

log = logging.getLogger(__name__)


class DeskErrors:
    """Middleware: turns a DeskError that no view has worded into its page.

    Who opens an address that takes forms alone, as the one of a form that was refused is when it is loaded anew, is
    led to the page above it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        is_opened = request.method == "GET" and "text/html" in request.headers.get("Accept", "")
        if isinstance(response, HttpResponseNotAllowed) and is_opened:
            return redirect(_page_above(request.path))
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Word `exception` when it is one of ours."""
        if not isinstance(exception, DeskError):
            return None
        title, usual = _words(exception.status)
        said = exception.sentence
        sentences = usual if said.rstrip(".") == title else [said, *usual]
        return _page(request, exception.status, title, sentences)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Word Django's 404."""
    return _page(request, 404, *_words(404))


def not_allowed(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Word Django's 403."""
    return _page(request, 403, *_words(403))


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Word Django's 400."""
    return _page(request, 400, *_words(400))


def broken(request: HttpRequest) -> HttpResponse:
    """Word what we did wrong ourselves."""
    return _page(request, 500, *_words(500))


def forgery(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Word a form whose token does not fit."""
    log.info("csrf token refused: %s", reason)
    answer = _page(
        request,
        403,
        _("This form was open for too long"),
        [
            _("Its token does not fit any more, or its cookie is gone. Nothing was changed."),
            _("Open the page again and send it once more; what you wrote is still in the field."),
        ],
        back=page_of_form(request),
    )
    # A page with scripts gets one that fits, and sends the form again.
    answer.headers["X-Token-Unfit"] = "1"
    return answer


def _page_above(path: str) -> str:
    while path := path.rpartition("/")[0]:
        if is_valid_path(path):
            return path
    return "/"


def _page(
    request: HttpRequest, status: int, title: str, sentences: Sequence[str], back: str = "/"
) -> HttpResponse:
    """Return the page of what went wrong; `back` is where it leads."""
    context = {"title": title, "sentences": sentences, "team": "", "back": back}
    response = render(request, "errors/page.html", context, status=status)
    # htmx asked for a piece of another page; it gets this page in place of all of it.
    if request.headers.get("HX-Request"):
        response.headers["HX-Retarget"] = "body"
        response.headers["HX-Reswap"] = "innerHTML"
        response.headers["HX-Reselect"] = "#main"
    return response


def _words(status: int) -> tuple[str, Sequence[str]]:
    return {
        400: (
            _("The desk did not understand that"),
            [_("Nothing was changed. Go back, reload the page and try once more.")],
        ),
        403: (
            _("You may not do this"),
            [
                _(
                    "Nothing was changed. If it is part of your work, ask an admin of the desk for it."
                )
            ],
        ),
        404: (
            _("There is nothing here"),
            [
                _(
                    "The address may be mistyped, or what was here lies in a department that is not yours."
                )
            ],
        ),
        409: (
            _("Something changed in the meantime"),
            [_("Nothing was lost. Look again, then decide.")],
        ),
        413: (
            _("That was too large"),
            [_("Nothing was kept of it. Send it in smaller parts, or as a link.")],
        ),
        429: (_("Too many tries"), [_("Nothing is lost. Wait a little, then try again.")]),
        500: (
            _("Something broke on our side"),
            [
                _(
                    "It has been written to the log. What was saved before is safe; the last step may be missing."
                ),
                _(
                    "Go back and look, then try once more. If it happens again, tell an admin of the desk."
                ),
            ],
        ),
    }.get(status, (_("This could not be done"), [_("Nothing was changed.")]))
