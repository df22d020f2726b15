"""Tokens of OAuth 2: asked for with what a person granted, kept sealed, and renewed before they run out.

One process asks at a time, by a claim on the row that runs out by itself; the others wait for what it brings.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from django.db.models import Q

from deskbell import clock
from deskbell.channels.mail.fetch import oauth
from deskbell.channels.mail.fetch.failures import FetchFailed
from deskbell.channels.mail.models import Grant, MailApp, Source
from deskbell.people.models import Agent
from deskbell.security import secrets

log = structlog.get_logger(__name__)

# A token is renewed when less than this is left of it.
EARLY = timedelta(minutes=5)
# How long one may ask; longer than the request may take.
CLAIM = timedelta(seconds=40)
LOOK_SECONDS = 0.2


def access_token(source: Source) -> str:
    """Return a token that is still good for some minutes.  Raises FetchFailed."""
    until = time.monotonic() + CLAIM.total_seconds()
    while True:
        grant = Grant.objects.filter(source=source).first()
        if grant is None or source.app is None:
            raise FetchFailed("not_granted")
        if grant.access_until > clock.now() + EARLY:
            return _unsealed(grant.access_token)
        if _claim(grant):
            return _renew(source.app, grant)
        if time.monotonic() > until:
            raise FetchFailed("oauth_unreachable")
        time.sleep(LOOK_SECONDS)


def refuse(source: Source) -> None:
    """Note that a server did not take the token, though its time is not over: the next try gets a new one."""
    Grant.objects.filter(source=source).update(access_until=clock.now())


def take(source: Source, tokens: oauth.Tokens, *, by: Agent | None) -> None:
    """Keep what a provider granted."""
    now = clock.now()
    Grant.objects.update_or_create(
        source=source,
        defaults={
            **_columns(tokens),
            "refresh_token": secrets.seal(tokens.refresh),
            "granted_at": now,
            "granted_by": by,
            "refreshing_until": None,
        },
    )


def forget(source: Source) -> None:
    """Forget what a provider granted."""
    Grant.objects.filter(source=source).delete()


@dataclass(frozen=True, slots=True)
class End:
    """When a provider will let the desk in no more; is_secret: for the app's secret runs out, not the permission."""

    at: datetime
    is_secret: bool = False


def end_of(source: Source) -> End | None:
    """Return when the provider will let the desk in no more, as far as anybody said; None: never, or unknown."""
    if source.app is None:
        return None
    grant: Grant | None = getattr(source, "grant", None)
    ends = [End(grant.refresh_until)] if grant is not None and grant.refresh_until else []
    if day := source.app.secret_expires_on:
        ends.append(End(datetime(day.year, day.month, day.day, tzinfo=UTC), is_secret=True))
    return min(ends, key=lambda end: end.at, default=None)


def _claim(grant: Grant) -> bool:
    now = clock.now()
    free = Q(refreshing_until=None) | Q(refreshing_until__lte=now)
    # By its end, too: it must still be the token that we saw run out.
    one = Grant.objects.filter(free, pk=grant.pk, access_until=grant.access_until)
    return one.update(refreshing_until=now + CLAIM) == 1


def _renew(app: MailApp, grant: Grant) -> str:
    one = Grant.objects.filter(pk=grant.pk)
    try:
        tokens = oauth.refreshed(app, _unsealed(grant.refresh_token))
    except BaseException:
        one.update(refreshing_until=None)
        raise
    columns = _columns(tokens)
    if tokens.refresh:  # some providers give a new one each time
        columns["refresh_token"] = secrets.seal(tokens.refresh)
        if _moves_on(grant, columns["refresh_until"]):
            columns["refresh_until"] = None
    else:
        columns.pop("refresh_until")
    one.update(refreshing_until=None, **columns)
    log.info("token.renewed", source=grant.source_id)
    return tokens.access


def _moves_on(grant: Grant, until: object) -> bool:
    """Whether the end is put off by each renewal: then there is none, for the desk renews all the time."""
    if grant.refresh_until is None:
        return True
    return isinstance(until, datetime) and until > grant.refresh_until + EARLY


def _columns(tokens: oauth.Tokens) -> dict[str, object]:
    now = clock.now()
    return {
        "access_token": secrets.seal(tokens.access),
        "access_until": now + tokens.access_for,
        "refresh_until": now + tokens.refresh_for if tokens.refresh_for else None,
    }


def _unsealed(sealed: str) -> str:
    try:
        return secrets.unseal(sealed)
    except secrets.Unreadable:
        raise FetchFailed("secret_unreadable") from None
