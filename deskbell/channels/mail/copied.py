"""Whom a letter names beside us: its writer wants them to hear what is answered, and to be heard.

Asked by read.py; the actions let them take part.
"""

from __future__ import annotations

from collections.abc import Iterable

from deskbell.channels.inbound import Inbound, Named
from deskbell.channels.mail import recipients, replies, screen
from deskbell.channels.mail.models import MailBox
from deskbell.people.models import Account

# Who writes to more than these at once sends round a letter; nobody discusses a ticket among so many.
MOST = 20


def copied(inbound: Inbound, came_to: Iterable[str] = ()) -> tuple[Named, ...]:
    """Return whom To and Cc name who is neither the sender nor ours nor a machine; nobody of too many.

    came_to  the addresses by which it came here: they lead to us, whatever we know of them
    While the desk has no mail box it knows itself by `came_to` alone, and takes all of those domains for its own; a
    letter that names none of them, as in a blind copy, copies in nobody.
    """
    named = {
        address: name
        for address, name in reversed((*inbound.to, *inbound.cc))
        if "@" in address and address not in (inbound.sender_address, inbound.proved)
    }
    if not named:
        return ()
    boxes = set(MailBox.objects.values_list("address", flat=True))
    ways = {form for one in (*came_to, *inbound.delivered_to) for form in recipients.forms(one)}
    others = [
        (address, name)
        for address, name in reversed(named.items())
        if not (boxes | ways).intersection(recipients.forms(address))
        and not replies.looks_like_one(address)
        and not screen.is_robot(address)
    ]
    if not boxes:
        is_named = any(ways.intersection(recipients.forms(address)) for address in named)
        others = _of_other_domains(others, ways) if is_named else []
    # Mostly nobody is left: nobody is asked for then.
    return _besides_colleagues(others) if others else ()


def _of_other_domains(others: list[Named], ways: Iterable[str]) -> list[Named]:
    domains = {_domain(way) for way in ways}
    return [one for one in others if _domain(one[0]) not in domains]


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()


def _besides_colleagues(others: list[Named]) -> tuple[Named, ...]:
    named = [address for address, _name in others]
    agents = Account.objects.filter(email__in=named, agent__isnull=False)
    ours = set(agents.values_list("email", flat=True))
    found = [one for one in others if not ours.intersection(recipients.forms(one[0]))]
    return tuple(found) if len(found) <= MOST else ()
