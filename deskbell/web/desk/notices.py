"""What an agent was told: the list, what is new since a page was drawn, and taking it as read."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from deskbell.errors import NotFound
from deskbell.notices import reading, telling
from deskbell.notices.wishes import Way
from deskbell.tickets import queries
from deskbell.web.desk.page import page
from deskbell.web.visit import AgentRequest, for_agents, verb_of

# Digits of the number of a notice; a longer one is none.
LONGEST = 18


@require_safe
@for_agents
def notices(request: AgentRequest) -> HttpResponse:
    """List what this agent was told, the newest first; `before` leads on."""
    before = _number(request.GET.get("before", ""))
    rows, more = reading.told(request.by, before=before)
    context = {
        "rows": rows,
        "more": f"?{urlencode({'before': more})}" if more else "",
        "is_first": before is None,
        "newest": rows[0].id if rows else 0,
    }
    return page(request, "desk/notices/list.html", context, here="notices")


@require_POST
@for_agents
def unread(request: AgentRequest) -> HttpResponseBase:
    """Take all as read, up to the one that the page showed first (DELETE)."""
    if verb_of(request) != "DELETE":
        return HttpResponseNotAllowed(["DELETE"])
    reading.read_all(request.by, until=_number(request.POST.get("until", "")) or 0)
    return redirect("notices")


@require_POST
@for_agents
def unread_of_ticket(request: AgentRequest, code: str) -> HttpResponseBase:
    """Take as read what was told of one ticket, which the agent looks at (DELETE); give the number that is left."""
    if verb_of(request) != "DELETE":
        return HttpResponseNotAllowed(["DELETE"])
    reading.read_ticket(request.by, queries.ticket_for(request.by, code))
    return _news(request, since=None)


@require_safe
@for_agents
def news(request: AgentRequest) -> HttpResponse:
    """Give the number that is unread, and what came after the notice `since`, with how to tell it."""
    return _news(request, since=_number(request.GET.get("since", "")))


def _news(request: AgentRequest, since: int | None) -> HttpResponse:
    unread = reading.unread_of(request.by)
    fresh = [] if since is None else reading.news(request.by, since=since, unread=unread)
    [wish] = telling.wishes_of([request.agent.pk]).values()
    context = {
        "unread": unread,
        "news": [
            (one, wish.wants(one.why, Way.SOUND), wish.wants(one.why, Way.BROWSER))
            for one in reading.worded(fresh)
        ],
    }
    return render(request, "desk/notices/news.html", context)


def _number(text: str) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or len(text) > LONGEST:
        raise NotFound
    return int(text)
