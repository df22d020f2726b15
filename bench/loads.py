"""The loads of bench/pages.py: who asks a full desk for what.  Imported where Django is set up."""

from __future__ import annotations

import json
import re
import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db.models import Count

from bench.http_client import Client, RunningFront
from deskbell import access, clock
from deskbell.api import keys
from deskbell.people.actors import Actor
from deskbell.people.models import Agent
from deskbell.search import hits
from deskbell.search.looked_for import LookedFor
from deskbell.search.words import words_of
from deskbell.security.sessions import SessionStore, began
from deskbell.tickets import queries
from deskbell.tickets.models import Message, Ticket

# A ticket "with 20 messages"; how many different ones are looked at, or answered, in turn.
MESSAGES, TURNS = 20, 60
FAR_DOWN = 0.7  # of all tickets lie above the page that is far down
A_MONTH = timedelta(days=30)
# Words are taken from so many of the newest letters; a rare one stands in so few documents.
SAMPLE, RARE, LONG_WORD = 2000, 500, 4


@dataclass(frozen=True)
class Load:
    """One thing that is asked for, again and again.

    who      the agent who asks
    connect  opens the connection, ready to ask; None when the desk does not offer this yet
    ask      sends the next request and returns its status; the time that this takes is measured
    path     the page, for counting its queries; "" where no page is read
    """

    name: str
    who: Agent
    connect: Callable[[RunningFront], Client | None]
    ask: Callable[[Client], int]
    path: str = ""
    expects: int = 200


def loads() -> Iterator[Load]:
    """Yield every load on the desk that is set up."""
    owner, agent = _owner(), _busiest()
    for who, also in ((agent, ""), (owner, ", as the owner")):
        yield _page(f"inbox{also}", who, "/")
        yield _page(f"every ticket, newest first{also}", who, "/?view=all")
        yield _page(f"every ticket, far down{also}", who, _far_down(who))
    yield _page("mine", agent, "/?view=mine")
    yield _page("closed", agent, "/?view=closed")
    yield _page("one department", agent, f"/?department={_department(agent)}")
    yield _page("counters", agent, "/tickets/rows?view=inbox&codes=")
    yield _pages(f"a ticket with {MESSAGES} messages", agent, _long_tickets(agent))
    yield from _searches(agent)
    yield _answers(agent)
    yield _as_of_last_month(agent)


def _owner() -> Agent:
    """Return who sees everything."""
    owners = Agent.objects.filter(role="owner", archived_at=None, account__is_active=True)
    return owners.select_related("account").earliest("id")


def _busiest() -> Agent:
    """Return the agent with the most to do, who sees the tickets of their departments."""
    working = Agent.objects.filter(role="agent", archived_at=None, account__is_active=True)
    theirs = Ticket.objects.filter(assignee__in=working, status__in=queries.ACTIVE)
    most = theirs.values_list("assignee").annotate(n=Count("id")).order_by("-n", "assignee").first()
    if most is None:
        raise SystemExit("nobody has anything to do on this desk; fill one by `deskbell seed`")
    return working.select_related("account").get(pk=most[0])


def _page(name: str, who: Agent, path: str) -> Load:
    return _pages(name, who, [path])


def _pages(name: str, who: Agent, paths: Sequence[str]) -> Load:
    """Return the load of looking at `paths` in turn."""
    if not paths:
        raise SystemExit(f"this desk has nothing for: {name}")
    turn = cycle(paths)
    cookie = f"Cookie: {cookie_of(who)}"
    return Load(
        name,
        who,
        lambda front: front.client(cookie),
        lambda client: client.get(next(turn)).status,
        paths[0],
    )


def cookie_of(who: Agent) -> str:
    """Return the cookie of a session of this agent, as signing in makes it."""
    session = SessionStore()
    session[SESSION_KEY] = str(who.account_id)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = who.account.get_session_auth_hash()
    began(session, device="bench", peer="127.0.0.1")
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def _far_down(who: Agent) -> str:
    """Return the address of a page of the list of every ticket that lies far down."""
    things = queries.view(Actor.agent(who), "all").order_by("-last_activity_at", "-id")
    row = things[int(things.count() * FAR_DOWN)]
    return f"/?{urlencode({'view': 'all', 'after': queries.BY_ACTIVITY.cursor(row), 'day': 3})}"


def _department(who: Agent) -> int:
    """Return the number of the largest department that this agent works in."""
    mine = Ticket.objects.filter(department__in=who.departments.filter(archived_at=None))
    found = mine.values_list("department").annotate(n=Count("id")).order_by("-n").first()
    return int(found[0]) if found else 0


def _long_tickets(who: Agent) -> list[str]:
    """Return the pages of tickets with MESSAGES messages that this agent may see; fewer on a small desk."""
    seen = access.visible(Actor.agent(who), Ticket.objects.filter(merged_into=None))
    long = seen.annotate(n=Count("messages")).filter(n__lte=MESSAGES).order_by("-n", "-id")
    return [f"/tickets/{code}" for code in long.values_list("code", flat=True)[:TURNS]]


def _searches(who: Agent) -> Iterator[Load]:
    """Yield the loads of looking for words that stand in few letters, in very many, and in both ways at once."""
    newest = Message.objects.filter(kind="customer").order_by("-id")[:SAMPLE]
    said = Counter(
        word
        for text in newest.values_list("text__plain", flat=True)
        for word in set(words_of(text))
    )
    often = [word for word, _times in said.most_common() if len(word) >= LONG_WORD]
    common = often[0]
    by_hits = ((len(hits.newest([LookedFor(word)], RARE + 1)), word) for word in reversed(often))
    rare = next((word for many, word in by_hits if many <= RARE), often[-1])
    for name, query in (
        ("a rare word", rare),
        ("a common word", common),
        ("both", f"{rare} {common}"),
        ("a common word among what is open", f"status:open {common}"),
        ("a beginning", f"{common[:3]}*"),
    ):
        yield _page(f"search, {name}", who, f"/find?{urlencode({'q': query})}")
    yield _page("search, a common word, best first", who, f"/find?q={common}&sort=best")


def _answers(who: Agent) -> Load:
    """Return the load of an agent who answers one open ticket after the other."""
    open_ = access.visible(
        Actor.agent(who), Ticket.objects.filter(status="open", merged_into=None)
    ).exclude(customer=None)
    codes = list(open_.order_by("-id").values_list("code", flat=True)[:TURNS])
    turn, session = cycle(codes), cookie_of(who)
    form = {
        "kind": "reply",
        "then": "answered",
        "text": "Thank you for waiting. The new zip left us today and should be with you soon.",
    }

    def connect(front: RunningFront) -> Client:
        with front.client(f"Cookie: {session}").closing() as reader:
            page = reader.get(f"/tickets/{codes[0]}")
        token = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', page.body)
        cookie = re.search(rb"(?i)set-cookie: *(deskbell_csrf=[^;]+)", page.head)
        if token is None or cookie is None:
            raise SystemExit("a ticket's page holds no form to answer with")
        form["csrfmiddlewaretoken"] = token[1].decode()
        return front.client(f"Cookie: {session}; {cookie[1].decode()}")

    def ask(client: Client) -> int:
        fields = {**form, "once": secrets.token_urlsafe(16)}
        return client.post(f"/tickets/{next(turn)}/messages", fields).status

    return Load("an agent's answer, stored", who, connect, ask, expects=302)


def _as_of_last_month(who: Agent) -> Load:
    """Return the load of a program that asks for the queue as it stood a month ago, once the API tells it."""
    key = keys.add_key(who, "bench")
    path = f"/api/v1/tickets?{urlencode({'at': (clock.now() - A_MONTH).isoformat(), 'limit': 50})}"

    def connect(front: RunningFront) -> Client | None:
        client = front.client(f"Authorization: Bearer {key}")
        told = json.loads(client.get("/api/v1/openapi.json").body)
        taken = told["paths"]["/api/v1/tickets"]["get"].get("parameters", [])
        return client if "at" in {one["name"] for one in taken} else None

    return Load(
        "the queue as of last month (API)", who, connect, lambda client: client.get(path).status
    )
