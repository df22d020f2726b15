"""Who looks at a page: the agent, their rights, their language and zone.

`for_agents` guards each page of the desk; `may` asks the table of rights for pages that are about the
desk itself.  Views are handed an AgentRequest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Concatenate, ParamSpec, cast, overload
from urllib.parse import urlencode

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone, translation
from django.utils.functional import SimpleLazyObject

from deskbell import languages
from deskbell.access.rights import Standing, agent_of_account, knowing
from deskbell.database.prepared import Prepared
from deskbell.errors import NotAllowed
from deskbell.people import factors
from deskbell.people.actors import Actor
from deskbell.people.models import Account, Agent, Department, Desk
from deskbell.people.zones import zone_named
from deskbell.security import sessions
from deskbell.web.door.going import page_of_form

P = ParamSpec("P")


class AgentRequest(HttpRequest):
    """A request of somebody who works here.

    desk     the desk's one row, read once
    working  the departments of the desk that are not archived, read once when they are first asked for
    """

    agent: Agent
    desk: Desk
    by: Actor
    standing: Standing
    working: Sequence[Department]


AgentView = Callable[Concatenate[AgentRequest, P], HttpResponseBase]
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


class Reader:
    """Middleware: pages speak the account's language and tell its time."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if isinstance(request.user, Account):
            language = languages.nearest(request.user.language) or languages.SOURCE
            translation.activate(language)
            sessions.seen(request.session, peer=request.META.get("REMOTE_ADDR", ""))
            zone = request.user.time_zone
            if not zone:
                request.desk = Desk.get()  # type: ignore[attr-defined]  # for_agents takes it
                zone = request.desk.time_zone  # type: ignore[attr-defined]
            with timezone.override(zone_named(zone)):
                return self.get_response(request)
        return self.get_response(request)


@overload
def for_agents(view: AgentView[P]) -> View[P]: ...


@overload
def for_agents(*, before_second_factor: bool) -> Callable[[AgentView[P]], View[P]]: ...


def for_agents(
    view: AgentView[P] | None = None, *, before_second_factor: bool = False
) -> View[P] | Callable[[AgentView[P]], View[P]]:
    """Let agents in; send everybody else to the door, and back here afterwards.

    before_second_factor  the page is needed to set up a second factor, where the desk wants one of everybody
    """
    if view is None:
        return lambda view: _guarded(view, before_second_factor=before_second_factor)
    return _guarded(view, before_second_factor=before_second_factor)


def _guarded(view: AgentView[P], *, before_second_factor: bool) -> View[P]:
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        found = _found(request)
        if found is None:
            return _to_the_door(request)
        known = cast(AgentRequest, request)
        known.agent, known.standing = found
        # The row of the session's own account, which is read already.
        known.agent.account = cast(Account, request.user)
        known.desk = getattr(request, "desk", None) or Desk.get()
        if not before_second_factor and factors.is_missing(known.agent.account, known.desk):
            return redirect("my_security")
        known.by = Actor.agent(known.agent)
        known.working = cast(Sequence[Department], SimpleLazyObject(_working))
        with knowing(known.standing):
            response = view(known, *args, **kwargs)
        # Pages of the desk are for these eyes only: no cache between us keeps them.
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return guarded


def may(verb: str) -> Callable[[AgentView[P]], View[P]]:
    """Let in the agents who may do `verb` to the desk (access/roles.py).  Others get NotAllowed."""

    def decorate(view: AgentView[P]) -> View[P]:
        @for_agents
        @wraps(view)
        def guarded(
            request: AgentRequest, /, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponseBase:
            if not request.standing.may(verb, None):
                raise NotAllowed(action=verb)
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def agent_of(request: HttpRequest) -> Agent | None:
    """Return the agent who is signed in, None for anybody else (also for those who no longer work here)."""
    found = _found(request)
    return None if found is None else found[0]


def verb_of(request: HttpRequest) -> str:
    """Return the method that is meant: forms can only post, so they say DELETE in a field `_method`."""
    method = request.method or "GET"
    if method == "POST":
        return request.POST.get("_method", method).upper()
    return method


def _found(request: HttpRequest) -> tuple[Agent, Standing] | None:
    if not isinstance(request.user, Account):
        return None
    found = agent_of_account(request.user.pk)
    if found is None:
        logout(request)
    return found


_working = Prepared(lambda: Department.objects.filter(archived_at=None))


def _to_the_door(request: HttpRequest) -> HttpResponseBase:
    if Desk.get().set_up_at is None:
        return redirect("set_up")
    is_piece = bool(request.headers.get("HX-Request"))
    is_page = request.method == "GET" and not is_piece
    back = request.get_full_path() if is_page else page_of_form(request)
    door = f"/sign-in?{urlencode({'next': back})}" if back != "/" else "/sign-in"
    response = redirect(door)
    if is_piece:
        response.status_code = 200
        response.headers["HX-Redirect"] = door
    return response
