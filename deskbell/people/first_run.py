"""The first run: whoever holds the one-time token becomes the owner, once."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from django.db import transaction
from django.utils.translation import gettext as _

from deskbell import clock
from deskbell.errors import NotAllowed
from deskbell.people.accounts import checked_email, checked_name, checked_password
from deskbell.people.models import Account, Agent, Department, Desk, Membership
from deskbell.people.zones import first_zone


def new_token() -> str:
    """Make the one-time token, keep its hash (the one before is worth nothing any more), and return it."""
    token = secrets.token_urlsafe(24)
    Desk.get()
    Desk.objects.filter(pk=1, set_up_at=None).update(setup_token_hash=hash_of(token))
    return token


def hash_of(token: str) -> str:
    """Return what is kept of a token: it is random, so a plain sha256 is enough."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def opens(desk: Desk, token: str) -> bool:
    """Return whether `token` is the one that makes somebody the owner of `desk`."""
    if desk.set_up_at is not None or not desk.setup_token_hash:
        return False
    return hmac.compare_digest(hash_of(token), desk.setup_token_hash)


def set_up(
    token: str, *, name: str, email: str, password: str, team: str, language: str, zone: str = ""
) -> Agent:
    """Make the owner and name the desk, in one transaction; the token is used up by it.

    zone  of the owner's browser; "" where it told none: then the machine's counts

    Raises NotAllowed without the right token, BadInput for what cannot be used.
    """
    with transaction.atomic():
        Desk.get()
        desk = Desk.objects.select_for_update().get(pk=1)
        if not opens(desk, token):
            raise NotAllowed
        owner = _owner(name, email, password, language)
        department = Department.objects.filter(archived_at=None).first()
        Membership.objects.create(
            agent=owner, department=department or Department.objects.create(name=_("Support"))
        )
        desk.name = checked_name(team, "team", 100)
        desk.language = language
        desk.time_zone = first_zone(zone)
        desk.set_up_at = clock.now()
        desk.setup_token_hash = ""
        desk.save(update_fields=["name", "language", "time_zone", "set_up_at", "setup_token_hash"])
    return owner


def _owner(name: str, email: str, password: str, language: str) -> Agent:
    shown = checked_name(name)
    account = Account(name=shown, email=checked_email(email), language=language)
    account.set_password(checked_password(password, account))
    account.save()
    return Agent.objects.create(account=account, role=Agent.Role.OWNER, name=shown)
