"""An identity server for OAuth 2, as providers run one: consent, tokens, and the question of mail servers who it is.

As in `with Identity() as identity:`.  It checks PKCE, gives a code once, and takes back what it gave when asked.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

from typing_extensions import override

CLIENT_ID, CLIENT_SECRET = "desk", "of the desk"


@dataclass
class Identity:
    """The server; a context manager.

    user          who consents to everything, at once
    expires_in    of access tokens, in seconds
    refresh_ends  in how many seconds, told beside the token; 0 = not told
    """

    user: str = "help@desk.example"
    expires_in: int = 3600
    refresh_ends: int = 0
    rotates: bool = False
    broken: bool = False
    asked: list[str] = field(default_factory=list)  # the grant types
    _challenges: dict[str, str] = field(default_factory=dict)
    _access: dict[str, str] = field(default_factory=dict)
    _refresh: set[str] = field(default_factory=set)

    def __enter__(self) -> Self:
        handler = type("Handler", (_Handler,), {"identity": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def revoke_all(self) -> None:
        """Let nobody in any more."""
        self._refresh.clear()
        self._access.clear()

    def forget_access(self) -> None:
        """Take back the access tokens, but let them be renewed."""
        self._access.clear()

    def consent(self, query: dict[str, str]) -> str:
        """Return where somebody is sent who consents."""
        assert query["client_id"] == CLIENT_ID
        assert query["code_challenge_method"] == "S256"
        code = secrets.token_hex(8)
        self._challenges[code] = query["code_challenge"]
        back = urlencode({"code": code, "state": query["state"]})
        return f"{query['redirect_uri']}?{back}"

    def tokens(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Answer a request for tokens."""
        self.asked.append(form["grant_type"])
        if self.broken:
            return 503, {}
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return 401, {"error": "invalid_client"}
        if form["grant_type"] == "authorization_code":
            challenge = self._challenges.pop(form["code"], None)
            if challenge != _challenge(form["code_verifier"]):
                return 400, {"error": "invalid_grant"}
            return 200, self._granted(new_refresh=True)
        if form["refresh_token"] not in self._refresh:
            return 400, {"error": "invalid_grant", "error_description": "revoked"}
        if self.rotates:
            self._refresh.discard(form["refresh_token"])
        return 200, self._granted(new_refresh=self.rotates)

    def introspect(self, token: str) -> dict[str, Any]:
        """Tell a mail server whose token it is."""
        user = self._access.get(token)
        return {"active": True, "username": user} if user else {"active": False}

    def _granted(self, *, new_refresh: bool) -> dict[str, Any]:
        access, refresh = secrets.token_hex(16), secrets.token_hex(16)
        self._access[access] = self.user
        found: dict[str, Any] = {"access_token": access, "expires_in": self.expires_in}
        if new_refresh:
            self._refresh.add(refresh)
            found["refresh_token"] = refresh
            if self.refresh_ends:
                found["refresh_token_expires_in"] = self.refresh_ends
        return found


class _Handler(BaseHTTPRequestHandler):
    identity: Identity

    def do_GET(self) -> None:
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        self.send_response(302)
        self.send_header("Location", self.identity.consent(query))
        self.end_headers()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        if self.path.startswith("/introspect"):
            status, said = 200, self.identity.introspect(form.get("token", ""))
        elif self.path.startswith("/elsewhere"):
            self.send_response(302)
            self.send_header("Location", "/token")
            self.end_headers()
            return
        else:
            status, said = self.identity.tokens(form)
        words = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(words)))
        self.end_headers()
        self.wfile.write(words)

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
