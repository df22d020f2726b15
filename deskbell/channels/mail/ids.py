"""Message-IDs of ours: each carries a signed token that names the ticket it belongs to.

The outgoing half makes them, the incoming half reads them back from In-Reply-To, References and
addresses.  A token of another installation, or one that somebody made up, is never taken for ours.
"""

import hashlib
import hmac
import re
from base64 import b32encode
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from deskbell.people.models import Desk

# 80 bits: nobody guesses one, and the local part stays within the 64 characters of RFC 5321.
SIGNATURE_CHARACTERS = 16

# What fits a column with the longest local part; a longer domain is replaced by the desk's host.
LONGEST_DOMAIN = 130

# Digits of the numbers in a token: base 32 with the ten figures first, so small numbers look small.
_DIGITS = "0123456789abcdefghijklmnopqrstuv"
_LARGEST = 2**63 - 1

# The kinds of letters, as one character before the number: a message, what the desk itself writes about
# a step of the timeline, the ticket as a whole (the reference that every letter of it carries), and a letter
# to somebody of ours, about no ticket.
_MESSAGE, _STEP, _TICKET, _ACCOUNT = "m", "s", "t", "a"
_NO_TICKET = 0

# A trillion tickets; and all digits of the root of a conversation (conversation.py).
_CONVERSATION_BYTES, _CONVERSATION_DIGITS = 5, 44

# What is signed, so that no signature of one kind fits another.
_OF_LETTERS = "message-id"

# Found anywhere in a text, also where a server put its own things around it or made capitals of it.
_TOKEN = re.compile(
    r"(?<![a-z0-9])db-([0-9a-v]{1,13})-([msta])([0-9a-v]{1,13})-([a-z2-7]{16})(?![a-z0-9])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """What a token of ours says: the ticket, and the message or the step that the letter was about.

    message_id  the message that the letter carried, else None
    step        the step that the letter was about (a resolution, a first letter), else None
    """

    ticket_id: int  # 0: about no ticket
    message_id: int | None = None
    step: int | None = None


def message_id_for(ticket_id: int, message_id: int, *, domain: str = "") -> str:
    """Return the Message-ID, without <>, of the letters that carry this message; always the same.

    domain  of the mail box that sends; "" takes the host of the desk's own address
    """
    return _message_id(ticket_id, _MESSAGE, message_id, domain)


def question_id_for(ticket_id: int, step: int, *, domain: str = "") -> str:
    """Return the Message-ID, without <>, of what the desk writes by itself because of `step`: "is it solved?" …"""
    return _message_id(ticket_id, _STEP, step, domain)


def account_letter_id(number: int, *, domain: str = "") -> str:
    """Return the Message-ID, without <>, of a letter to somebody of ours about no ticket.

    number  any that no other such letter has
    """
    return _message_id(_NO_TICKET, _ACCOUNT, number, domain)


def token_reference(ticket_id: int, *, desk: Desk | None = None) -> str:
    """Return the Message-ID-like token, without <>, for the References of a ticket's every letter.

    Some servers give our letters a Message-ID of their own; an answer to such a letter still has
    this one in its References.  Its domain is the installation's and no mail box's: it holds a thread
    together, so it stays when the first mail box is named or the ticket moves to another one.  It is
    no letter's Message-ID, so no server looks that domain up; .invalid is kept free for such names.

    desk  for who has read its row already
    """
    desk = desk or Desk.get()
    return _message_id(ticket_id, _TICKET, 0, f"{desk.installation}.deskbell.invalid", desk)


def conversation_of(ticket_id: int, *, desk: Desk | None = None) -> str:
    """Return the root of the Thread-Index of a ticket's letters: 44 hexadecimal digits that prove the ticket.

    Outlook keeps it in every answer, also where a server dropped References.  1 byte that the format wants,
    5 of the ticket's number, 16 of signature.
    """
    number = ticket_id.to_bytes(_CONVERSATION_BYTES, "big").hex()
    return f"01{number}{_of_conversation(ticket_id, desk or Desk.get(), settings.SECRET_KEY)}"


def ticket_of_conversation(root: str) -> int | None:
    """Return the number of the ticket that a root of ours proves; None for anybody else's."""
    if len(root) != _CONVERSATION_DIGITS:
        return None
    end = 2 + 2 * _CONVERSATION_BYTES
    ticket_id, signed, desk = int(root[2:end], 16), root[end:], Desk.get()
    fits = [
        hmac.compare_digest(_of_conversation(ticket_id, desk, key), signed) for key in _all_keys()
    ]
    return ticket_id if any(fits) else None


def _of_conversation(ticket_id: int, desk: Desk, key: str) -> str:
    text = f"deskbell conversation\n{desk.installation}\n{ticket_id}".encode()
    return hmac.new(key.encode(), text, hashlib.sha256).hexdigest()[:32]


def side_reference(ticket_id: int, side_id: int) -> str:
    """Return what stands in the References of every letter of a side thread, as token_reference does in a ticket's.

    side_id  the forward that began it
    """
    return message_id_for(ticket_id, side_id, domain=f"{Desk.get().installation}.deskbell.invalid")


def read_token(text: str) -> Token | None:
    """Return what the last genuine token of ours in `text` says, or None when there is none.

    text  a Message-ID, a whole References header, an address, or any of them rewritten around ours
    """
    tokens = read_tokens(text)
    return tokens[0] if tokens else None


def read_tokens(text: str) -> list[Token]:
    """Return all genuine tokens of ours in `text`, the last one (the nearest letter) first."""
    found = list(_TOKEN.finditer(text))
    if not found:
        return []
    installation = Desk.get().installation
    tokens = (_genuine(match, installation) for match in reversed(found))
    return [token for token in tokens if token is not None]


def domain_of(address: str) -> str:
    """Return the part of `address` after the last @, in lower case and ASCII; "" when there is none."""
    if "@" not in address:
        return ""
    try:
        domain = address.rpartition("@")[2].lower().encode("idna").decode("ascii")
    except UnicodeError:
        return ""
    return domain if len(domain) <= LONGEST_DOMAIN else ""


def host_of_the_desk() -> str:
    """Return the host of the desk's own address."""
    return urlsplit(settings.DESK_URL).hostname or "localhost"


def _message_id(
    ticket_id: int, kind: str, number: int, domain: str, desk: Desk | None = None
) -> str:
    body = f"{digits(ticket_id)}-{kind}{digits(number)}"
    signed = _signature(_OF_LETTERS, body, (desk or Desk.get()).installation, settings.SECRET_KEY)
    return f"db-{body}-{signed}@{domain or host_of_the_desk()}"


def _genuine(match: re.Match[str], installation: str) -> Token | None:
    ticket, kind, number, signed = (part.lower() for part in match.groups())
    fits = _fits(_OF_LETTERS, f"{ticket}-{kind}{number}", signed, installation)
    ticket_id, value = int(ticket, 32), int(number, 32)
    if not fits or not are_numbers(ticket_id, value):
        return None
    if kind == _MESSAGE:
        return Token(ticket_id, message_id=value)
    return Token(ticket_id, step=value) if kind == _STEP else Token(ticket_id)


def signature(purpose: str, body: str) -> str:
    """Return what proves that `body` was made here, for this purpose: 16 small letters and figures."""
    return _signature(purpose, body, Desk.get().installation, settings.SECRET_KEY)


def is_genuine(purpose: str, body: str, signed: str) -> bool:
    """Whether `signed` is the signature of `body`, by this key or one of those before it."""
    return _fits(purpose, body, signed.lower(), Desk.get().installation)


def are_numbers(*numbers: int) -> bool:
    """Whether rows can have these numbers."""
    return max(numbers) <= _LARGEST


def _fits(purpose: str, body: str, signed: str, installation: str) -> bool:
    # Every key is tried and nothing ends early, so that the time it takes tells nothing.
    fits = [
        hmac.compare_digest(_signature(purpose, body, installation, key), signed)
        for key in _all_keys()
    ]
    return any(fits)


def _signature(purpose: str, body: str, installation: str, key: str) -> str:
    text = f"deskbell {purpose}\n{installation}\n{body}".encode()
    digest = hmac.new(key.encode(), text, hashlib.sha256).digest()
    return b32encode(digest).decode().lower()[:SIGNATURE_CHARACTERS]


def _all_keys() -> Iterator[str]:
    # Letters live for years: those signed before a change of key must still find their ticket.
    yield settings.SECRET_KEY
    yield from (str(key) for key in settings.SECRET_KEY_FALLBACKS)


def digits(number: int) -> str:
    """Return a number as tokens write it; int(text, 32) reads it.  Raises ValueError for what is no row's."""
    if not 0 <= number <= _LARGEST:
        raise ValueError(f"no row has the number {number}")
    digits = ""
    while number:
        number, rest = divmod(number, 32)
        digits = _DIGITS[rest] + digits
    return digits or "0"
