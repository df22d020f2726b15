"""Tries a server step by step, as somebody who sets it up wants to see it.  Nothing is fetched and nothing changed.

Pages and the command line call it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from deskbell.channels.mail.fetch import imap_walk, sources
from deskbell.channels.mail.fetch.failures import FetchFailed
from deskbell.channels.mail.fetch.imap import Imap
from deskbell.channels.mail.models import Source

# In their order.
STEPS = ("found", "connected", "encrypted", "signed_in", "opened")

# At which step a failure shows; any other one belongs to the first step that was not done.
_FAILS_AT = {
    "dns_lookup_failed": "found",
    "connection_refused": "connected",
    "network_failed": "connected",
    "timed_out": "connected",
    "connection_lost": "connected",
    "protocol_error": "connected",
    "certificate_changed": "encrypted",
    "certificate_not_trusted": "encrypted",
    "tls_failed": "encrypted",
    "tls_missing": "encrypted",
    "uidl_missing": "opened",
}


@dataclass(frozen=True, slots=True)
class Tried:
    """How far it went.

    done     the steps that were well
    reason   the code of what failed at the next one; "" when all is well
    folders  what there is to fetch from; none with POP3, nor before the server lets us in
    letters  how many lie in the first of them
    """

    done: tuple[str, ...]
    reason: str = ""
    words: str = ""
    folders: list[str] = field(default_factory=list)
    letters: int = 0

    @property
    def failed_at(self) -> str:
        """The step that failed; "" when none did."""
        return STEPS[len(self.done)] if self.reason else ""


def try_out(source: Source) -> Tried:
    """Return how far one gets with this server."""
    try:
        server = sources.server_of(source)
    except FetchFailed as failure:
        return Tried((), failure.reason, failure.words)
    try:
        session = sources.session_with(server)
    except FetchFailed as failure:
        at = STEPS.index(_FAILS_AT.get(failure.reason, "signed_in"))
        return Tried(STEPS[:at], failure.reason, failure.words)
    folders: list[str] = []
    try:
        with session:
            if isinstance(session, Imap):
                folders = session.folders()
                letters = _letters_in(session, source)
            else:
                letters = len(session.letters())
    except FetchFailed as failure:
        return Tried(STEPS[:4], failure.reason, failure.words, folders)
    return Tried(STEPS, folders=folders, letters=letters)


def _letters_in(session: Imap, source: Source) -> int:
    """Return how many lie in the first folder that is fetched; all that were chosen are opened.  Raises FetchFailed."""
    opened = imap_walk.opened(session, source.folders or [sources.INBOX])
    if source.move_to:
        session.open(source.move_to, no="target_missing")
    return opened[0].letters
