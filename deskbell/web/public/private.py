"""What holds for every page behind a signed link: its address is a key, and its reader has no account."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TypeVar

from django.http import HttpResponse, HttpResponseRedirect
from django.utils import translation

from deskbell import languages
from deskbell.people.models import Customer
from deskbell.web.csp import HEADER as CSP_HEADER

R = TypeVar("R", bound=HttpResponse)

_POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def private(response: R) -> R:
    """Keep the address, which is a key, from other sites, search engines and caches."""
    response.headers.setdefault(CSP_HEADER, _POLICY)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["X-Frame-Options"] = "DENY"
    return response


def see_other(address: str) -> HttpResponse:
    """Return the answer to a form: look there, by GET."""
    response: HttpResponse = HttpResponseRedirect(address)
    response.status_code = 303
    return response


def in_the_language_of(customer: Customer | None) -> AbstractContextManager[None]:
    """Speak the customer's language where it is known and spoken here; else the browser's."""
    language = languages.nearest(customer.language) if customer else None
    return translation.override(language) if language else nullcontext()
