"""Rendering a page of the desk: the rail around it comes from here, so that no view forgets it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from deskbell.notices.reading import Unread
from deskbell.web.desk import sweeping
from deskbell.web.desk.rail import rail_for
from deskbell.web.visit import AgentRequest


def page(
    request: AgentRequest,
    template: str,
    context: dict[str, Any],
    *,
    here: str = "",
    department_id: int | None = None,
    unread: Unread | None = None,
    status: int = 200,
) -> HttpResponse:
    """Return the page `template` with the rail around it.

    here    the view or room that the rail marks as the one you are in
    unread  what this agent has not read yet, for who has asked already
    """
    framed = {
        "rail": rail_for(request, here, department_id, unread),
        "sweeping": sweeping.shown(request),
        **context,
    }
    return render(request, template, framed, status=status)
