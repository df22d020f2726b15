"""Law: every job may run twice, in a row and at once, and the whole walk of a letter comes out the same."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest
from django.test import override_settings

from deskbell.channels.mail import letters, smtp_client
from deskbell.channels.mail.models import Delivery, Letter
from deskbell.clock import now
from deskbell.tickets import actions
from deskbell.tickets.content import Content
from deskbell.tickets.models import Entry, Message, Ticket
from deskbell.work import timetable
from deskbell.work.models import Job
from deskbell.work.registry import KINDS
from deskbell.work.run import run_each_twice
from tests.cast import by, meet
from tests.fakes.relay import Relay

# Every job there is.  A new one is named here once the walk below, or a test that it names, runs it twice.
JOBS = {
    "read_letter",
    "settle",
    "send_behind",
    "send_delivery",
    "timetable",
    # tests/sla/test_promises.py
    "renew_clocks",
    # tests/channels/mail/fetch/test_kills.py
    "fetch_letters",
    # tests/web/door/test_lost_password.py
    "lost_password",
    # tests/tickets/test_handover.py
    "hand_over",
    # tests/sweeps/test_going.py
    "sweep",
    # tests/tickets/test_scheduled.py
    "send_scheduled",
    # tests/channels/mail/test_plus.py
    "probe_plus_address",
    # tests/channels/mail/test_tell_by_mail.py
    "mail_notices",
    "gather_notices",
    # tests/tickets/test_taken_out.py
    "erase_customer",
    "shred_file",
    "shred_letter",
}


def test_no_job_is_forgotten_here() -> None:
    assert set(KINDS) == JOBS


@pytest.mark.django_db(transaction=True)
def test_a_letter_walks_the_same_way_when_each_job_runs_twice_and_twice_at_once(
    tmp_path: Path,
) -> None:
    cast = meet()
    # A folder of its own: the timetable would adopt the letters that other tests left in theirs.
    with Relay() as relay, override_settings(RELAY=relay.url, DATA=tmp_path):
        letters.keep(
            bytes(a_letter("The zip came apart")), source="smtp", mail_from="emil@acme.example"
        )
        everything_is_due()
        ticket = Ticket.objects.get()
        actions.reply(ticket, Content("Send it in."), by=by(cast.bela), then="resolved")
        everything_is_due()
        smtp_client.close_all()
        assert len(relay.seen) == 3, "acknowledgement, answer, question, once each"

    assert Letter.objects.get().state == Letter.State.READ
    assert [message.kind for message in Message.objects.order_by("id")] == ["customer", "reply"]
    assert set(Delivery.objects.values_list("state", flat=True)) == {Delivery.State.SENT}
    kinds = list(Entry.objects.filter(ticket=ticket).values_list("kind", flat=True))
    assert kinds.count("resolution.asked") == 1
    assert not Job.objects.exists()


def everything_is_due() -> None:
    """Run each job twice and twice at once, those too that were to wait, until none is left."""
    for _ in range(3):
        timetable.tick()
        Delivery.objects.filter(sent_at=None).update(hold_until=now(), next_at=now())
        Job.objects.update(run_at=now())
        run_each_twice()


def a_letter(subject: str) -> EmailMessage:
    letter = EmailMessage()
    letter["From"], letter["To"] = "Emil <emil@acme.example>", "help@desk.example"
    letter["Subject"], letter["Message-ID"] = subject, "<one@acme.example>"
    letter.set_content("What now?")
    return letter
