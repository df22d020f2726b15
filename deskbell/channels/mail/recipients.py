"""For whom a letter is: which addresses are ours, and which department gets it.

Asked by the SMTP server for each recipient and by read.py for each letter.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from django.utils.translation import gettext_lazy as _

from deskbell.channels.inbound import Inbound
from deskbell.channels.mail import replies
from deskbell.channels.mail.addresses import bare
from deskbell.channels.mail.models import MailBox
from deskbell.errors import Conflict
from deskbell.people.models import Department


class NoDepartment(Conflict):
    """The desk has no department yet, so no letter can become a ticket."""

    code = "no_department"
    template = _("The desk has no department yet.")


def department_for(
    inbound: Inbound, rcpt: Iterable[str], fetched: MailBox | None = None
) -> Department:
    """Return the department that a letter is for.

    By the envelope (of several there, by the one that stands first in To, then Cc), else by what servers
    on the way wrote down, else by the first address of ours in To, then Cc, else by the mail box that it was
    fetched for, else the first department.

    fetched  that mail box; None for a letter that was brought to us
    Raises NoDepartment.
    """
    written_to = [address for address, _name in (*inbound.to, *inbound.cc)]
    addresses = (*_as_written(rcpt, written_to), *inbound.delivered_to, *written_to)
    box = first_box(addresses) or fetched
    if box is not None and box.department.archived_at is None:
        return box.department
    department = Department.objects.filter(archived_at=None).order_by("id").first()
    if department is None:
        raise NoDepartment
    return department


def _as_written(rcpt: Iterable[str], written_to: Sequence[str]) -> list[str]:
    """Return the recipients as their sender wrote them: servers on the way put them in an order of their own."""
    place = {address: number for number, address in reversed(list(enumerate(written_to)))}
    return sorted(rcpt, key=lambda address: place.get(address, len(written_to)))


def first_box(addresses: Iterable[str]) -> MailBox | None:
    """Return the mail box of the first of `addresses` that is ours; an address with +anything counts."""
    wanted = [form for address in addresses for form in forms(address)]
    boxes = MailBox.objects.filter(address__in=wanted, archived_at=None).select_related(
        "department"
    )
    by_address = {box.address: box for box in boxes}
    return next((by_address[form] for form in wanted if form in by_address), None)


def own(addresses: Collection[str]) -> set[str]:
    """Return those of `addresses` that lead to a mail box of ours; one query."""
    wanted = {form for address in addresses for form in forms(address)}
    boxes = MailBox.objects.filter(address__in=wanted, archived_at=None)
    known = set(boxes.values_list("address", flat=True))
    return {address for address in addresses if known.intersection(forms(address))}


def forms(address: str) -> list[str]:
    """Return `address` as it stands and without what follows a + in it."""
    value = bare(address)
    local, at, domain = value.rpartition("@")
    plain = f"{local.partition('+')[0]}{at}{domain}"
    return [value, plain] if plain != value else [value]


def is_ours(address: str) -> bool | None:
    """Return whether `address` is one of ours; None while there is no mail box at all.

    The postmaster of a domain of ours is always taken: RFC 5321 wants it.  An address to answer notices at is ours
    when it is genuine.
    """
    if replies.looks_like_one(address):
        return replies.read(address) is not None
    if first_box([address]) is not None:
        return True
    boxes = MailBox.objects.filter(archived_at=None)
    local, _at, domain = address.rpartition("@")
    if local == "postmaster" and boxes.filter(address__endswith=f"@{domain}").exists():
        return True
    return False if boxes.exists() else None
