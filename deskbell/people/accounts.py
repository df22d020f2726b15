"""Accounts: addresses that are one person's, passwords that hold, links that let somebody choose one."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.encoding import force_bytes, force_str
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode
from django.utils.translation import gettext as _

from deskbell.errors import BadInput, NotFound
from deskbell.people.models import Account
from deskbell.security import sessions


def checked_name(name: str, field: str = "name", longest: int = 150) -> str:
    """Return `name` with its whitespace put right.  Raises BadInput when nothing is left, or too much."""
    clean = " ".join(name.split())
    if not clean:
        raise BadInput(field, _("Please write a name here."))
    if len(clean) > longest:
        raise BadInput(field, _("This is too long; %(n)d letters fit.") % {"n": longest})
    return clean


def checked_email(email: str, field: str = "email", *, besides: Account | None = None) -> str:
    """Return `email` in lower case.  Raises BadInput unless it is one, and nobody else's.

    besides  the account that may keep it
    """
    clean = email.strip().lower()
    try:
        validate_email(clean)
    except ValidationError:
        raise BadInput(
            field, _("This is not a whole mail address; it looks like name@example.com.")
        ) from None
    taken = Account.objects.filter(email=clean)
    if (taken.exclude(pk=besides.pk) if besides else taken).exists():
        raise BadInput(field, _("Somebody with this address is already here."))
    return clean


def checked_password(password: str, account: Account, field: str = "password") -> str:
    """Return `password` when it is hard to guess.  Raises BadInput with what is wrong with it."""
    try:
        validate_password(password, account)
    except ValidationError as error:
        raise BadInput(field, " ".join(error.messages)) from None
    return password


def invitation_for(account: Account) -> str:
    """Return the path of a page where the owner of `account` may choose a password: once, within three days."""
    number = urlsafe_base64_encode(force_bytes(account.pk))
    return f"/invitation/{number}/{default_token_generator.make_token(account)}"


def invited(number: str, token: str) -> Account:
    """Return whom an invitation is for.  Raises NotFound when it is used, too old or not ours."""
    try:
        account = Account.objects.get(
            pk=int(force_str(urlsafe_base64_decode(number))), is_active=True
        )
    except (ValueError, OverflowError, Account.DoesNotExist):
        raise NotFound from None
    if not default_token_generator.check_token(account, token):
        raise NotFound
    return account


def choose_password(account: Account, password: str, *, stays: str | None = None) -> None:
    """Set a password; every session of the account ends.  Raises BadInput when it is too easy.

    stays  the key of a session that goes on, whose caller sees to its hash
    """
    account.set_password(checked_password(password, account))
    with transaction.atomic():
        account.save(update_fields=["password"])
        # Their keys no longer fit anyway (Django's session hash); so the list of them is right at once.
        sessions.end_all(account.pk, besides=stays)
