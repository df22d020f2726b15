"""Ports of this machine for servers that are started later, and perhaps more than once."""

from __future__ import annotations

import random
import socket

# Below those that the system gives to whoever connects somewhere: none of them comes between.
_FROM, _TO = 12_000, 32_000


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on, all different."""
    found: list[int] = []
    while len(found) < count:
        port = random.SystemRandom().randrange(_FROM, _TO)
        if port not in found and _is_free(port):
            found.append(port)
    return found


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
