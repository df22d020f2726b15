"""Sessions that can be seen and ended: whose they are, from which device, last seen when.

Django's session engine (settings.SESSION_ENGINE) with a table of ours; the pages call `began`, `seen`,
`sessions_of` and the two that end them.  Whoever ends a session closes its live pages, too: the hub looks
after them (live/audience.py).
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.http import parse_cookie
from typing_extensions import override

from deskbell import clock
from deskbell.database.prepared import Prepared
from deskbell.security.models import Session

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.contrib.sessions.backends.base import SessionBase
    from django.db.models import QuerySet

# "Last seen" is as exact as this; every page writing it down would cost each a transaction.
SEEN_EVERY = timedelta(minutes=10)

LONGEST_DEVICE = 300

_DEVICE, _PEER, _SINCE, _SEEN = "_device", "_peer", "_since", "_seen"


class SessionStore(db.SessionStore):
    """A session whose row tells whose it is."""

    @classmethod
    @override
    def get_model_class(cls) -> type[Session]:
        """Return the table."""
        return Session

    @override
    def load(self) -> dict[str, Any]:
        """Return what the session holds; a key that nobody has, or that ran out, holds nothing."""
        found = _sessions(self.session_key or "")
        if not found or found[0].expire_date <= clock.now():
            self._session_key = None
            return {}
        return dict(self.decode(found[0].session_data))

    @override
    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """Return the row that holds `data`."""
        row = super().create_model_instance(data)
        assert isinstance(row, Session)
        account = data.get(SESSION_KEY)
        row.account_id = int(account) if account else None
        row.device, row.peer = data.get(_DEVICE, ""), data.get(_PEER, "")
        row.since, row.seen_at = _moment(data.get(_SINCE)), _moment(data.get(_SEEN))
        return row


# Asked for every page.
_sessions = Prepared(lambda key: Session.objects.filter(session_key=key))


def began(session: SessionBase, *, device: str, peer: str) -> None:
    """Somebody signed in.

    device  how their browser calls itself
    peer    the IP address that they came from
    """
    now = round(clock.now().timestamp())
    session[_DEVICE], session[_PEER] = device[:LONGEST_DEVICE], peer[:45]
    session[_SINCE] = session[_SEEN] = now


def seen(session: SessionBase, *, peer: str) -> None:
    """Somebody who is signed in asked for a page; written down now and then, and the session lasts on."""
    last = session.get(_SEEN, 0)
    if clock.now() - _moment(last) >= SEEN_EVERY:
        session[_SEEN], session[_PEER] = round(clock.now().timestamp()), peer[:45]


def sessions_of(account_id: int) -> QuerySet[Session]:
    """Return the sessions of an account that have not run out, the one seen last first."""
    found = Session.objects.filter(account_id=account_id, expire_date__gt=clock.now())
    return found.order_by("-seen_at", "session_key")


def end_all(account_id: int, *, besides: str | None = None) -> int:
    """End the sessions of an account; return how many.

    besides  the key of the one that goes on
    """
    return sessions_of(account_id).exclude(session_key=besides or "").delete()[0]


def end(account_id: int, name: str) -> bool:
    """End the session of an account that goes by this name (`name_of`); False when there is none any more."""
    for session in sessions_of(account_id):
        if name_of(session) == name:
            session.delete()
            return True
    return False


def is_known(headers: Mapping[bytes, bytes]) -> bool:
    """Return whether the cookie of these headers is the session of somebody who is signed in."""
    cookies = parse_cookie(headers.get(b"cookie", b"").decode("latin-1"))
    key = cookies.get(settings.SESSION_COOKIE_NAME, "")
    return bool(key) and SESSION_KEY in SessionStore(key).load()


def forget_expired() -> None:
    """Remove the sessions that have run out; the timetable calls it."""
    SessionStore.clear_expired()


def name_of(session: Session) -> str:
    """Return what pages call a session; its key would open it."""
    return hashlib.sha256(f"deskbell session {session.session_key}".encode()).hexdigest()[:24]


def _moment(stamp: Any) -> datetime:
    return datetime.fromtimestamp(int(stamp or 0), UTC)
