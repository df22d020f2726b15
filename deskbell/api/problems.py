"""What went wrong as application/problem+json (RFC 9457): the one place where the API words errors.

Every answer of 400 and more has `type, title, status, detail, code`; what cannot be used also has
`errors`: one {field, reason} for each.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.core.serializers.json import DjangoJSONEncoder
from django.core.signals import got_request_exception
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from typing_extensions import override

from deskbell.errors import BadInput, DeskError, NotFound, SomethingCame, TooLarge

log = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"

# pydantic's names of what is wrong: it says it in English alone, so each that our shapes can meet stands here.
REASONS: Mapping[str, Callable[[], str]] = {
    "missing": lambda: _("This is missing."),
    "extra_forbidden": lambda: _("There is no field of this name."),
    "string_type": lambda: _("This must be a text."),
    "string_unicode": lambda: _("This text holds characters that are none."),
    "int_parsing": lambda: _("This must be a whole number."),
    "int_parsing_size": lambda: _("This must be a whole number."),
    "int_type": lambda: _("This must be a whole number."),
    "int_from_float": lambda: _("This must be a whole number."),
    "finite_number": lambda: _("This must be a whole number."),
    "bool_type": lambda: _("This must be true or false."),
    "bool_parsing": lambda: _("This must be true or false."),
    "list_type": lambda: _("This must be a list."),
    "tuple_type": lambda: _("This must be a list."),
    "dict_type": lambda: _("This must be an object."),
    "model_attributes_type": lambda: _("This must be an object."),
    "model_type": lambda: _("This must be an object."),
}

# pydantic quotes what it expected: 'reply', 'note' or 'forward'.  What is empty goes without saying.
_QUOTED = re.compile(r"'([^']*)'")

# Those that tell a limit, or what may be chosen.
LIMITS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "string_too_long": lambda at: (
        _("This is too long; %(n)d letters fit.") % {"n": at["max_length"]}
    ),
    "too_long": lambda at: _("These are too many; %(n)d fit.") % {"n": at["max_length"]},
    "greater_than_equal": lambda at: f"{_('This must be a whole number.')} (≥ {at['ge']})",
    "less_than_equal": lambda at: f"{_('This must be a whole number.')} (≤ {at['le']})",
    "literal_error": lambda at: _one_of(", ".join(filter(None, _QUOTED.findall(at["expected"])))),
    "string_pattern_mismatch": lambda at: _one_of(at["pattern"].strip("^$()")),
}


def problem(
    status: int, code: str, detail: str, fields: Mapping[str, Any] | None = None
) -> HttpResponse:
    """Return a problem; `fields` are added beside the five that every problem has, and never hide one."""
    body = {
        **(fields or {}),
        "type": f"urn:deskbell:problem:{code}",
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "detail": detail,
        "code": code,
    }
    return HttpResponse(
        json.dumps(body, cls=_Encoder, ensure_ascii=False),
        status=status,
        content_type=CONTENT_TYPE,
        headers={"Cache-Control": "private, no-store"},
    )


def refused(error: DeskError) -> HttpResponse:
    """Return what the desk refused."""
    fields = dict(error.fields)
    if isinstance(error, BadInput):
        del fields["field"], fields["reason"]
        fields["errors"] = [{"field": error.field, "reason": error.sentence}]
    if isinstance(error, SomethingCame):
        # Imported here: the shapes need the heart, and errors are worded before it is there.
        from deskbell.api.shapes.entry import entry_shapes

        fields["entries"] = [shape.model_dump(mode="json") for shape in entry_shapes(error.entries)]
    return problem(error.status, error.code, error.sentence, fields)


def not_found() -> HttpResponse:
    """Return that there is nothing at this address."""
    return refused(NotFound())


def wrong_method(allowed: str) -> HttpResponse:
    """Return that this cannot be done to this address; `allowed` lists what can."""
    response = problem(
        405,
        "wrong_method",
        _("This cannot be done to this address; it takes %(methods)s.") % {"methods": allowed},
    )
    response.headers["Allow"] = allowed
    return response


def register(api: NinjaAPI) -> None:
    """Let `api` answer whatever is raised in it by a problem."""
    for kind, answer in (
        (DeskError, _on_desk_error),
        (ValidationError, _on_wrong_shape),
        (AuthenticationError, _on_nobody),
        (HttpError, _on_http_error),
        (Http404, _on_http_404),
        (RequestDataTooBig, _on_too_big),
        (SuspiciousOperation, _on_garbage),
        (BadRequest, _on_garbage),
        (MultiPartParserError, _on_garbage),
        (Exception, _on_our_mistake),
    ):
        api.add_exception_handler(kind, answer)


def _on_desk_error(_request: HttpRequest, error: Any) -> HttpResponse:
    return refused(error)


def _on_wrong_shape(_request: HttpRequest, error: Any) -> HttpResponse:
    errors = [{"field": _field(found["loc"]), "reason": _reason(found)} for found in error.errors]
    first = errors[0]
    return problem(422, BadInput.code, f"{first['field']}: {first['reason']}", {"errors": errors})


def _on_nobody(_request: HttpRequest, _error: Any) -> HttpResponse:
    response = problem(
        401,
        "not_signed_in",
        _("Send the header “Authorization: Bearer KEY” with a key that opens."),
    )
    response.headers["WWW-Authenticate"] = 'Bearer realm="Deskbell"'
    return response


def _on_http_error(_request: HttpRequest, error: Any) -> HttpResponse:
    """ninja raises these for bodies only: what came is no JSON."""
    if error.status_code == HTTPStatus.BAD_REQUEST:
        return problem(400, "malformed_json", _("The body is not JSON that can be read."))
    return problem(error.status_code, "refused", str(error))


def _on_http_404(_request: HttpRequest, _error: Any) -> HttpResponse:
    return not_found()


def _on_too_big(_request: HttpRequest, _error: Any) -> HttpResponse:
    return refused(TooLarge())


def _on_garbage(_request: HttpRequest, _error: Any) -> HttpResponse:
    return problem(400, "malformed_request", _("The desk did not understand this request."))


def _on_our_mistake(request: HttpRequest, error: Any) -> HttpResponse:
    log.error("the API broke at %s %s", request.method, request.path, exc_info=error)
    # Django's own machinery (its test client too) hears of the mistake although it was answered.
    got_request_exception.send(sender=None, request=request)
    return problem(
        500,
        "our_mistake",
        _("Something broke on our side and was written to the log. Nothing was changed."),
    )


def _field(place: tuple[str | int, ...]) -> str:
    """Return the name of a field: a body's is what follows its parameter, a query's is its own."""
    names = place[2:] if place[0] in ("body", "form") and len(place) > 1 else place[1:]
    return ".".join(str(name) for name in names) or str(place[0])


def _reason(found: dict[str, Any]) -> str:
    kind = found["type"]
    if worded := REASONS.get(kind):
        return worded()
    if limit := LIMITS.get(kind):
        return limit(found["ctx"])
    return str(found["msg"])


def _one_of(offered: str) -> str:
    return f"{_('Choose one of these.')} ({offered})"


class _Encoder(DjangoJSONEncoder):
    """Fields of an error are plain values or lazy sentences; anything else is named, not shown."""

    @override
    def default(self, o: Any) -> Any:
        if isinstance(o, Promise):
            return str(o)
        try:
            return super().default(o)
        except TypeError:
            return str(o)
