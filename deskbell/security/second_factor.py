"""The second factor: codes of an app (TOTP, RFC 6238), and recovery codes for the day it is gone.

Passkeys, which are a factor as well, stand in passkeys.py.  Whether an account has any is also told by
people.Account.has_second_factor; deskbell/people/factors.py keeps the two together.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets as random

import pyotp
import segno
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from deskbell import clock
from deskbell.errors import BadInput
from deskbell.security.models import Authenticator, Passkey, RecoveryCode
from deskbell.security.secrets import Unreadable, seal, unseal

STEP_SECONDS = 30  # RFC 6238, 5.2
# A code of the step before or after counts: clocks of phones go wrong, and people type slowly.
WINDOW = 1

RECOVERY_CODES = 10
# Without what reads alike: 0 and o, 1 and l.
_LETTERS = "23456789abcdefghijkmnpqrstuvwxyz"
_HALF = 5


def new_secret() -> str:
    """Return a secret that an app can be told, as base32."""
    return pyotp.random_base32()


def address_of(secret: str, *, account: str, desk: str) -> str:
    """Return the otpauth:// address of a secret, which apps read from a picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=desk or "Deskbell")


def picture_of(address: str) -> str:
    """Return the address as a QR code: an SVG element without style, to stand in a page."""
    return segno.make(address, error="m").svg_inline(
        scale=4, border=2, dark="#000", light="#fff", omitsize=True
    )


def begin(account_id: int, secret: str, code: str) -> None:
    """Make the app of this secret a factor of the account, once it has shown the right code.

    Raises BadInput("code") for a wrong one.
    """
    step = _step_of(secret, code, after=0)
    if step is None:
        raise BadInput(
            "code", _("This code is not right. Wait for the next one, and check the phone's time.")
        )
    values = {"secret": seal(secret), "last_step": step, "created_at": clock.now()}
    Authenticator.objects.update_or_create(
        account_id=account_id, defaults={**values, "last_used_at": None}
    )


def end(account_id: int) -> None:
    """Let the account's app count no more."""
    Authenticator.objects.filter(account_id=account_id).delete()


def is_right(account_id: int, code: str) -> bool:
    """Return whether `code` is the app's of now, or a recovery code; either works once."""
    return _is_of_app(account_id, code) or _is_recovery(account_id, code)


def has_any(account_id: int) -> bool:
    """Return whether the account has a factor beside its password; recovery codes alone are none."""
    return (
        Authenticator.objects.filter(account_id=account_id).exists()
        or Passkey.objects.filter(account_id=account_id).exists()
    )


def new_recovery_codes(account_id: int) -> list[str]:
    """Return ten new codes, shown this once; those of before work no more."""
    codes = [_random_code() for _ in range(RECOVERY_CODES)]
    with transaction.atomic():
        RecoveryCode.objects.filter(account_id=account_id).delete()
        RecoveryCode.objects.bulk_create(
            RecoveryCode(account_id=account_id, digest=_digest(account_id, code)) for code in codes
        )
    return codes


def recovery_codes_left(account_id: int) -> int:
    """Return how many recovery codes still work."""
    return RecoveryCode.objects.filter(account_id=account_id, used_at=None).count()


def forget_all(account_id: int) -> None:
    """Take every factor of the account away: app, passkeys, recovery codes."""
    with transaction.atomic():
        for table in (Authenticator, Passkey, RecoveryCode):
            table.objects.filter(account_id=account_id).delete()


def _is_of_app(account_id: int, code: str) -> bool:
    app = Authenticator.objects.filter(account_id=account_id).first()
    if app is None:
        return False
    try:
        step = _step_of(unseal(app.secret), code, after=app.last_step)
    except Unreadable:  # sealed with a lost key: a recovery code, or an admin, helps
        return False
    if step is None:
        return False
    # Taken by whoever writes it first: the same code, seen over a shoulder, opens nothing (RFC 6238, 5.2).
    used = Authenticator.objects.filter(pk=app.pk, last_step=app.last_step)
    return used.update(last_step=step, last_used_at=clock.now()) == 1


def _step_of(secret: str, code: str, *, after: int) -> int | None:
    """Return the step whose code this is, of those near now and later than `after`; None when it is none."""
    typed = "".join(code.split())
    now = int(clock.now().timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    fitting = [
        step
        for step in range(now - WINDOW, now + WINDOW + 1)
        if hmac.compare_digest(totp.generate_otp(step), typed.encode("ascii", "replace").decode())
    ]
    return next((step for step in fitting if step > after), None)


def _is_recovery(account_id: int, code: str) -> bool:
    digest = _digest(account_id, code)
    found = RecoveryCode.objects.filter(account_id=account_id, digest=digest, used_at=None)
    return found.update(used_at=clock.now()) == 1


def _random_code() -> str:
    letters = "".join(random.choice(_LETTERS) for _ in range(2 * _HALF))
    return f"{letters[:_HALF]}-{letters[_HALF:]}"


def _digest(account_id: int, code: str) -> str:
    bare = "".join(char for char in code.lower() if char.isalnum())
    # 50 bits of chance and a key that no backup of the database alone holds: a plain digest is enough.
    text = f"deskbell recovery code\n{account_id}\n{bare}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), text, hashlib.sha256).hexdigest()
