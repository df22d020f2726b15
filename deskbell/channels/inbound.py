"""Inbound: the one plain value that every channel makes of what came in.

Pure: imported also by the child that reads letters, which knows neither Django nor the database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

Named = tuple[str, str]  # an address and the name that stood beside it

Authentication = Literal["pass", "fail", "none", "unknown"]


@dataclass(frozen=True, slots=True)
class InboundFile:
    """A file that came along.

    path        where its bytes lie until they are kept; the channel removes it afterwards
    content_id  without < >, for pictures inside the HTML; "" when it has none
    inline      True when the HTML shows it
    is_words    it is the whole of a text that is cut where it is shown
    """

    name: str
    content_type: str
    path: Path
    size_bytes: int
    content_id: str = ""
    inline: bool = False
    is_words: bool = False


@dataclass(frozen=True, slots=True)
class Inbound:
    """What somebody sent us, whatever way it took; every text is clean Unicode.

    text, html           what is new in it; html is safe already and "" when there was none
    quoted               what it repeats of earlier letters, as plain text
    references           Message-IDs without < >, oldest first
    in_reply_to          the last Message-ID of that header; "" without one
    delivered_to         addresses that servers wrote down on the way, nearest to us first
    conversation         the root of its Thread-Index (conversation.py); "" without one
    sent_at              as the sender's clock says; None when it says nothing usable
    utc_offset           minutes east of UTC that this clock stands at; 0 also of servers that do not know; None when it
                         does not say
    headers_of_interest  lower-case name → all its values, only those that screen.py looks at
    proved_address       the only one that a server can vouch for: From of a letter, when somebody else is said to have
                         written it; "" is the sender.  By it alone one may join a ticket
    facts                what else is told beside it, as JSON values; shown, and trusted for nothing
    authentication       of the proved address's domain (DMARC); "unknown" when nobody checked
    """

    channel: str
    sender_address: str
    sender_name: str = ""
    subject: str = ""
    text: str = ""
    html: str = ""
    quoted: str = ""
    files: tuple[InboundFile, ...] = ()
    message_id: str = ""
    references: tuple[str, ...] = ()
    in_reply_to: str = ""
    to: tuple[Named, ...] = ()
    cc: tuple[Named, ...] = ()
    delivered_to: tuple[str, ...] = ()
    conversation: str = ""
    sent_at: datetime | None = None
    utc_offset: int | None = None
    language: str = ""
    headers_of_interest: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    proved_address: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)
    authentication: Authentication = "unknown"

    @property
    def proved(self) -> str:
        """The address by which one may join a ticket."""
        return self.proved_address or self.sender_address

    @property
    def answers(self) -> tuple[str, ...]:
        """The Message-IDs that it answers, the nearest first, each once."""
        nearest_first = (self.in_reply_to, *reversed(self.references))
        return tuple(dict.fromkeys(message_id for message_id in nearest_first if message_id))
