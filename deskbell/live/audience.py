"""Who listens: the agent behind a websocket's session cookie, what they may see, and until when.

These functions ask the database: the hub calls them in a thread of the pool.
"""

from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest, parse_cookie
from starlette.datastructures import Headers

from deskbell import clock
from deskbell.access.rights import Standing, standing_of
from deskbell.people import factors
from deskbell.people.models import Account, Agent, Desk
from deskbell.security.models import Session
from deskbell.security.sessions import SessionStore
from deskbell.tickets.models import Ticket


@dataclass(frozen=True)
class Listener:
    """Somebody who may listen, for as long as the session lasts."""

    session_key: str
    agent_id: int
    name: str
    standing: Standing


@dataclass(frozen=True)
class Shown:
    """A ticket as far as rights go, and how far it has come."""

    ticket_id: int
    code: str
    step: int
    department_id: int
    assignee_id: int | None
    customer_id: int


def comes_from_us(headers: Headers) -> bool:
    """Return whether the page that opens the socket is one of ours; browsers always say."""
    origin = urlsplit(headers.get("origin", ""))
    ours = {headers.get("host", ""), urlsplit(settings.DESK_URL).netloc}
    return bool(origin.netloc) and origin.netloc in ours


def listener_of(cookies: str) -> Listener | None:
    """Return who is behind the cookies, None when nobody who works here is signed in."""
    key = parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME, "")
    return _listener(key) if key else None


def refreshed(
    listeners: Collection[Listener], *, thoroughly: bool
) -> dict[Listener, Listener | None]:
    """Return for each listener who they are now; None when the session has ended.

    thoroughly   look at each session by itself: a change of the password ends it too.  Otherwise it is one
                 query for all sessions, and one for each agent
    """
    if thoroughly:
        return {one: _listener(one.session_key) for one in listeners}
    keys = {listener.session_key for listener in listeners}
    alive = set(
        Session.objects.filter(session_key__in=keys, expire_date__gt=clock.now()).values_list(
            "session_key", flat=True
        )
    )
    standings = {number: standing_of(number) for number in {one.agent_id for one in listeners}}
    return {
        one: _with(one, standings[one.agent_id]) if one.session_key in alive else None
        for one in listeners
    }


def shown(listener: Listener, code: str) -> Shown | None:
    """Return the ticket of this code when the listener may see it."""
    row = (
        Ticket.objects.filter(code=code)
        .values_list("id", "code", "last_step", "department_id", "assignee_id", "customer_id")
        .first()
    )
    if row is None:
        return None
    ticket = Shown(*row)
    return ticket if listener.standing.may("see", ticket) else None


def _listener(session_key: str) -> Listener | None:
    request = HttpRequest()
    request.session = SessionStore(session_key)
    account = get_user(request)
    if not isinstance(account, Account) or factors.is_missing(account, Desk.get()):
        return None
    agent = Agent.objects.filter(account=account, archived_at=None).first()
    if agent is None:
        return None
    return Listener(session_key, agent.pk, agent.name, standing_of(agent.pk))


def _with(listener: Listener, standing: Standing) -> Listener | None:
    if not standing.role:
        return None
    return Listener(listener.session_key, listener.agent_id, listener.name, standing)
