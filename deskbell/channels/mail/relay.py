"""The mail server that takes our letters: read from the address an operator wrote."""

from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings

from deskbell.channels.mail.models import MailBox
from deskbell.security import secrets

# When the address names none: a relay without TLS first, and one with it.
PLAIN_PORT, TLS_PORT = 25, 465


@dataclass(frozen=True, slots=True)
class Relay:
    """Where letters are handed over.

    implicit_tls  TLS from the first byte (smtps://); otherwise STARTTLS when it is offered
    verify        False with ?verify=no: take any certificate, for a server of one's own
    """

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    implicit_tls: bool = False
    verify: bool = True

    @property
    def is_this_machine(self) -> bool:
        """Whether what goes there never crosses a network."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def relay_for(box: MailBox | None) -> Relay | None:
    """Return the relay of this mail box, else the desk's; None when there is none yet.

    Raises ValueError for an address that names no server, secrets.Unreadable for one sealed
    with a lost key.
    """
    own = secrets.unseal(box.relay) if box is not None else ""
    address = own or settings.RELAY
    return read_relay(address) if address else None


def read_relay(address: str) -> Relay:
    """Return the relay at `smtp://user:password@host:port`.  Raises ValueError."""
    parts = urlsplit(address)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ValueError("a relay is written as smtp://user:password@host:port")
    implicit = parts.scheme == "smtps"
    return Relay(
        host=parts.hostname,
        port=parts.port or (TLS_PORT if implicit else PLAIN_PORT),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        implicit_tls=implicit,
        verify=parse_qs(parts.query).get("verify") != ["no"],
    )
