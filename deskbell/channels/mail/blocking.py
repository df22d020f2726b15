"""Senders who are heard no more: their letters are kept and shown, and make neither ticket nor message.

Asked by read.py for every letter; pages and the API block and unblock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from deskbell import access, clock
from deskbell.channels.mail.addresses import bare
from deskbell.channels.mail.models import BlockedSender, MailBox
from deskbell.errors import BadInput
from deskbell.people.models import Account

if TYPE_CHECKING:
    from deskbell.people.actors import Actor


def block(sender: str, *, by: Actor) -> BlockedSender:
    """Hear no more of a sender; twice is once.  What they wrote so far stays.

    sender  an address, or @ and a domain for everybody there
    Raises NotAllowed, BadInput for what is neither, or ours.
    """
    access.require(by, "block_sender")
    clean = _checked(sender)
    with transaction.atomic():
        return BlockedSender.objects.get_or_create(
            sender=clean, defaults={"blocked_at": clock.now(), "blocked_by_id": by.id}
        )[0]


def unblock(blocked: BlockedSender, *, by: Actor) -> None:
    """Hear of a sender again; letters that came meanwhile can be read from the list of letters.  Raises NotAllowed."""
    access.require(by, "block_sender")
    blocked.delete()


def is_blocked(address: str) -> bool:
    """Return whether nobody is to hear of this address."""
    value = address.strip().lower()
    forms = [value, f"@{value.rpartition('@')[2]}"]
    return BlockedSender.objects.filter(sender__in=forms).exists()


def _checked(sender: str) -> str:
    typed = sender.strip().lower()
    is_domain = typed.startswith("@")
    whole = f"somebody{typed}" if is_domain else typed
    if bare(whole) != whole or "." not in whole.rpartition("@")[2]:
        raise BadInput(
            "sender",
            _("Write a whole mail address, or @ and a domain: spam@example.com, @example.com."),
        )
    if _is_ours(typed, is_domain=is_domain):
        raise BadInput("sender", _("This is an address of the desk or of an agent."))
    return typed


def _is_ours(sender: str, *, is_domain: bool) -> bool:
    boxes, accounts = MailBox.objects.all(), Account.objects.filter(is_active=True)
    if is_domain:
        return (
            boxes.filter(address__endswith=sender).exists()
            or accounts.filter(email__endswith=sender).exists()
        )
    return boxes.filter(address=sender).exists() or accounts.filter(email=sender).exists()
