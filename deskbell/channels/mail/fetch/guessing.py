"""Where the letters of an address probably lie; every answer is a proposal that a person may change.

By what is known of large providers, by who takes the domain's mail (MX), and by what the domain says (RFC 6186).
"""

from __future__ import annotations

from dataclasses import dataclass

from deskbell.channels.mail.models import MailApp, Source

DNS_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Guess:
    """A server.  provider: whose sign-in it wants; "" where a password is usual."""

    kind: str
    host: str
    port: int
    tls: str
    provider: str = ""


_MICROSOFT = Guess("imap", "outlook.office365.com", 993, "implicit", MailApp.Provider.MICROSOFT)
_GOOGLE = Guess("imap", "imap.gmail.com", 993, "implicit", MailApp.Provider.GOOGLE)

_OF_DOMAINS = {
    "gmail.com": _GOOGLE,
    "googlemail.com": _GOOGLE,
    "outlook.com": _MICROSOFT,
    "hotmail.com": _MICROSOFT,
    "live.com": _MICROSOFT,
    "yahoo.com": Guess("imap", "imap.mail.yahoo.com", 993, "implicit"),
    "icloud.com": Guess("imap", "imap.mail.me.com", 993, "implicit"),
    "me.com": Guess("imap", "imap.mail.me.com", 993, "implicit"),
    "gmx.net": Guess("imap", "imap.gmx.net", 993, "implicit"),
    "gmx.de": Guess("imap", "imap.gmx.net", 993, "implicit"),
    "web.de": Guess("imap", "imap.web.de", 993, "implicit"),
    "seznam.cz": Guess("imap", "imap.seznam.cz", 993, "implicit"),
    "freemail.hu": Guess("imap", "imap.freemail.hu", 993, "implicit"),
    "inbox.lv": Guess("imap", "mail.inbox.lv", 993, "implicit"),
    "mail.ru": Guess("imap", "imap.mail.ru", 993, "implicit"),
    "yandex.ru": Guess("imap", "imap.yandex.ru", 993, "implicit"),
    "fastmail.com": Guess("imap", "imap.fastmail.com", 993, "implicit"),
    "zoho.com": Guess("imap", "imap.zoho.com", 993, "implicit"),
}

# The ends of the names of servers that take a domain's mail.
_OF_TAKERS = {
    "mail.protection.outlook.com": _MICROSOFT,
    "google.com": _GOOGLE,
    "googlemail.com": _GOOGLE,
    "mx.yandex.net": _OF_DOMAINS["yandex.ru"],
    "messagingengine.com": _OF_DOMAINS["fastmail.com"],
    "zoho.com": _OF_DOMAINS["zoho.com"],
    "secureserver.net": Guess("imap", "imap.secureserver.net", 993, "implicit"),
    "ionos.com": Guess("imap", "imap.ionos.com", 993, "implicit"),
    "kundenserver.de": Guess("imap", "imap.ionos.de", 993, "implicit"),
    "ovh.net": Guess("imap", "ssl0.ovh.net", 993, "implicit"),
    "gandi.net": Guess("imap", "mail.gandi.net", 993, "implicit"),
    "migadu.com": Guess("imap", "imap.migadu.com", 993, "implicit"),
    "mailbox.org": Guess("imap", "imap.mailbox.org", 993, "implicit"),
}
# RFC 6186 and 8314: the best first.
_SERVICES = (
    ("_imaps._tcp", "imap", "implicit"),
    ("_imap._tcp", "imap", "starttls"),
    ("_pop3s._tcp", "pop3", "implicit"),
)


def guesses(address: str) -> list[Guess]:
    """Return likely servers of an address, the likeliest first; one at least."""
    domain = address.rpartition("@")[2].lower()
    if domain in _OF_DOMAINS:
        return [_OF_DOMAINS[domain]]
    try:
        found = _asked_for(domain)
    except _NoAnswer:
        found = []  # who waits for a page does not wait for a name server that is away
    usual = Guess(Source.Kind.IMAP, f"imap.{domain}", 993, Source.Tls.IMPLICIT)
    return list(dict.fromkeys(found)) or [usual]


class _NoAnswer(Exception):
    """The name server does not answer."""


def _asked_for(domain: str) -> list[Guess]:
    taker = _of_taker(domain)
    found = [*_of_services(domain), *([taker] if taker else [])]
    return found or [
        Guess("imap", f"{name}.{domain}", 993, "implicit")
        for name in ("imap", "mail")
        if _exists(f"{name}.{domain}")
    ]


def _of_taker(domain: str) -> Guess | None:
    for answer in _ask(domain, "MX"):
        taker = answer.split()[-1].rstrip(".").lower()
        for end, guess in _OF_TAKERS.items():
            if taker == end or taker.endswith(f".{end}"):
                return guess
    return None


def _of_services(domain: str) -> list[Guess]:
    found = []
    for service, kind, tls in _SERVICES:
        for answer in _ask(f"{service}.{domain}", "SRV"):
            _priority, _weight, port, host = answer.split()
            name = host.rstrip(".").lower()
            if name:  # "." says that there is none
                found.append(Guess(kind, name, int(port), tls))
    return found


def _exists(name: str) -> bool:
    return bool(_ask(name, "A") or _ask(name, "AAAA"))


def _ask(name: str, kind: str) -> list[str]:
    import dns.exception
    import dns.resolver

    try:
        answer = dns.resolver.resolve(name, kind, lifetime=DNS_SECONDS, search=False)
    except (
        dns.exception.Timeout,
        dns.resolver.NoNameservers,
        dns.resolver.NoResolverConfiguration,
    ):
        raise _NoAnswer from None
    except (dns.exception.DNSException, OSError, ValueError):
        return []
    return sorted(one.to_text() for one in answer)
