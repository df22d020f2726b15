"""Addresses to which one agent may answer about one ticket: made for the letters that tell them, read at the door.

    help+r-3-2k-a2b3c4d5e6f7g2h3@desk.example      where the server hands on what stands after a "+"
    r-3-2k-a2b3c4d5e6f7g2h3@desk.example           where every address of the domain comes to the desk

Who holds one was sent it, which is what it proves; that the agent wrote is asked beside it (from_agents.py).
Written in small letters and figures, since servers on the way may turn capitals into small ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings

from deskbell.channels.inbound import Inbound
from deskbell.channels.mail import ids
from deskbell.channels.mail.models import MailBox

Mode = MailBox.AgentsAnswer

# RFC 5321, 4.5.3.1.1.
LONGEST_LOCAL = 64

_PURPOSE = "reply address"
_LOCAL = re.compile(
    r"(?:(?P<box>.+)\+)?r-(?P<agent>[0-9a-v]{1,13})-(?P<ticket>[0-9a-v]{1,13})-(?P<signature>[a-z2-7]{16})\Z",
    re.IGNORECASE,
)
_ANYWHERE = re.compile(r"\br-[0-9a-v]{1,13}-[0-9a-v]{1,13}-[a-z2-7]{16}@", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ReplyAddress:
    """Whom an address of this kind is for, and about which ticket."""

    agent_id: int
    ticket_id: int


def address_for(box: MailBox | None, agent_id: int, ticket_id: int) -> str:
    """Return where an agent answers what they are told of a ticket; "" where the mail box takes no such answers."""
    if box is None:
        return ""
    body = f"{ids.digits(agent_id)}-{ids.digits(ticket_id)}"
    token = f"r-{body}-{ids.signature(_PURPOSE, body)}"
    local, _at, domain = box.address.rpartition("@")
    match mode_of(box):
        case Mode.PLUS:
            whole = f"{local}+{token}"
        case Mode.DOMAIN:
            whole = token
        case _:
            return ""
    return f"{whole}@{domain}" if len(whole) <= LONGEST_LOCAL else ""


def mode_of(box: MailBox) -> str:
    """Return how a mail box takes answers of agents; what is decided by itself is decided here.

    A letter to ourselves that came back (plus.py) proves that what is sent to the mail box with a "+" comes here.
    While none has, it is so where the desk takes its mail from the world, for then every address is its own.
    """
    if box.agents_answer != Mode.AUTO:
        return box.agents_answer
    works = box.plus_works_at is not None or _takes_mail_from_the_world()
    return Mode.PLUS if works else Mode.OFF


def named_by(rcpt: Iterable[str], inbound: Inbound) -> str:
    """Return the address of this kind that a letter came to, genuine or not; "" when it came to none.

    The envelope says it; only where nobody knows the envelope the headers do.
    """
    headers = (*inbound.delivered_to, *(one for one, _name in (*inbound.to, *inbound.cc)))
    return next((address for address in (list(rcpt) or headers) if looks_like_one(address)), "")


def looks_like_one(address: str) -> bool:
    """Whether `address` is written as such an address is, by whomever."""
    return _LOCAL.match(address.rpartition("@")[0]) is not None


def stand_in(text: str) -> bool:
    """Whether an address of this kind stands somewhere in `text`."""
    return _ANYWHERE.search(text) is not None


def read(address: str) -> ReplyAddress | None:
    """Return whom a genuine address is for; None for one that is made up, or that no mail box takes any more."""
    local, _at, domain = address.lower().rpartition("@")
    match = _LOCAL.match(local)
    if match is None or not _is_taken(match["box"], domain):
        return None
    body = f"{match['agent']}-{match['ticket']}"
    agent, ticket = int(match["agent"], 32), int(match["ticket"], 32)
    if not ids.is_genuine(_PURPOSE, body, match["signature"]) or not ids.are_numbers(agent, ticket):
        return None
    return ReplyAddress(agent, ticket)


def _is_taken(box: str | None, domain: str) -> bool:
    """Whether a mail box of ours takes what comes so: the named one, or any of the domain.

    What decides by itself takes every one that it has given out: while the "+" is tried again nobody is turned away.
    """
    boxes = MailBox.objects.filter(archived_at=None)
    if box is not None:
        named = boxes.filter(address=f"{box}@{domain}").first()
        return named is not None and named.agents_answer in {Mode.PLUS, Mode.AUTO}
    ours = boxes.filter(address__endswith=f"@{domain}")
    return any(mode_of(one) == Mode.DOMAIN for one in ours)


def _takes_mail_from_the_world() -> bool:
    host = urlsplit(f"//{settings.SMTP}").hostname or "localhost"
    try:
        return not ip_address(host).is_loopback
    except ValueError:
        return host != "localhost"
