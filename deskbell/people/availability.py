"""Who takes work now: switched by hand for each kind of channel, and ended by signing out.

An agent takes what they switched on while they are signed in and were seen lately; so whoever signs out, is
let go or went home without a word takes nothing, and nobody needs to clean up after them.  Mail is the one
channel so far; each other brings a column of its own.
"""

from __future__ import annotations

from datetime import timedelta

from django.db.models import QuerySet

from deskbell import clock
from deskbell.people.models import Agent
from deskbell.security.models import Session

# Whoever asked for no page for so long has gone home.
AWAY_AFTER = timedelta(hours=8)


def take_mail(agent: Agent, *, takes: bool) -> None:
    """Let an agent be given new tickets, or none for now; what is theirs stays theirs."""
    agent.takes_mail = takes
    agent.save(update_fields=["takes_mail"])


def taking_mail() -> QuerySet[Agent]:
    """Return the agents who take new tickets now."""
    return Agent.objects.filter(takes_mail=True, archived_at=None, account_id__in=signed_in())


def signed_in() -> QuerySet[Session, int | None]:
    """Return the numbers of the accounts that are signed in on some device and were seen there lately."""
    now = clock.now()
    sessions = Session.objects.filter(
        expire_date__gt=now, seen_at__gt=now - AWAY_AFTER, account_id__isnull=False
    )
    return sessions.values_list("account_id", flat=True)
