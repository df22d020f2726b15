"""The sweep that the rail of this browser shows, until it is put away: its number stands in the session.

So a page of somebody without one costs no query, and the bar is there on whichever page one goes to.
"""

from __future__ import annotations

from deskbell.sweeps import reading, undoing
from deskbell.sweeps.models import Sweep
from deskbell.web.desk.sweep_words import Told, told
from deskbell.web.visit import AgentRequest

_SWEEP = "sweep"


def show(request: AgentRequest, sweep: Sweep) -> None:
    """Let the rail show this sweep from now on."""
    request.session[_SWEEP] = sweep.pk


def put_away(request: AgentRequest) -> None:
    """Let the rail show none."""
    request.session.pop(_SWEEP, None)


def shown(request: AgentRequest) -> Told | None:
    """Return what the rail shows: a sweep that is going, or may still be taken back; None for nothing.

    Of one that took another back its end is shown once: nothing more is to be done about it.
    """
    number = request.session.get(_SWEEP)
    sweep = reading.of(request.by).filter(pk=number).first() if number else None
    if sweep is None or not (sweep.is_going or undoing.is_in_time(sweep)):
        return None
    [found] = told([sweep])
    if not (sweep.is_going or found.may_undo):
        put_away(request)
    return found
