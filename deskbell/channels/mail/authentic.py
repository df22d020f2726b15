"""Whether a letter really comes from the domain that it names: SPF, DKIM and DMARC together, and who vouches for it.

Asked by read.py, only for letters that came straight from the sender's server; behind a relay of ours
the peer's address says nothing.  It asks the DNS, with little patience: what cannot be told in
seconds is "unknown", which is never held against anybody.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from ipaddress import ip_address
from typing import TYPE_CHECKING

import structlog

from deskbell.channels.mail import dmarc
from deskbell.channels.mail.addresses import addresses_of
from deskbell.channels.mail.spam.trusted import Word, proves

if TYPE_CHECKING:
    import dkim

log = structlog.get_logger(__name__)

DNS_SECONDS = 3
MAX_SIGNATURES = 5


def prove(
    raw: bytes, *, peer_ip: str, mail_from: str, helo: str, sealers: Collection[str] = ()
) -> Word:
    """Return what DMARC says of the letter: pass, fail, none (no policy), or unknown (nobody can tell).

    sealers  domains whose ARC seal is believed: what they saw before they handed a letter on counts
    """
    if not is_direct(peer_ip):
        return Word()
    try:
        return _dmarc(raw, peer_ip, mail_from, helo, sealers)
    except Exception as error:  # noqa: BLE001  strangers' records and headers end in every error there is
        log.info("mail.authentication_unknown", error=type(error).__name__)
        return Word()


def is_direct(peer_ip: str) -> bool:
    """Whether a letter from this address came from the outside, not from a relay of ours."""
    try:
        return ip_address(peer_ip).is_global
    except ValueError:
        return False


def _dmarc(raw: bytes, peer_ip: str, mail_from: str, helo: str, sealers: Collection[str]) -> Word:
    # Imported late: most desks stand behind a relay and never need it.
    import dkim

    verifier = dkim.DKIM(raw, timeout=DNS_SECONDS)
    senders = _from_domains(verifier)
    if not senders:
        return Word()
    spf = _spf_domain(peer_ip, mail_from, helo)
    signed = _signed_domains(verifier)
    texts = cache(_texts)
    results = {one: dmarc.result(one, spf=spf, dkim=signed, texts=texts) for one in senders}
    # Several senders, as nobody writes but who deceives: the worst result counts.
    forged = [one for one, result in results.items() if result == "fail"]
    if not forged:
        return Word("none" if "none" in results.values() else "pass")
    if sealers and _is_vouched_for(raw, sealers):
        return Word("pass")
    wishes = {dmarc.wish_of(one, texts) for one in forged}
    return Word("fail", next((wish for wish in ("reject", "quarantine") if wish in wishes), "none"))


def _is_vouched_for(raw: bytes, sealers: Collection[str]) -> bool:
    """Whether a server that is believed has sealed that the letter was proved when it came there (RFC 8617)."""
    import dkim

    chain, results, _words = dkim.ARC(raw, timeout=DNS_SECONDS).verify()
    if chain != dkim.CV_Pass or not results:
        return False
    newest = results[0]
    sealer = newest["as-domain"].decode("ascii", "replace").lower()
    seen = newest["aar-value"].decode("ascii", "replace")
    return sealer in sealers and proves(seen)


def _from_domains(verifier: dkim.DKIM) -> set[str]:
    found = set()
    for name, value in verifier.headers:
        if name.lower() == b"from":
            for address, _name in addresses_of(value.decode("utf-8", "surrogateescape")):
                domain = address.rpartition("@")[2]
                found.add(domain.encode("idna").decode("ascii"))
    return found


def _spf_domain(peer_ip: str, mail_from: str, helo: str) -> str:
    """Return the domain that SPF proves the envelope to be from, or ""."""
    import spf

    sender = mail_from or f"postmaster@{helo}"
    answer, _reason = spf.check2(
        peer_ip, sender, helo or "unknown", timeout=DNS_SECONDS * 3, querytime=DNS_SECONDS
    )
    return sender.rpartition("@")[2].lower() if answer == "pass" else ""


def _signed_domains(verifier: dkim.DKIM) -> list[str]:
    """Return the domains whose signatures hold; any that fits will do, not only the first one."""
    count = sum(name.lower() == b"dkim-signature" for name, _value in verifier.headers)
    return [
        verifier.signature_fields[b"d"].decode("ascii", "replace").lower()
        for index in range(min(count, MAX_SIGNATURES))
        if _holds(verifier, index)
    ]


def _holds(verifier: dkim.DKIM, index: int) -> bool:
    import dkim

    try:
        return bool(verifier.verify(idx=index))
    except (dkim.DKIMException, ValueError, KeyError):
        return False


def _texts(name: str) -> list[str]:
    """Return the TXT records of `name`; a DNS that does not answer raises."""
    import dns.resolver

    try:
        answer = dns.resolver.resolve(name, "TXT", lifetime=DNS_SECONDS, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    return [b"".join(record.strings).decode("utf-8", "replace") for record in answer]
