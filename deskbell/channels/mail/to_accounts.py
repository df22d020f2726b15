"""Letters to people of ours: an invitation, a link to choose a new password.  Pages and the API call it."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from deskbell import clock
from deskbell.channels.mail.models import Delivery
from deskbell.channels.mail.outbox import write_to_account
from deskbell.people.models import Account
from deskbell.work.jobs import enqueue, job

Purpose = Delivery.Purpose

LOST_PASSWORD_JOB = "lost_password"  # noqa: S105  a name

LONGEST_ADDRESS = 254  # of an account

# Whoever asks again and again fills nobody's mail box.
QUIET = timedelta(minutes=5)


def invite(account: Account) -> Delivery:
    """Send a link to choose a password: the first one as an invitation, later ones as a new password."""
    is_new = not account.has_usable_password()
    return write_to_account(account, Purpose.INVITATION if is_new else Purpose.NEW_PASSWORD)


def ask_for_new_password(email: str) -> None:
    """Somebody says that they lost the password of this address; whether it is anybody's shows nowhere.

    The look-up is a job's, so that the answer takes equally long for every address.
    """
    clean = email.strip().lower()
    if len(clean) <= LONGEST_ADDRESS:
        digest = hashlib.sha256(clean.encode(errors="replace")).hexdigest()
        enqueue(LOST_PASSWORD_JOB, key=digest, email=clean)


@job(LOST_PASSWORD_JOB)
def lost_password(email: str) -> None:
    """Send a link to whoever signs in with `email`, unless one went out just now; else nothing."""
    with transaction.atomic():
        # Locked: the same job at once, and it is one letter all the same.
        found = Account.objects.select_for_update().filter(email=email, is_active=True)
        account = found.filter(agent__archived_at=None, agent__isnull=False).first()
        if account is None or _just_written_to(account):
            return
        invite(account)


def _just_written_to(account: Account) -> bool:
    """Whether a letter with a link was sent, or waits to be, so shortly before that no second one is wanted."""
    letters = account.deliveries.filter(
        purpose__in=(Purpose.INVITATION, Purpose.NEW_PASSWORD), address=account.email
    )
    waits = Q(first_at=None, state__in=Delivery.PENDING)
    return letters.filter(waits | Q(first_at__gt=clock.now() - QUIET)).exists()
