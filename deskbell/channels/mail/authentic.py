"""Whether a letter really comes from the domain that it names: SPF, DKIM and DMARC together.

Asked by read.py, only for letters that came straight from the sender's server; behind a relay of ours
the peer's address says nothing.  It asks the DNS, with little patience: what cannot be told in
seconds is "unknown", which is never held against anybody.
"""

from __future__ import annotations

from ipaddress import ip_address

import structlog

from deskbell.channels.inbound import Authentication

log = structlog.get_logger(__name__)

DNS_SECONDS = 3.0
MAX_SIGNATURES = 5


def check(raw: bytes, *, peer_ip: str, mail_from: str, helo: str) -> Authentication:
    """Return what DMARC says of the letter: pass, fail, none (no policy), or unknown (nobody can tell)."""
    if not is_direct(peer_ip):
        return "unknown"
    try:
        return _dmarc(raw, peer_ip, mail_from, helo)
    except Exception as error:  # noqa: BLE001  strangers' records and headers end in every error there is
        log.info("mail.authentication_unknown", error=type(error).__name__)
        return "unknown"


def is_direct(peer_ip: str) -> bool:
    """Whether a letter from this address came from the outside, not from a relay of ours."""
    try:
        return ip_address(peer_ip).is_global
    except ValueError:
        return False


def _dmarc(raw: bytes, peer_ip: str, mail_from: str, helo: str) -> Authentication:
    # Imported late: most desks stand behind a relay and never need them.
    import authheaders
    import dkim
    import dns.resolver
    import spf
    from authres import DKIMAuthenticationResult, SPFAuthenticationResult

    resolver = dns.resolver.get_default_resolver()
    resolver.lifetime = DNS_SECONDS
    sender = mail_from or f"postmaster@{helo}"
    answer, _reason = spf.check2(
        peer_ip, sender, helo or "unknown", timeout=int(DNS_SECONDS * 3), querytime=int(DNS_SECONDS)
    )
    spf_result = SPFAuthenticationResult(result=answer, smtp_mailfrom=sender)
    # Any signature that holds and fits the sender's domain will do, not only the first one.
    signatures: list[object] = [None]
    verifier = dkim.DKIM(raw, timeout=int(DNS_SECONDS))
    count = sum(name.lower() == b"dkim-signature" for name, _value in verifier.headers)
    for index in range(min(count, MAX_SIGNATURES)):
        if _holds(verifier, index):
            domain = verifier.signature_fields.get(b"d", b"").decode("ascii", "replace")
            signatures.append(DKIMAuthenticationResult(result="pass", header_d=domain))
    results = {
        authheaders.check_dmarc(raw, spf_result, signature).result for signature in signatures
    }
    return "pass" if "pass" in results else "fail" if "fail" in results else "none"


def _holds(verifier: object, index: int) -> bool:
    import dkim

    try:
        return bool(verifier.verify(idx=index))  # type: ignore[attr-defined]
    except (dkim.DKIMException, ValueError, KeyError):
        return False
