"""The two conversations of OAuth 2 (RFC 6749, with PKCE): sending a person to the provider, and asking it for tokens.

No redirect is followed, only https is spoken (http on this machine, for tests), and no answer is read past its limit.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import secrets as random
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from deskbell.channels.mail.fetch.failures import FetchFailed
from deskbell.channels.mail.fetch.line import Watch, context
from deskbell.channels.mail.models import MailApp
from deskbell.errors import BadInput
from deskbell.security import secrets

SECONDS, MOST_BYTES = 20.0, 256 * 1024
# Where the provider sends people back to; it must be told to the provider exactly so.
RETURN_PATH = "/settings/mailboxes/granted"
# RFC 6749 leaves it open; all providers mean about an hour.
USUAL_SPAN = timedelta(hours=1)
OK = 200

PRESETS: dict[str, dict[str, str]] = {
    MailApp.Provider.MICROSOFT: {
        "authorize_url": "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
        "token_url": "https://login.microsoftonline.com/common/oauth2/v2.0/token",
        "scopes": (
            "offline_access https://outlook.office.com/IMAP.AccessAsUser.All"
            " https://outlook.office.com/POP.AccessAsUser.All"
            " https://outlook.office.com/SMTP.Send"
        ),
    },
    MailApp.Provider.GOOGLE: {
        "authorize_url": "https://accounts.google.com/o/oauth2/v2/auth",
        "token_url": "https://oauth2.googleapis.com/token",
        "scopes": "https://mail.google.com/",
    },
}


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a provider gave.

    refresh      "" when it gave no new one
    refresh_for  how long that holds; None: the provider names no end
    """

    access: str = field(repr=False)
    access_for: timedelta
    refresh: str = field(default="", repr=False)
    refresh_for: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """One way to the provider and back.

    url       where the person is sent
    state     comes back with them; whoever brings another one was not sent by us
    verifier  proves to the provider that it is we who ask for the tokens
    """

    url: str
    state: str
    verifier: str


def enter_app(
    provider: str,
    *,
    client_id: str,
    client_secret: str | None,
    authorize_url: str,
    token_url: str,
    scopes: str,
    secret_expires_on: str = "",
) -> MailApp:
    """Write down how a provider knows the desk.  None leaves the secret as it is.  Raises BadInput."""
    app = MailApp.objects.filter(provider=provider).first() or MailApp(provider=provider)
    app.client_id = client_id.strip()
    if not app.client_id or len(app.client_id) > 500:  # noqa: PLR2004
        raise BadInput("client_id", _("The provider's page shows it; copy it from there."))
    for column, url in (("authorize_url", authorize_url), ("token_url", token_url)):
        clean = url.strip()
        if not is_safe(clean) or len(clean) > 500:  # noqa: PLR2004
            raise BadInput(column, _("This is not an address that begins with https://."))
        setattr(app, column, clean)
    app.scopes = " ".join(scopes.split())[:1000]
    if client_secret is not None:
        app.client_secret = secrets.seal(client_secret.strip())
    try:
        app.secret_expires_on = date.fromisoformat(secret_expires_on) if secret_expires_on else None
    except ValueError:
        raise BadInput("secret_expires_on", _("This is not a day.")) from None
    app.save()
    return app


def ask(app: MailApp, user: str) -> Asked:
    """Return where to send a person who is to let us into `user`'s letters."""
    state, verifier = random.token_urlsafe(32), random.token_urlsafe(64)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=")
    query = {
        "client_id": app.client_id,
        "response_type": "code",
        "redirect_uri": return_url(),
        "scope": app.scopes,
        "state": state,
        "code_challenge": challenge.decode(),
        "code_challenge_method": "S256",
        "login_hint": user,
        # Google gives a refresh token only so; others take no notice.
        "access_type": "offline",
        "prompt": "consent" if app.provider == MailApp.Provider.GOOGLE else "select_account",
    }
    glue = "&" if "?" in app.authorize_url else "?"
    return Asked(f"{app.authorize_url}{glue}{urlencode(query)}", state, verifier)


def return_url() -> str:
    """Return where the provider sends people back to."""
    return f"{settings.DESK_URL}{RETURN_PATH}"


def granted(app: MailApp, code: str, verifier: str) -> Tokens:
    """Return the tokens for what a person granted.  Raises FetchFailed."""
    return _tokens(
        app,
        {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": return_url(),
            "code_verifier": verifier,
        },
    )


def refreshed(app: MailApp, refresh_token: str) -> Tokens:
    """Return new tokens.  Raises FetchFailed, oauth_revoked when what was granted holds no more."""
    if not refresh_token:
        raise FetchFailed("oauth_revoked")
    asked = {"grant_type": "refresh_token", "refresh_token": refresh_token, "scope": app.scopes}
    return _tokens(app, asked)


def is_safe(url: str) -> bool:
    """Whether secrets may be sent there."""
    try:
        parts = urlsplit(url)
        _port = parts.port
    except ValueError:
        return False
    if not parts.hostname or parts.username or parts.fragment:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_here(parts.hostname))


def _tokens(app: MailApp, asked: dict[str, str]) -> Tokens:
    try:
        secret = secrets.unseal(app.client_secret)
    except secrets.Unreadable:
        raise FetchFailed("secret_unreadable") from None
    form = {**asked, "client_id": app.client_id}
    if secret:
        form["client_secret"] = secret
    status, said = _post(app.token_url, form)
    access = said.get("access_token")
    if status == OK and isinstance(access, str) and access:
        refresh = said.get("refresh_token")
        return Tokens(
            access,
            _span(said.get("expires_in")) or USUAL_SPAN,
            refresh if isinstance(refresh, str) else "",
            _span(said.get("refresh_token_expires_in")),
        )
    raise _refused(status, said)


def _refused(status: int, said: dict[str, Any]) -> FetchFailed:
    words = f"{said.get('error', status)}: {said.get('error_description', '')}"
    match said.get("error"):
        case "invalid_grant" | "interaction_required" | "consent_required":
            return FetchFailed("oauth_revoked", words)
        case "invalid_client" | "unauthorized_client" | "invalid_scope" | "unsupported_grant_type":
            return FetchFailed("app_refused", words)
        case _:
            return FetchFailed("oauth_unreachable", words)


def _post(url: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
    """Return the status and the JSON that a form is answered by."""
    if not is_safe(url):
        raise FetchFailed("app_refused")
    parts = urlsplit(url)
    host, path = parts.hostname or "", parts.path or "/"
    watch = Watch()
    line = (
        http.client.HTTPSConnection(host, parts.port, timeout=SECONDS, context=context())
        if parts.scheme == "https"
        else http.client.HTTPConnection(host, parts.port, timeout=SECONDS)
    )
    with closing(line):
        try:
            with watch.within(SECONDS):
                line.connect()
                watch.guard(line.sock)
                headers = {
                    "Content-Type": "application/x-www-form-urlencoded",
                    "Accept": "application/json",
                }
                target = f"{path}?{parts.query}" if parts.query else path
                line.request("POST", target, urlencode(form), headers)
                answer = line.getresponse()
                said = answer.read(MOST_BYTES)
        except http.client.HTTPException as error:
            raise FetchFailed("oauth_unreachable", type(error).__name__) from None
        except FetchFailed as failure:
            raise FetchFailed("oauth_unreachable", f"{host}: {failure.reason}") from None
    try:
        found = json.loads(said)
    except ValueError:
        found = None
    return answer.status, found if isinstance(found, dict) else {}


def _span(seconds: object) -> timedelta | None:
    if isinstance(seconds, str) and seconds.isdecimal() and len(seconds) < 12:  # noqa: PLR2004
        seconds = int(seconds)
    if isinstance(seconds, int) and 0 < seconds < 10**9:
        return timedelta(seconds=seconds)
    return None


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
