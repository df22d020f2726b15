"""Beginning and ending the second factor of an account, with Account.has_second_factor kept right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import transaction

from deskbell.people.models import Account, Desk
from deskbell.security import passkeys, second_factor
from deskbell.security.models import Passkey
from deskbell.security.passkeys import Site


def begin_codes(account: Account, secret: str, code: str) -> list[str]:
    """Make an app that shows codes a factor; return recovery codes to show once, or none when there are some.

    Raises BadInput("code").
    """
    with _locked(account):
        second_factor.begin(account.pk, secret, code)
        return _settled(account)


def end_codes(account: Account) -> None:
    """Let the app count no more."""
    with _locked(account):
        second_factor.end(account.pk)
        _settled(account)


def add_passkey(
    account: Account, site: Site, state: Mapping[str, Any], answer: Mapping[str, Any], *, name: str
) -> tuple[Passkey, list[str]]:
    """Keep a new passkey; return it with recovery codes to show once, or none.  Raises PasskeyRefused."""
    with _locked(account):
        made = passkeys.keep_new(site, account.pk, state, answer, name=name)
        return made, _settled(account)


def forget_passkey(account: Account, number: int) -> None:
    """Let one passkey count no more."""
    with _locked(account):
        passkeys.forget(account.pk, number)
        _settled(account)


def take_away(account: Account) -> None:
    """Take every factor of somebody away, who lost them: they sign in by password, and begin anew."""
    with _locked(account):
        second_factor.forget_all(account.pk)
        _settled(account)


def new_recovery_codes(account: Account) -> list[str]:
    """Return new recovery codes, shown this once; those of before work no more."""
    with _locked(account):
        return second_factor.new_recovery_codes(account.pk)


def is_missing(account: Account, desk: Desk) -> bool:
    """Whether the desk wants a second factor of everybody and this account has none."""
    return desk.needs_second_factor and not account.has_second_factor


def want_of_everybody(*, wanted: bool) -> None:
    """Let nobody work with a password alone, or let them again."""
    Desk.get()
    Desk.objects.filter(pk=1).update(needs_second_factor=wanted)


@contextmanager
def _locked(account: Account) -> Iterator[None]:
    """Let one change of an account's factors follow the other: what is written of them tells of all."""
    with transaction.atomic():
        Account.objects.select_for_update().get(pk=account.pk)
        yield


def _settled(account: Account) -> list[str]:
    """Write down whether the account has a factor; return new recovery codes when it just got its first."""
    has_any = second_factor.has_any(account.pk)
    if not has_any:
        second_factor.forget_all(account.pk)
    account.has_second_factor = has_any
    account.save(update_fields=["has_second_factor"])
    is_first = has_any and not second_factor.recovery_codes_left(account.pk)
    return second_factor.new_recovery_codes(account.pk) if is_first else []
