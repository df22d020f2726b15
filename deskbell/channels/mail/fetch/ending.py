"""Tells by letter, to whoever administers, that a provider will soon let the desk into a mail box no more.

The timetable calls it.  Each stage is told once: whoever writes it on the source's row first writes the letters, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import transaction

from deskbell import access, clock
from deskbell.channels.mail import outbox
from deskbell.channels.mail.fetch import sources, tokens
from deskbell.channels.mail.models import Delivery, Source
from deskbell.people.actors import Actor
from deskbell.people.models import Account, Agent

log = structlog.get_logger(__name__)

# So many days before; 0 when it has run out.
STAGES = (0, 1, 3, 14)
# Ends that differ by less are the same one, told in seconds from now each time.
SAME_END = timedelta(days=1)
# With these a provider says itself that it is over.
_OVER = frozenset({"app_refused", "oauth_revoked"})


@dataclass(frozen=True, slots=True)
class Ending:
    """That letters of a mail box will not be fetched any more.

    days       the stage: so many days are left at the most; 0: it is over
    at         None where nobody had said when it would be
    is_secret  the secret of the desk's app runs out, so a new one is to be entered for its provider
    """

    source: Source
    days: int
    at: datetime | None
    is_secret: bool


def tell_when_due() -> None:
    """Write a letter to each who administers, of all that has come nearer; stands in the timetable, every hour."""
    found = {one.source.pk: one for one in endings()}
    with transaction.atomic():
        _forget_what_is_well_again(list(found))
        news = [one for one in found.values() if _is_news(one) and _claim(one)]
        for account in _who_administer() if news else ():
            outbox.write_to_account(account, Delivery.Purpose.PERMISSION_ENDS)
    if news:
        log.info("permission.ends", sources=[one.source.pk for one in news])


def endings() -> list[Ending]:
    """Return what ends within two weeks, or is over, by the address of the mail box."""
    some = sources.wanted().exclude(app=None).select_related("grant").order_by("box__address")
    return [found for one in some if (found := _ending_of(one))]


def unwanted_because() -> str:
    """Return why the letter should not leave any more, as a code; "" when it should."""
    return "" if endings() else "renewed_first"


def _ending_of(source: Source) -> Ending | None:
    end = tokens.end_of(source)
    left = end.at - clock.now() if end else None
    is_secret = end is not None and end.is_secret
    if source.permanent and source.reason in _OVER:
        is_known = left is not None and left <= timedelta()
        return Ending(
            source, 0, end.at if end and is_known else None, source.reason == "app_refused"
        )
    days = stage_of(left) if left is not None else None
    return Ending(source, days, end.at, is_secret) if end and days is not None else None


def stage_of(left: timedelta) -> int | None:
    """Return the last stage that has begun when so much time is left; None before the first."""
    return next((days for days in STAGES if left <= timedelta(days=days)), None)


def _is_news(ending: Ending) -> bool:
    source = ending.source
    if source.told_days is None or ending.days < source.told_days:
        return True
    if ending.days == 0 or ending.at is None or source.told_end is None:
        return False  # that it is over is told once, whoever said so
    return abs(ending.at - source.told_end) > SAME_END


def _claim(ending: Ending) -> bool:
    source = ending.source
    same = Source.objects.filter(pk=source.pk, told_days=source.told_days, told_end=source.told_end)
    return same.update(told_days=ending.days, told_end=ending.at) == 1


def _forget_what_is_well_again(ending: list[int]) -> None:
    Source.objects.exclude(told_days=None).exclude(pk__in=ending).update(
        told_days=None, told_end=None
    )


def _who_administer() -> list[Account]:
    working = Agent.objects.filter(archived_at=None, account__is_active=True)
    people = working.select_related("account").order_by("id")
    return [one.account for one in people if access.may(Actor.agent(one), "administer")]
