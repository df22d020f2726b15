"""Rendering a page of the desk: the rail around it comes from here, so that no view forgets it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from deskbell.web.desk.rail import rail_for
from deskbell.web.visit import AgentRequest


def page(
    request: AgentRequest,
    template: str,
    context: dict[str, Any],
    *,
    here: str = "",
    department_id: int | None = None,
    status: int = 200,
) -> HttpResponse:
    """Return the page `template` with the rail around it.

    here  the view or room that the rail marks as the one you are in
    """
    framed = {"rail": rail_for(request, here, department_id), **context}
    return render(request, template, framed, status=status)
