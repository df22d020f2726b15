"""Whatever is asked wrongly gets a clear answer, as a problem; what is asked rightly is described."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from tests.api.conftest import Program
from tests.cast import Cast


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
