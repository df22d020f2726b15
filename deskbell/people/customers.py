"""Finding the customer behind an address, or meeting them for the first time."""

from __future__ import annotations

import string
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from deskbell import clock, languages
from deskbell.errors import BadInput
from deskbell.people.models import Address, Company, Customer

# What the columns hold; a longer name is cut rather than refused, nobody is turned away for it.
NAME_LENGTH = 200
ADDRESS_LENGTH = 320
# Where a clock stands is noted anew after so long, so that pages can say how old the news is.
CLOCK_KEPT = timedelta(days=1)
SUMMER_MINUTES = 60

SHORTEST_PHONE, LONGEST_PHONE = 3, 20
_OF_PHONES = string.digits + "+-–/.() \xa0"


def customer_for(address: str, name: str = "", *, kind: str = "mail") -> Address:
    """Return the Address row of `address`, made with its customer when it is new.

    address  any case; compared in lower case, whitespace around it ignored
    name     what stood beside the address; kept for a new customer, and for one without a name
    """
    value = address.strip().lower()[:ADDRESS_LENGTH]
    shown = " ".join(name.split())[:NAME_LENGTH]
    found = _find(kind, value)
    if found is None:
        found = _meet(kind, value, shown)
    elif shown and not found.customer.name:
        Customer.objects.filter(pk=found.customer_id, name="").update(name=shown)
        found.customer.name = shown
    return found


def is_good_again(address: Address) -> None:
    """Note that letters to this address need not come back any more: somebody has written from it."""
    if address.bad_since is not None:
        address.bad_since = None
        address.save(update_fields=["bad_since"])


def note_clock(address: Address, minutes: int | None, at: datetime) -> None:
    """Note where the clock of who writes from this address stands, as the letter that came `at` tells.

    minutes  east of UTC; None where the letter does not say; 0 may be England in winter, or a server that does not
             know, so it only ends what could be England in summer
    """
    known, told_at = address.utc_offset, address.offset_at
    if minutes is None or (told_at is not None and at < told_at):
        return
    if minutes == 0:
        if known is None or abs(known) > SUMMER_MINUTES:
            return
        address.utc_offset = address.offset_at = None
    elif minutes != known or told_at is None or at - told_at > CLOCK_KEPT:
        address.utc_offset, address.offset_at = minutes, at
    else:
        return
    address.save(update_fields=["utc_offset", "offset_at"])


def last_clock(addresses: Iterable[Address]) -> Address | None:
    """Return the one of these addresses that told last where its writer's clock stands; None where none did."""
    told = [(one.offset_at, one.pk, one) for one in addresses if one.offset_at is not None]
    return max(told)[2] if told else None


def phone_number(typed: str) -> str:
    """Return a phone number as it is compared: digits, with the + before them if it stood there; "" for none.

    Raises BadInput("phone") for what can be none (ITU-T E.164 has 15 digits at the most; extensions make it longer).
    """
    bare = typed.strip()
    if not bare:
        return ""
    digits = "".join(char for char in bare if char in string.digits)
    if not SHORTEST_PHONE <= len(digits) <= LONGEST_PHONE or set(bare) - set(_OF_PHONES):
        raise BadInput("phone", _("This is no phone number; it looks like +36 1 234 5678."))
    return f"+{digits}" if bare.startswith("+") else digits


def known_address(value: str, *, kind: str = "mail") -> Address | None:
    """Return the row of an address that somebody has written from or to; None for one that is new."""
    return _find(kind, value.strip().lower())


def also_theirs(address: Address, value: str) -> Address:
    """Return the mail address `value`: one more of the customer at `address` where it is new."""
    also_reached_at(address.customer, value.strip().lower()[:ADDRESS_LENGTH], kind="mail")
    return customer_for(value, address.name)


def also_reached_at(customer: Customer, value: str, *, kind: str) -> None:
    """Note one more address of a customer; one that is somebody else's stays theirs."""
    Address.objects.bulk_create(
        [Address(kind=kind, value=value, customer=customer)], ignore_conflicts=True
    )


def change_customer(customer: Customer, *, name: str, language: str, company: str) -> None:
    """Change what is known of a customer.

    name      "" while nobody told us
    language  one that the desk speaks, "" while unknown
    company   a name; one that is new is made, "" is none
    Raises BadInput with the field that cannot be used.
    """
    if language and language not in languages.spoken():
        raise BadInput("language", _("Choose one of the languages."))
    customer.name = " ".join(name.replace("\x00", "").split())[:NAME_LENGTH]
    customer.language = language
    with transaction.atomic():
        customer.company = _company(" ".join(company.replace("\x00", "").split())[:NAME_LENGTH])
        customer.save(update_fields=("name", "language", "company"))


def _company(name: str) -> Company | None:
    if not name:
        return None
    return Company.objects.filter(name__iexact=name).first() or Company.objects.create(name=name)


def survivor(customer: Customer) -> Customer:
    """Return the customer that this one was merged into, or itself; pointers are followed to the end."""
    while customer.merged_into is not None:
        customer = customer.merged_into
    return customer


def addresses_of(customer: Customer) -> list[Address]:
    """Return every address of a customer, and of those who were merged into them; one query a level."""
    found, level = set[int](), {customer.pk}
    while level:
        found |= level
        merged = Customer.objects.filter(merged_into__in=level).values_list("pk", flat=True)
        level = set(merged) - found
    return list(Address.objects.filter(customer__in=found).order_by("pk"))


def forget(customer: Customer) -> None:
    """Blank what is known of a customer: name, company, language, addresses.  The rows stay, tickets point at them."""
    for address in customer.addresses.all():
        address.value, address.name = f"erased-{address.pk}", ""
        address.utc_offset = address.offset_at = None
        address.save(update_fields=("value", "name", "utc_offset", "offset_at"))
    customer.name = customer.language = ""
    customer.company = None
    customer.erased_at = clock.now()
    customer.save(update_fields=("name", "language", "company", "erased_at"))


def _find(kind: str, value: str) -> Address | None:
    return Address.objects.select_related("customer").filter(kind=kind, value=value).first()


def _meet(kind: str, value: str, name: str) -> Address:
    """Make the customer and the address; when another transaction was faster, take what it made."""
    with transaction.atomic(savepoint=False):
        customer = Customer.objects.create(name=name)
        Address.objects.bulk_create(
            [Address(kind=kind, value=value, customer=customer, name=name)], ignore_conflicts=True
        )
        address = Address.objects.select_related("customer").get(kind=kind, value=value)
        if address.customer_id != customer.pk:
            customer.delete()
    return address
