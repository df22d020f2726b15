"""Keys for everybody of the cast, and a client that speaks JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from deskbell.api import keys

if TYPE_CHECKING:
    from django.http import HttpResponse

    from deskbell.people.models import Agent
    from tests.cast import Cast

ROOT = "/api/v1"


@dataclass
class Program:
    """A program that holds a key; it asks and reads JSON."""

    key: str
    headers: dict[str, str] = field(default_factory=dict)
    client: Client = field(default_factory=Client)

    def get(self, path: str, **query: Any) -> Any:
        """Return what stands at an address."""
        return self.read(self.send("GET", path, query=query), 200)

    def post(self, path: str, body: Any, *, expect: int = 201, once: str = "") -> Any:
        """Make something."""
        return self.read(self.send("POST", path, body, once=once), expect)

    def put(self, path: str, body: Any = None) -> Any:
        """Set something."""
        return self.read(self.send("PUT", path, body), 200)

    def patch(self, path: str, body: Any) -> Any:
        """Change something."""
        return self.read(self.send("PATCH", path, body), 200)

    def delete(self, path: str) -> None:
        """Take something away."""
        response = self.send("DELETE", path)
        assert response.status_code == 204, response.content
        assert response.content == b""

    def refused(self, status: int, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """Return the problem with which something is refused."""
        response = self.send(method, path, body, query=query)
        assert response.headers["Content-Type"] == "application/problem+json", response.content
        problem = self.read(response, status)
        assert problem["status"] == status
        assert set(problem) >= {"type", "title", "detail", "code"}
        return problem

    def try_upload(self, path: str) -> int:
        """Send some file, and return the status of the answer."""
        file = SimpleUploadedFile("zip.png", b"png", content_type="image/png")
        whole = path if path.startswith(ROOT) else ROOT + path
        return self.client.post(whole, {"file": file}, headers=self._headers()).status_code

    def upload(self, path: str, name: str, content: bytes, content_type: str) -> Any:
        """Send a file."""
        file = SimpleUploadedFile(name, content, content_type=content_type)
        response = self.client.post(ROOT + path, {"file": file}, headers=self._headers())
        return self.read(cast("HttpResponse", response), 201)

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: dict[str, Any] | None = None,
        once: str = "",
    ) -> HttpResponse:
        """Return the answer to a request; a body is JSON unless it is bytes already."""
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body)
        response = self.client.generic(
            method,
            path if path.startswith(ROOT) else ROOT + path,
            raw,
            content_type="application/json",
            headers=self._headers(once),
            query_params=query,
        )
        return cast("HttpResponse", response)

    def _headers(self, once: str = "") -> dict[str, str]:
        key = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        return {**key, **self.headers, **({"Idempotency-Key": once} if once else {})}

    @staticmethod
    def read(response: HttpResponse, expected: int) -> Any:
        """Return the JSON of an answer that has the expected status."""
        assert response.status_code == expected, response.content
        return json.loads(response.content)


def program_of(agent: Agent) -> Program:
    """Return a program that acts as `agent`."""
    return Program(keys.add_key(agent, "tests"))


@pytest.fixture
def anna(cast: Cast) -> Program:
    """The owner's program."""
    return program_of(cast.anna)


@pytest.fixture
def bela(cast: Cast) -> Program:
    """The program of an agent in Support."""
    return program_of(cast.bela)


@pytest.fixture
def cecil(cast: Cast) -> Program:
    """The program of a light agent in Support."""
    return program_of(cast.cecil)


@pytest.fixture
def dora(cast: Cast) -> Program:
    """The program of an agent in Billing."""
    return program_of(cast.dora)


@pytest.fixture
def nobody(cast: Cast) -> Program:
    """A program without a key."""
    return Program("")
