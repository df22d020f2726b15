"""Whatever is asked wrongly gets a clear answer, as a problem; what is asked rightly is described."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext

from deskbell.api.shapes.base import Asked
from tests.api.conftest import Program
from tests.cast import Cast
from tests.desk import a_ticket


@pytest.mark.parametrize(
    "path",
    ["", "/", "/nothing", "/tickets/", "/letters/x", "/customers/1e9", "/a%0Ab", "/letters/%0A"],
)
def test_an_unknown_address_is_told_as_a_problem(cast: Cast, bela: Program, path: str) -> None:
    assert bela.refused(404, "GET", path)["code"] == "not_found"


def test_so_is_one_beside_the_version(cast: Cast) -> None:
    response = Client().get("/api/v0/tickets")
    assert response.status_code == 404
    assert response.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/tickets", "GET, POST"),
        ("POST", "/tickets/ABC-DEFGH-123", "GET, PATCH"),
        ("POST", "/tickets/ABC-DEFGH-123/resolution", "DELETE, GET, PUT"),
        ("DELETE", "/agents/me", "GET"),
        ("OPTIONS", "/letters", "GET"),
        ("POST", "/openapi.json", "GET"),
    ],
)
def test_a_wrong_method_tells_the_right_ones(
    cast: Cast, bela: Program, method: str, path: str, allowed: str
) -> None:
    response = bela.send(method, path)
    assert response.status_code == 405
    assert response.headers["Allow"] == allowed
    assert json.loads(response.content)["code"] == "wrong_method"


@pytest.mark.parametrize(
    "body",
    [
        b"{", b"nonsense", b"\xff\xfe", b"[" * 100_000, b"1" * 10_000, b'{"a": NaN', b"\x00",
        b"subject=Zip&department=Support",
    ],
)  # fmt: skip
def test_what_is_no_json_is_told_so(cast: Cast, bela: Program, body: bytes) -> None:
    assert bela.refused(400, "POST", "/tickets", body)["code"] == "malformed_json"


@pytest.mark.parametrize(
    "body",
    [
        [], "text", 7, None, True, {}, {"subject": None}, {"department": {"id": 1}},
        {"department": [1]}, {"department": 1.5}, {"department": -1}, {"department": 2**70},
        {"customer": []}, {"customer": {"email": None}}, {"priority": 1e400}, {"attachments": "x"},
        {"attachments": [None]}, {"text": "x" * 1_000_001}, {"kind": 0},
        {"subject": "x" * 501, "department": "Support"}, {"__class__": "Ticket"},
    ],
)  # fmt: skip
def test_json_of_a_wrong_shape_is_told_field_by_field(cast: Cast, bela: Program, body: Any) -> None:
    raw = json.dumps(body).encode()
    problem = bela.refused(422, "POST", "/tickets", raw)
    assert problem["code"] == "bad_input"
    assert all(error["field"] and error["reason"] for error in problem["errors"])


def test_sentences_come_in_the_callers_language(cast: Cast, bela: Program) -> None:
    bela.headers["Accept-Language"] = "en"
    assert bela.refused(404, "GET", "/nothing")["detail"] == "There is nothing at this address."


@pytest.mark.parametrize(
    "moment",
    [
        "2026-03-02T12:00:00", "2026-03-02T12:00", "2026-13-45T12:00:00Z", "2026-03-02T12:00:00X",
        "2026-03-02", "tomorrow", 1772452800, {},
    ],
)  # fmt: skip
def test_a_moment_that_is_not_written_out_is_refused_in_the_callers_language(
    cast: Cast, bela: Program, moment: Any
) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    bela.headers["Accept-Language"] = "hu"
    with translation.override("hu"):
        reason = gettext("Write the moment out, as in 2026-03-02T12:00:00Z.")
    assert not reason.startswith("Write")
    for method, place, field in (
        ("POST", "scheduled", "send_at"),
        ("POST", "messages", "until"),
        ("PUT", "postponement", "until"),
    ):
        problem = bela.refused(422, method, f"/tickets/{ticket.code}/{place}", {field: moment})
        reasons = {one["field"]: one["reason"] for one in problem["errors"]}
        assert reasons[field] == reason, place


@pytest.mark.parametrize(
    ("method", "path", "body", "reason"),
    [
        ("POST", "/tickets", {"subject": "x" * 501}, "This is too long; 500 letters fit."),
        ("POST", "/tickets", {"kind": "shout"}, "Choose one of these. (customer, reply, note)"),
        ("POST", "/tickets", {"priority": 0}, "This must be a whole number. (≥ 1)"),
        ("POST", "/tickets", {"priority": 5}, "This must be a whole number. (≤ 4)"),
        ("POST", "/tickets", {"priority": 1.5}, "This must be a whole number."),
        ("POST", "/tickets", {"attachments": "zip"}, "This must be a list."),
        ("POST", "/tickets", {"attachments": ["x"] * 51}, "These are too many; 50 fit."),
        ("POST", "/agents", {"role": "king"}, "Choose one of these. (owner|admin|"),
        ("GET", "/tickets", {"limit": "many"}, "This must be a whole number."),
        ("GET", "/tickets", {"limit": "1" * 5000}, "This must be a whole number."),
        ("GET", "/tickets", {"sort": "mood"}, "Choose one of these. (-activity, activity, "),
    ],
)
def test_each_reason_is_worded_by_the_desk(
    cast: Cast, anna: Program, method: str, path: str, body: dict[str, Any], reason: str
) -> None:
    asked, sent = (body, None) if method == "GET" else ({}, body)
    problem = anna.refused(422, method, path, sent, **asked)
    reasons = [one["reason"] for one in problem["errors"] if one["reason"] != "This is missing."]
    assert any(one.startswith(reason) for one in reasons), reasons


def test_no_shape_holds_what_no_reason_is_worded_for() -> None:
    worded = {
        "bool", "datetime", "dict", "int", "list", "literal", "model", "str", "tuple", "union",
    }  # fmt: skip
    around = {
        "default", "definition-ref", "definitions", "function-after", "function-wrap", "model-field",
        "model-fields", "nullable",
    }  # fmt: skip
    found = {
        kind for shape in shapes_of(Asked) for kind in kinds_of(shape.__pydantic_core_schema__)
    }
    assert found >= {"int", "literal", "datetime"}
    assert found <= worded | around


def shapes_of(shape: type[Asked]) -> Iterator[type[Asked]]:
    for one in shape.__subclasses__():
        yield one
        yield from shapes_of(one)


def kinds_of(schema: Any) -> Iterator[str]:
    """Yield the kinds of what a schema of pydantic holds."""
    if isinstance(schema, dict):
        if isinstance(schema.get("type"), str) and schema["type"] not in ("no-info", "with-info"):
            yield schema["type"]
        parts: Iterable[Any] = [part for name, part in schema.items() if name != "metadata"]
    else:
        parts = schema if isinstance(schema, list | tuple) else ()
    for part in parts:
        yield from kinds_of(part)


def test_head_is_answered_like_get(cast: Cast, bela: Program) -> None:
    response = bela.send("HEAD", "/tickets")
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"


def test_answers_are_kept_by_nobody_on_the_way(cast: Cast, bela: Program, nobody: Program) -> None:
    assert bela.send("GET", "/tickets").headers["Cache-Control"] == "private, no-store"
    assert nobody.send("GET", "/tickets").headers["Cache-Control"] == "private, no-store"


def test_the_description_is_public_and_whole(cast: Cast, nobody: Program) -> None:
    described = nobody.get("/openapi.json")
    assert described["openapi"].startswith("3.")
    paths = described["paths"]
    for path in (
        "tickets", "tickets/{code}", "tickets/{code}/messages", "tickets/{code}/timeline",
        "tickets/{code}/assignment", "tickets/{code}/resolution", "tickets/{code}/closure",
        "tickets/{code}/attachments", "customers", "companies", "agents", "departments",
        "letters", "keys", "mailboxes",
    ):  # fmt: skip
        assert f"/api/v1/{path}" in paths
    for path, operations in paths.items():
        for method, operation in operations.items():
            assert operation["security"], (method, path)
            assert "401" in operation["responses"], (method, path)
            assert operation["summary"]
            assert operation["description"]
    message = described["components"]["schemas"]["MessageShape"]
    assert "from" in message["properties"]


def test_every_operation_has_a_name_of_its_own(cast: Cast, nobody: Program) -> None:
    paths = nobody.get("/openapi.json")["paths"]
    names = [one["operationId"] for operations in paths.values() for one in operations.values()]
    assert len(names) == len(set(names))
