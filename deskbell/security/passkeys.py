"""Passkeys (WebAuthn): keys of a device that sign in without a password, or as the second step after one.

fido2 does the cryptography; here stands what is asked of a browser, and what is kept.  What `options` gives goes
to the browser, `state` stays in the session until the answer comes.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from deskbell import clock
from deskbell.errors import DeskError
from deskbell.security.models import Passkey

LONGEST_NAME = 60


class PasskeyRefused(DeskError):
    """What the browser brought does not fit what was asked of it."""

    code = "passkey_refused"
    status = 403
    template = gettext_lazy("This passkey was not accepted. Nothing has changed; try again.")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of the browser, and what must be remembered until it answers."""

    options: dict[str, Any]
    state: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Site:
    """Where the desk is, as browsers see it.

    host    without the port: passkeys belong to it
    origin  scheme, host and port
    """

    host: str
    origin: str
    team: str


def ask_for_new(site: Site, account_id: int, *, email: str, name: str) -> Asked:
    """Ask the browser for a new passkey, which signs in without anything else."""
    user = PublicKeyCredentialUserEntity(
        id=_handle(account_id), name=email, display_name=name or email
    )
    options, state = _server(site).register_begin(
        user,
        credentials=[_credential(one) for one in Passkey.objects.filter(account_id=account_id)],
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return Asked(dict(options), state)


def keep_new(
    site: Site, account_id: int, state: Mapping[str, Any], answer: Mapping[str, Any], *, name: str
) -> Passkey:
    """Keep the passkey that the browser made.  Raises PasskeyRefused."""
    try:
        made = _server(site).register_complete(dict(state), dict(answer))
    except (ValueError, KeyError, TypeError):
        raise PasskeyRefused from None
    credential = made.credential_data
    if credential is None:
        raise PasskeyRefused
    try:
        with transaction.atomic():
            return Passkey.objects.create(
                account_id=account_id,
                name=" ".join(name.split())[:LONGEST_NAME] or _("Passkey"),
                credential_id=websafe_encode(credential.credential_id),
                credential=bytes(credential),
                sign_count=made.counter,
                created_at=clock.now(),
            )
    except IntegrityError:
        raise PasskeyRefused from None


def ask_for_one(site: Site, account_id: int | None = None) -> Asked:
    """Ask the browser for a passkey.

    account_id  whose; None: anybody's, to sign in without a password
    """
    theirs = Passkey.objects.filter(account_id=account_id) if account_id is not None else ()
    options, state = _server(site).authenticate_begin(
        credentials=[_credential(one) for one in theirs] or None,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return Asked(dict(options), state)


def owner_of(site: Site, state: Mapping[str, Any], answer: Mapping[str, Any]) -> int:
    """Return the number of the account whose passkey the browser brought.  Raises PasskeyRefused."""
    try:
        response = AuthenticationResponse.from_dict(dict(answer))
        found = Passkey.objects.filter(credential_id=websafe_encode(response.raw_id))
        keys = list(found)
        _server(site).authenticate_complete(
            dict(state), [_credential(one) for one in keys], response
        )
        count = response.response.authenticator_data.counter
    except (ValueError, KeyError, TypeError):
        raise PasskeyRefused from None
    [key] = keys
    # A counter that does not grow tells of a copy (WebAuthn, 7.2, step 22); most passkeys do not count.
    if (count or key.sign_count) and count <= key.sign_count:
        raise PasskeyRefused
    Passkey.objects.filter(pk=key.pk).update(sign_count=count, last_used_at=clock.now())
    return key.account_id


def of(account_id: int) -> Sequence[Passkey]:
    """Return the passkeys of an account."""
    return list(Passkey.objects.filter(account_id=account_id))


def forget(account_id: int, number: int) -> None:
    """Let a passkey of this account count no more."""
    Passkey.objects.filter(account_id=account_id, pk=number).delete()


def _server(site: Site) -> Fido2Server:
    entity = PublicKeyCredentialRpEntity(id=site.host, name=site.team or "Deskbell")
    return Fido2Server(entity, verify_origin=lambda origin: origin == site.origin)


def _credential(key: Passkey) -> AttestedCredentialData:
    return AttestedCredentialData(bytes(key.credential))


def _handle(account_id: int) -> bytes:
    """Return what the device calls the account: nothing about anybody (WebAuthn, 14.6.1)."""
    text = f"deskbell passkey of {account_id}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), text, hashlib.sha256).digest()
