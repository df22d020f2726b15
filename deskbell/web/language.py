"""Middleware: a page speaks the language that the browser asks for, if the desk speaks it; else English.

Not Django's LocaleMiddleware: it takes any language that Django itself has words for.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header

from deskbell import languages


class Language:
    """Activates the language of a request; visit.Reader knows more of those who are signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        language = asked_for(request.headers.get("Accept-Language", ""))
        with translation.override(language):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or language)
        patch_vary_headers(response, ("Accept-Language",))
        return response


def asked_for(accept: str) -> str:
    """Return the language that an Accept-Language header asks for most, among those spoken here."""
    found = (languages.nearest(code) for code, _quality in parse_accept_lang_header(accept))
    return next((code for code in found if code), languages.SOURCE)
