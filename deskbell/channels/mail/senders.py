"""Who wrote a letter, by what rule, and through whose hands it came: lists, groups, assistants, forms.

Pure.  What stands here beside From is only claimed: nobody may join a ticket by it (match.py asks `proved`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Literal

from deskbell.channels.inbound import Named

Rule = Literal[
    "from",  # From, as in any letter
    "from_undone",  # From, with what a forwarding server made of it undone
    "google_group",  # a Google Group put itself into From
    "list_in_from",  # another list did so
    "own_address",  # a form or program of ours wrote from one of our own addresses
    "robot",  # a form or program wrote from an address that nobody reads
    "sender",  # there is no From; these follow in order
    "reply_to",
    "return_path",
    "nobody",
]

NOBODY: Named = ("", "")


@dataclass(frozen=True, slots=True)
class Heads:
    """The headers that say who wrote, as they stand; each list in the order of the letter.

    is_from_list   it has the headers of a mailing list
    list_post      the addresses at which the list takes letters
    """

    author: tuple[Named, ...] = ()
    sender: tuple[Named, ...] = ()
    reply_to: tuple[Named, ...] = ()
    original_from: tuple[Named, ...] = ()
    return_path: tuple[Named, ...] = ()
    is_from_list: bool = False
    is_google_group: bool = False
    list_post: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Writer:
    """Who wrote, and why we say so.

    proved   the address of From as it stands: the only one that a server can vouch for; "" without From
    through  the list, form or assistant by whose hands it came
    answers_to  another address at which its writer asks for answers; "" when it is theirs
    """

    address: str
    name: str
    rule: Rule
    proved: str = ""
    through: Named = NOBODY
    answers_to: str = ""


def writer_of(heads: Heads, ours: AbstractSet[str] = frozenset()) -> Writer:
    """Return who wrote a letter.

    ours  those of its addresses that are our own
    1. What a list or group put itself before.  2. What a form wrote for somebody.  3. From.  4. What else there is.
    """
    if not heads.author:
        return _without_author(heads)
    author = heads.author[0]
    found = _behind_a_list(heads, author, ours) or _behind_a_form(heads, author, ours)
    if found is not None:
        rule, (address, name) = found
        hands = author[0], "" if _VIA.match(author[1]) else author[1]
        return Writer(address, name or _before_via(author[1]), rule, author[0], hands)
    address = undone(author[0])
    return Writer(
        address,
        author[1],
        "from" if address == author[0] else "from_undone",
        author[0],
        _other_hands(heads, address),
        _elsewhere(heads, address, ours),
    )


def undone(address: str) -> str:
    """Return an address as it was before a server on the way rewrote it: SRS, BATV, Exchange guests and IMCEA."""
    for _ in range(3):  # forwarded twice, it is rewritten twice
        before = _undone_once(address)
        if before == address:
            break
        address = before
    return address


def _undone_once(address: str) -> str:
    for pattern in _REWRITTEN:
        if match := pattern.fullmatch(address):
            return f"{match['local']}@{match['domain']}".lower()
    if match := _GUEST.fullmatch(address):
        local, _sign, domain = match["whole"].rpartition("_")
        return f"{local}@{domain}" if local and "." in domain else address
    if match := _IMCEA.fullmatch(address):
        plain = re.sub(r"\+([0-9a-f]{2})", lambda code: chr(int(code[1], 16)), match["whole"])
        return plain if re.fullmatch(r"[\x21-\x3f\x41-\x7e]+@[\w.-]+", plain) else address
    return address


_REWRITTEN = (
    re.compile(r"srs0[=+-][^=@]+=[^=@]+=(?P<domain>[\w.-]+)=(?P<local>[^@]+)@[^@]+", re.IGNORECASE),
    re.compile(
        r"srs1[=+-][^=@]+=[\w.-]+=[=+-][^=@]+=[^=@]+=(?P<domain>[\w.-]+)=(?P<local>[^@]+)@[^@]+",
        re.IGNORECASE,
    ),
    re.compile(r"prvs=[^=@/]+[=/](?P<local>[^@]+)@(?P<domain>[^@]+)", re.IGNORECASE),
    re.compile(r"btv1==[^=@]+==(?P<local>[^@]+)@(?P<domain>[^@]+)", re.IGNORECASE),
    # A Gmail box that hands its letters on: who owns the box, in the envelope.
    re.compile(r"(?P<local>[^@+]+)\+caf_=[^@]+@(?P<domain>[^@]+)", re.IGNORECASE),
)
_GUEST = re.compile(r"(?P<whole>[^@]+)#ext#@[^@]+", re.IGNORECASE)
_IMCEA = re.compile(r"imceasmtp-(?P<whole>[^@]+)@[^@]+", re.IGNORECASE)

_VIA = re.compile(r"^(?P<name>.*?)\s+(?:via|über|através de|przez|через|prostřednictvím)\s+\S.*$")
_ROBOT = re.compile(
    r"(do[-_.]?)?not?[-_.]?reply([-_.+].*)?|wordpress|www-data|apache|nginx|nobody|httpd?|php|root"
    r"|(web|contact|order)[-_.]?forms?|forms?|website|contact-?form|formmail|formular|kontaktformular|mailer"
    r"|notifications?|server|urlap|rendszer",
    re.IGNORECASE,
)


def _behind_a_list(
    heads: Heads, author: Named, ours: AbstractSet[str]
) -> tuple[Rule, Named] | None:
    """Return who wrote through a list that put its own address into From."""
    if not (heads.is_from_list or heads.is_google_group):
        return None
    is_the_list = author[0] in heads.list_post or _VIA.match(author[1]) is not None
    if not is_the_list and not heads.original_from:
        return None
    lists = {author[0], *heads.list_post}
    claimed = _first(heads.original_from, lists) or _first(heads.reply_to, lists | ours)
    rule: Rule = "google_group" if heads.is_google_group else "list_in_from"
    return (rule, claimed) if claimed else None


def _behind_a_form(
    heads: Heads, author: Named, ours: AbstractSet[str]
) -> tuple[Rule, Named] | None:
    """Return for whom a program wrote: whoever it asks to be answered."""
    rule: Rule = "own_address" if author[0] in ours else "robot"
    if rule == "robot" and not is_program(author[0]):
        return None
    claimed = _first(heads.reply_to, {author[0], *ours})
    return (rule, claimed) if claimed and not is_program(claimed[0]) else None


def is_program(address: str) -> bool:
    """Whether a form or another program writes from `address`, by its name; screen.is_robot asks who reads there."""
    return _ROBOT.fullmatch(address.partition("@")[0]) is not None


def _other_hands(heads: Heads, address: str) -> Named:
    """Return who sent it for its author: an assistant; servers and lists that name themselves are nobody."""
    sender = _first(heads.sender, {address, *(one for one, _name in heads.author)})
    if sender is None or heads.is_from_list or _is_machine(sender[0]):
        return NOBODY
    return sender


def _is_machine(address: str) -> bool:
    local = address.partition("@")[0].lower()
    return (
        is_program(address)
        or undone(address) != address
        or re.search(r"bounce|return|^owner-|-request$|msprvs|=", local) is not None
    )


def _elsewhere(heads: Heads, address: str, ours: AbstractSet[str]) -> str:
    others = {address, *(one for one, _name in heads.author), *heads.list_post, *ours}
    wished = None if heads.is_from_list else _first(heads.reply_to, others)
    # Who names themselves too wants copies, not answers elsewhere.
    names_itself = address in {one for one, _name in heads.reply_to}
    return wished[0] if wished and not names_itself and not is_program(wished[0]) else ""


def _without_author(heads: Heads) -> Writer:
    rules: tuple[tuple[Rule, tuple[Named, ...]], ...] = (
        ("sender", heads.sender),
        ("reply_to", heads.reply_to),
        ("return_path", heads.return_path),
    )
    for rule, found in rules:
        if found:
            return Writer(undone(found[0][0]), found[0][1], rule)
    return Writer("", "", "nobody")


def _first(found: Iterable[Named], without: AbstractSet[str]) -> Named | None:
    """Return the first of these, as they were before any rewriting, that is none of `without`."""
    for address, name in found:
        before = undone(address)
        if before not in without and address not in without:
            return before, name
    return None


def _before_via(name: str) -> str:
    match = _VIA.match(name)
    return match["name"].strip(" '\"") if match else ""
