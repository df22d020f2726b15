"""The mail server that takes our letters: read from the address an operator wrote."""

from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings

from deskbell.channels.mail.models import MailBox, Source
from deskbell.security import secrets

# When the address names none: a relay without TLS first, and one with it.
PLAIN_PORT, TLS_PORT = 25, 465


@dataclass(frozen=True, slots=True)
class Relay:
    """Where letters are handed over.

    implicit_tls  TLS from the first byte (smtps://); otherwise STARTTLS when it is offered
    verify        False with ?verify=no: take any certificate, for a server of one's own
    must_verify   ?verify=yes: no letter without encryption to the server that its certificate names
    a_minute      ?a_minute=30: letters that it takes in a minute; 0 for as many as it will
    source        ?sign_in=provider: the number of the source whose permission signs us in, instead of a password;
                  None for none
    """

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    implicit_tls: bool = False
    verify: bool = True
    must_verify: bool = False
    a_minute: int = 0
    source: int | None = None

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
    if not address:
        return None
    relay = read_relay(address)
    if signs_in_by_provider(address):
        source = Source.objects.filter(box=box).first() if box is not None else None
        if source is None:
            raise ValueError("there is no permission to sign in with")
        return replace(
            relay, source=source.pk, user=relay.user or source.user or source.box.address
        )
    return relay


def read_relay(address: str) -> Relay:
    """Return the relay at `smtp://user:password@host:port?verify=…&a_minute=…`.  Raises ValueError."""
    parts = urlsplit(address)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ValueError("a relay is written as smtp://user:password@host:port")
    implicit = parts.scheme == "smtps"
    asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    return Relay(
        host=parts.hostname,
        port=parts.port or (TLS_PORT if implicit else PLAIN_PORT),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        implicit_tls=implicit,
        verify=asked.get("verify") != "no",
        must_verify=asked.get("verify") == "yes",
        a_minute=int(asked.get("a_minute", "0")),
    )


def signs_in_by_provider(address: str) -> bool:
    """Whether a relay's address says that the permission to fetch signs us in there."""
    return parse_qs(urlsplit(address).query).get("sign_in") == ["provider"]
