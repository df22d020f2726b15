"""Secrets at rest: passwords of relays and mail boxes are sealed before they enter the database.

Whoever reads the database or a backup without the secret key learns nothing from them.
"""

from base64 import urlsafe_b64encode
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class Unreadable(Exception):
    """The secret was sealed with a key that this desk no longer knows; it must be entered again."""


def seal(secret: str) -> str:
    """Return `secret` sealed, as ASCII text; "" stays "", so that emptiness can be seen."""
    return _box().encrypt(secret.encode()).decode("ascii") if secret else ""


def unseal(sealed: str) -> str:
    """Return what `seal` was given.  Raises Unreadable when no known key opens it."""
    if not sealed:
        return ""
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Unreadable from None


def _box() -> MultiFernet:
    return _box_of((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


@lru_cache(maxsize=4)
def _box_of(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(key: str) -> bytes:
    # A key of its own for this purpose: what is signed elsewhere with SECRET_KEY cannot help here.
    derived = HKDF(SHA256(), length=32, salt=None, info=b"deskbell secrets at rest")
    return urlsafe_b64encode(derived.derive(key.encode()))
