"""Who really asks: the forwarding headers of DESKBELL_PROXIES count, those of anybody else are thrown away."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address

from starlette.types import Scope

Network = IPv4Network | IPv6Network
RawHeaders = list[tuple[bytes, bytes]]

FORWARDING = {
    b"x-forwarded-for",
    b"x-forwarded-proto",
    b"x-forwarded-host",
    b"forwarded",
    b"x-real-ip",
}


def seen_through(scope: Scope, proxies: Sequence[Network]) -> Scope:
    """Return `scope` with the client, scheme and host that a trusted proxy tells, and without its headers."""
    client = scope.get("client") or ("", 0)
    given: RawHeaders = scope["headers"]
    kept = [(name, value) for name, value in given if name not in FORWARDING]
    if len(kept) == len(given):
        return scope
    seen: Scope = {**scope, "headers": kept}
    if not _is_trusted(client[0], proxies):
        return seen
    seen["client"] = (_first_stranger(_values(given, b"x-forwarded-for"), client[0], proxies), 0)
    scheme = _last(given, b"x-forwarded-proto")
    if scheme in {"http", "https"}:
        secure = {"http": "ws", "https": "wss"} if scope["type"] == "websocket" else {}
        seen["scheme"] = secure.get(scheme, scheme)
    host = _last(given, b"x-forwarded-host")
    if host:
        seen["headers"] = [pair for pair in kept if pair[0] != b"host"]
        seen["headers"].append((b"host", host.encode("latin-1")))
    return seen


def _is_trusted(address: str, proxies: Sequence[Network]) -> bool:
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    return any(ip in network for network in proxies)


def _first_stranger(hops: list[str], nearest: str, proxies: Sequence[Network]) -> str:
    """Walk from the nearest proxy outwards to the first address that no proxy of ours vouches for."""
    for hop in reversed(hops):
        try:
            ip_address(hop)
        except ValueError:
            return nearest
        nearest = hop
        if not _is_trusted(hop, proxies):
            return hop
    return nearest


def _values(headers: RawHeaders, wanted: bytes) -> list[str]:
    joined = ",".join(value.decode("latin-1") for name, value in headers if name == wanted)
    return [part.strip() for part in joined.split(",") if part.strip()]


def _last(headers: RawHeaders, wanted: bytes) -> str:
    values = _values(headers, wanted)
    return values[-1] if values else ""
