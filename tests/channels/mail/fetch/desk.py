"""Short words for mail boxes that are fetched from the tests' Dovecot."""

from __future__ import annotations

from email.message import EmailMessage
from email.utils import make_msgid
from itertools import count

from deskbell.channels.mail import boxes
from deskbell.channels.mail.fetch import sources
from deskbell.channels.mail.fetch.sources import Entry
from deskbell.channels.mail.models import Source
from deskbell.work.jobs import run_due
from tests.cast import meet
from tests.fakes.dovecot import PASSWORD, Dovecot

_numbers = count(1)


class Box:
    """A mail box of ours and its server."""

    def __init__(self, server: Dovecot, address: str = "help@desk.example") -> None:
        self.server, self.address = server, address
        self.user = f"{next(_numbers)}-{address}"  # on the server; nobody else's in any test
        self.cast = meet() if address == "help@desk.example" else None
        self.box = boxes.add_mailbox(address=address, department="Support")
        self.enter()

    @property
    def source(self) -> Source:
        """The source as it is now."""
        return Source.objects.select_related("box", "app").get(box=self.box)

    def enter(self, kind: str = "imap", password: str = PASSWORD) -> None:
        """Say where its letters lie."""
        port = self.server.imap if kind == "imap" else self.server.pop3
        sources.enter(self.box, Entry(kind, "127.0.0.1", port, "none", self.user, password))

    def start(self, **choices: object) -> None:
        """Begin to fetch, and look once."""
        sources.start(self.source, **choices)  # type: ignore[arg-type]
        run_due()

    def look(self) -> Source:
        """Look at once, read what came, and return how the source is."""
        sources.try_now(self.source)
        run_due()
        return self.source

    def deliver(self, letter: bytes | EmailMessage, folder: str = "INBOX") -> None:
        """Put a letter on the server."""
        self.server.deliver(self.user, letter, folder)


def a_letter(
    subject: str = "The zip came apart",
    text: str = "After two nights the zip came apart.",
    *,
    to: str = "help@desk.example",
    message_id: str | None = None,
) -> EmailMessage:
    """Return a letter of Emil's, as a server keeps it."""
    letter = EmailMessage()
    letter["Received"] = "from acme.example by desk.example; Mon, 02 Mar 2026 11:59:00 +0000"
    letter["From"], letter["To"] = "Emil <emil@acme.example>", to
    letter["Subject"] = subject
    letter["Message-ID"] = message_id or make_msgid(domain="acme.example")
    letter.set_content(text)
    return letter
