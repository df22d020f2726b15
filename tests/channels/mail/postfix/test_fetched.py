"""All addresses of a domain lead to one mail box of a real Postfix; the desk fetches it from a real Dovecot."""

from __future__ import annotations

from pathlib import Path

import pytest

from deskbell.channels.mail import boxes
from deskbell.channels.mail.fetch import sources
from deskbell.channels.mail.fetch.sources import Entry
from deskbell.channels.mail.models import Letter, Source
from deskbell.tickets.models import Ticket
from deskbell.work.run import run_due
from tests.cast import Cast
from tests.channels.mail.fetch.desk import a_letter
from tests.fakes.dovecot import PASSWORD, Dovecot
from tests.fakes.postfix import Postfix

pytestmark = pytest.mark.django_db

BOX = "hello@lies.example"


def test_each_letter_goes_to_the_department_to_which_its_customer_wrote(
    server: Postfix, dovecot: Dovecot, data: Path, cast: Cast
) -> None:
    boxes.add_mailbox(address="invoices@old.lies.example", department=cast.billing)
    box = boxes.add_mailbox(address=BOX, department=cast.support)
    for name in ("anybody", "invoices"):
        letter = a_letter(name, to="undisclosed-recipients:;")
        server.send(letter, f"{name}@old.lies.example", port=server.mx)
    server.until_empty()

    sources.enter(box, Entry("imap", "127.0.0.1", dovecot.imap, "none", BOX, PASSWORD))
    sources.start(Source.objects.get(box=box), begin="all")
    run_due()
    assert Letter.objects.filter(source="imap").count() == 2
    found = {ticket.subject.plain: ticket.department for ticket in Ticket.objects.all()}
    assert found == {"anybody": cast.support, "invoices": cast.billing}
