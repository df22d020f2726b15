"""DMARC (RFC 7489): does what SPF and DKIM proved fit the domain that the reader sees?

Pure but for `texts`, which asks the DNS.  Our own forty lines: the package for it builds its list of
public suffixes anew for each question, a second of work for each letter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from publicsuffix2 import PublicSuffixList

Result = Literal["pass", "fail", "none"]

# Of a name, the texts that the DNS holds there; [] when there are none.
Texts = Callable[[str], list[str]]


def result(from_domain: str, *, spf: str, dkim: Iterable[str], texts: Texts) -> Result:
    """Return what the policy of `from_domain` says of a letter.

    spf   the domain that SPF proved; "" when it proved none
    dkim  the domains whose signatures hold
    """
    policy = policy_of(from_domain, texts)
    if policy is None:
        return "none"
    fits = _fits(from_domain, spf, strict=policy.get("aspf") == "s") or any(
        _fits(from_domain, domain, strict=policy.get("adkim") == "s") for domain in dkim
    )
    return "pass" if fits else "fail"


def policy_of(domain: str, texts: Texts) -> dict[str, str] | None:
    """Return the tags of the policy of `domain` or of its organisation; None when there is none."""
    names = dict.fromkeys((domain, organisation_of(domain)))
    return next((tags for name in names if (tags := _policy_at(name, texts))), None)


def wish_of(domain: str, texts: Texts) -> str:
    """Return what `domain` wants of a letter that fails: reject, quarantine, none; "" without a policy.

    A domain that tries its policy out on some letters only (pct) has not decided yet.
    """
    own = _policy_at(domain, texts)
    policy = own or policy_of(domain, texts) or {}
    wish = policy.get("p", "") if own else policy.get("sp", policy.get("p", ""))
    return wish.lower() if policy.get("pct", "100") == "100" else "none"


def _policy_at(name: str, texts: Texts) -> dict[str, str] | None:
    for text in texts(f"_dmarc.{name}"):
        tags = _tags(text)
        if tags.get("v") == "DMARC1" and "p" in tags:
            return tags
    return None


def organisation_of(domain: str) -> str:
    """Return the domain that somebody registered: acme.co.uk for mail.acme.co.uk."""
    found = _suffixes().get_sld(domain) or domain
    # A top-level domain that the list does not know is a suffix as well.
    return found if "." in found else ".".join(domain.split(".")[-2:])


def _fits(from_domain: str, proved: str, *, strict: bool) -> bool:
    if not proved or strict:
        return bool(proved) and proved == from_domain
    return organisation_of(proved) == organisation_of(from_domain)


def _tags(text: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in text.split(";"))
    return {name.strip().lower(): value.strip() for name, _sign, value in pairs if name.strip()}


@cache
def _suffixes() -> PublicSuffixList:
    from publicsuffix2 import PublicSuffixList

    return PublicSuffixList(idna=True)
