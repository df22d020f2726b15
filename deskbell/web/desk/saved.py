"""Finding a saved view for whoever asks for it at a page; pages, the rail and live rows share it."""

from __future__ import annotations

from deskbell.errors import NotFound
from deskbell.saved_views import reading
from deskbell.saved_views.models import SavedView
from deskbell.web.visit import AgentRequest


def saved_view_of(request: AgentRequest, number: int | str) -> SavedView:
    """Return the saved view of this number.  Raises NotFound, and SomebodysOwn for a colleague's private one."""
    if not str(number).isascii() or not str(number).isdecimal():
        raise NotFound
    return reading.view_for(request.desk.views, request.standing, int(number))
