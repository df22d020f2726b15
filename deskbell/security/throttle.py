"""Slows down whoever guesses passwords, or does anything else too often.

A try is counted before the password is looked at, so that a thousand tries at once are a thousand tries.
Three counters stand side by side: this account from this network, this network, this account from
anywhere.  The last is generous and its wait short, so that a stranger cannot lock somebody out for long.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from deskbell import clock
from deskbell.errors import TooMany
from deskbell.security.models import Failures

FORGOTTEN_AFTER = timedelta(hours=1)
FIRST_WAIT = timedelta(seconds=15)
MINUTE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Limit:
    """How patient one counter is.

    free     tries without any wait
    longest  the wait never grows beyond this
    """

    name: str
    free: int
    longest: timedelta


PAIR = Limit("pair", 5, timedelta(minutes=15))
NETWORK = Limit("network", 30, timedelta(minutes=15))
ACCOUNT = Limit("account", 50, timedelta(minutes=1))


class TooSoon(TooMany):
    """Somebody must wait before they do it once more."""

    code = "too_soon"
    template = _("Too many tries. Nothing is lost: wait {wait}, then try again.")


class TooManySignIns(TooSoon):
    """Somebody must wait before the next try; says nothing about whether the account exists."""

    code = "too_many_sign_ins"


def count_try(account: str, peer: str) -> None:
    """Count one try to sign in.  Raises TooManySignIns when it comes too early; it is not counted then.

    account  what was typed as the address, any case
    peer     the IP address that it came from
    """
    try:
        _count(_keys(account, peer))
    except TooSoon as error:
        raise TooManySignIns(**error.fields) from None


def count(*acts: tuple[Limit, str]) -> None:
    """Count one act under each of these limits.  Raises TooSoon when it comes too early; it is not counted then.

    acts  pairs of a limit and of whose act it is: a network (network_of), a number …
    """
    _count([(limit, _digest(limit.name, whose)) for limit, whose in acts])


def _count(keys: list[tuple[Limit, str]]) -> None:
    now = clock.now()
    with transaction.atomic():
        counters = [(limit, _row(limit, key, now)) for limit, key in keys]
        waits = [row.locked_until for _, row in counters if row.locked_until]
        if waits and max(waits) > now:
            raise TooSoon(wait=wait_in_words(max(waits) - now))
        for limit, row in counters:
            row.count += 1
            row.last_at = now
            wait = wait_after(row.count, limit)
            row.locked_until = now + wait if wait else None
            row.save()


def succeed(account: str, peer: str) -> None:
    """Forget the failures of this account from this network; the other counters go back by this one try."""
    with transaction.atomic():
        for limit, key in _keys(account, peer):
            row = Failures.objects.select_for_update().filter(pk=key).first()
            if row is None:
                continue
            row.count = 0 if limit is PAIR else max(0, row.count - 1)
            row.locked_until = None
            row.save(update_fields=["count", "locked_until"])


def forget_old() -> int:
    """Delete the counters that nobody has touched for an hour; return how many."""
    return Failures.objects.filter(last_at__lt=clock.now() - FORGOTTEN_AFTER).delete()[0]


def wait_after(count: int, limit: Limit) -> timedelta:
    """Return how long to wait after the `count`th failure: nothing, then 15 s, doubling up to the longest."""
    if count < limit.free:
        return timedelta()
    doublings = min(count - limit.free, 20)
    return min(FIRST_WAIT * (1 << doublings), limit.longest)


def wait_in_words(wait: timedelta) -> str:
    """Return a wait as a person would say it, rounded up."""
    seconds = max(1, round(wait.total_seconds()))
    if seconds < MINUTE_SECONDS:
        return ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds}
    minutes = -(-seconds // MINUTE_SECONDS)
    return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}


def network_of(peer: str) -> str:
    """Return what one subscriber owns: an IPv4 address, or the first 64 bits of an IPv6 address."""
    try:
        address = ip_address(peer)
    except ValueError:
        return peer
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(IPv6Address(int(address) >> 64 << 64))
    return str(address)


def _keys(account: str, peer: str) -> list[tuple[Limit, str]]:
    who, network = account.strip().lower(), network_of(peer)
    return [
        (PAIR, _digest("pair", who, network)),
        (NETWORK, _digest("network", network)),
        (ACCOUNT, _digest("account", who)),
    ]


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode(errors="replace")).hexdigest()


def _row(limit: Limit, key: str, now: datetime) -> Failures:
    row, _made = Failures.objects.select_for_update().get_or_create(
        pk=key, defaults={"last_at": now}
    )
    if row.last_at < now - FORGOTTEN_AFTER:
        row.count, row.locked_until = 0, None
    return row
