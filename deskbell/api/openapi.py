"""The description of the API as OpenAPI: what ninja knows, and what holds for every address."""

from __future__ import annotations

import json
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from typing_extensions import override

from deskbell.api.answers import ROOT
from deskbell.api.once import HEADER, LONGEST

DESCRIPTION = """\
Everything that agents do on their pages, for programs.  Send `Authorization: Bearer KEY`; a key acts with the
rights of its agent.  Bodies are JSON, instants ISO 8601 in UTC.  Lists are `{"items": [...], "next": cursor}`;
give `next` back as `after` until it is null.  What is refused is told as `application/problem+json` with a
`code` that stays the same and a `detail` in your language.  A POST with `Idempotency-Key` has its effect once,
however often it is sent within 24 hours.
"""

PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "Why something was refused (RFC 9457).",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence in the caller's language."},
        "code": {"type": "string", "examples": ["wrong_status"]},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "reason"],
                "properties": {"field": {"type": "string"}, "reason": {"type": "string"}},
            },
        },
    },
}

ONCE = {
    "in": "header",
    "name": HEADER,
    "required": False,
    "description": "Any text of your own; the same again within 24 hours is answered with the same.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST, "pattern": "^[!-~]+$"},
}


class Described(NinjaAPI):
    """The API with a description that also tells what is refused."""

    @override
    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """Return the description."""
        for router in self._get_bound_routers():
            for view in router.path_operations.values():
                for operation in view.operations:
                    operation.by_alias = True
        schema = super().get_openapi_schema(path_prefix=ROOT.strip("/") + "/")
        schema["components"]["schemas"]["Problem"] = PROBLEM
        for operations in schema["paths"].values():
            for method, operation in operations.items():
                _complete(method, operation)
        return schema

    @override
    def get_openapi_operation_id(self, operation: Any) -> str:
        """Return the name of the function: open_ticket, list_letters."""
        return str(operation.view_func.__name__)


@lru_cache(maxsize=1)
def document(api: NinjaAPI) -> bytes:
    """Return the description as JSON; it is made once in a process."""
    return json.dumps(api.get_openapi_schema(), ensure_ascii=False).encode()


def _complete(method: str, operation: dict[str, Any]) -> None:
    statuses = [400, 401, 403, 404, 409, 413, 422]
    if method == "get":
        statuses = [401, 403, 404, 422]
    for status in statuses:
        operation["responses"].setdefault(status, _problem(HTTPStatus(status).phrase))
    if method == "post":
        operation["responses"].setdefault(410, _problem("Words of the first answer were taken out"))
        operation["parameters"] = [*operation.get("parameters", []), ONCE]


def _problem(description: str) -> dict[str, Any]:
    return {
        "description": description,
        "content": {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
        },
    }
