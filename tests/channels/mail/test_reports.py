"""What servers say of letters that did not arrive: whose address, for good or for now, and which letter of ours."""

from __future__ import annotations

import subprocess
import sys
import tarfile
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import compat32
from importlib.metadata import version
from pathlib import Path

import pytest
from flufl.bounce import all_failures

from deskbell.channels.mail import ids, outcomes
from deskbell.channels.mail.models import Delivery, Letter
from deskbell.channels.mail.report import Report, report_of
from deskbell.people.models import Address
from deskbell.tickets import actions
from deskbell.tickets.content import Content
from deskbell.tickets.models import Message, Ticket
from deskbell.work.run import run_due
from tests.cast import Cast, by
from tests.desk import a_ticket
from tests.mails_of import arrive, raw

pytestmark = pytest.mark.django_db

EMIL = "emil@acme.example"


@dataclass(frozen=True)
class Says:
    """What a report says: addresses that failed for good with their status, those that wait, those reached."""

    failed: tuple[tuple[str, str], ...] = ()
    late: tuple[str, ...] = ()
    arrived: tuple[str, ...] = ()
    is_late: bool = False


UNKNOWN = Says(((EMIL, "5.1.1"),))

EXPECTED: dict[str, Says | None] = {
    "bounce_several_recipients": Says(
        ((EMIL, "5.1.1"),),
        ("frida@acme.example",),
        ("gita@acme.example", "hugo@acme.example"),
    ),
    "bounce_delivered": Says(arrived=(EMIL,)),
    "bounce_gave_up_after_days": Says(((EMIL, "4.4.7"),)),
    "bounce_internationalised": UNKNOWN,
    "bounce_office365_hu": Says(((EMIL, "5.1.10"),)),
    "bounce_exchange_other_id": Says(((EMIL, "5.7.1"),)),
    "bounce_gmail_returned": UNKNOWN,
    "bounce_yandex_ru": Says(((EMIL, "5.0.0"),)),
    "bounce_seznam_cs": Says(((EMIL, "5.2.2"),)),
    "bounce_qmail": UNKNOWN,
    "bounce_postfix_old": UNKNOWN,
    "bounce_sendmail_old": Says(((EMIL, ""),)),
    "bounce_sendmail_warning": Says(late=(EMIL,)),
    "bounce_exim_late": Says(late=(EMIL,)),
    "bounce_gmx_de": UNKNOWN,
    "bounce_mailru": Says(((EMIL, "5.2.1"),)),
    "bounce_yahoo": UNKNOWN,
    "bounce_groupwise": UNKNOWN,
    "bounce_lotus_notes": UNKNOWN,
    "bounce_aol": Says(((EMIL, ""),)),
    "bounce_sympa": Says(((EMIL, "5.7.1"),)),
    "bounce_quoted_nl": UNKNOWN,
    "bounce_names_nobody": Says(),
    "bounce_late_names_nobody": Says(is_late=True),
    "bounce_told_by_a_person": None,
}


def parsed(name: str) -> Report | None:
    return _report(raw(name))


def _report(letter: bytes) -> Report | None:
    return report_of(message_from_bytes(letter, policy=compat32), letter)


@pytest.mark.once
@pytest.mark.parametrize("name", EXPECTED)
def test_a_report_says_whom_the_letter_did_not_reach(name: str) -> None:
    report, says = parsed(name), EXPECTED[name]

    if report is None or says is None:
        assert report is None
        assert says is None
        return
    failures = report.failures
    late = [one for one in failures if not one.is_permanent and not one.is_arrived]
    assert tuple((one.address, one.status) for one in failures if one.is_permanent) == says.failed
    assert tuple(one.address for one in late) == says.late
    assert tuple(one.address for one in failures if one.is_arrived) == says.arrived
    assert report.is_late == says.is_late


# What comes of it


def answered(cast: Cast) -> tuple[Ticket, Message]:
    """Return a ticket of Emil's that was answered by a letter which the relay took."""
    ticket = a_ticket(cast.support, cast.emil)
    message = actions.reply(ticket, Content("Try wax."), by=by(cast.bela))
    run_due()
    Delivery.objects.filter(message=message).update(state="sent")
    ticket.refresh_from_db()
    return ticket, message


def report_about(ticket: Ticket, message: Message, name: str, *, rcpt: str = "") -> Letter:
    """Let a report of tests/mails come about this message."""
    message_id = ids.message_id_for(ticket.pk, message.pk, domain="desk.example")
    names = {
        "TOKEN@desk.example": message_id,
        "THREAD@desk.example": ids.token_reference(ticket.pk),
    }
    return arrive(raw(name, **names), mail_from="", rcpt=rcpt)


FOR_GOOD = [name for name, says in EXPECTED.items() if says and (says.failed or says == Says())]
FOR_NOW = [name for name, says in EXPECTED.items() if says and name not in FOR_GOOD]


@pytest.mark.parametrize("name", FOR_GOOD)
def test_a_failure_for_good_opens_the_ticket_of_its_letter_once(cast: Cast, name: str) -> None:
    ticket, message = answered(cast)
    letter = report_about(ticket, message, name)

    assert (letter.state, letter.what, letter.reason) == ("read", "bounce", "bounce_recorded")
    assert letter.ticket == ticket
    ticket.refresh_from_db()
    assert ticket.status == "open"
    assert Delivery.objects.get(message=message).state == "failed"
    steps = ticket.last_step
    again = raw(name, **{"Date: Mon, 02": "Date: Tue, 03"})
    message_id = ids.message_id_for(ticket.pk, message.pk, domain="desk.example")
    again = again.replace(b"TOKEN@desk.example", message_id.encode())
    again = again.replace(b"THREAD@desk.example", ids.token_reference(ticket.pk).encode())
    assert arrive(again, mail_from="").reason != "bounce_recorded"
    ticket.refresh_from_db()
    assert ticket.last_step == steps


@pytest.mark.parametrize("name", FOR_NOW)
def test_a_letter_that_waits_or_arrived_leaves_the_ticket_alone(cast: Cast, name: str) -> None:
    ticket, message = answered(cast)
    letter = report_about(ticket, message, name)

    reason = "bounce_arrived" if name == "bounce_delivered" else "bounce_temporary"
    assert (letter.state, letter.reason, letter.ticket) == ("ignored", reason, ticket)
    ticket.refresh_from_db()
    assert ticket.status == "answered"


def test_a_letter_that_waits_at_another_server_says_so_until_it_arrives(cast: Cast) -> None:
    ticket, message = answered(cast)
    report_about(ticket, message, "bounce_exim_late")
    delivery = Delivery.objects.get(message=message)
    assert delivery.state == "sent"
    assert "goes on trying" in outcomes.sentence_of(delivery)

    report_about(ticket, message, "bounce_delivered")
    delivery.refresh_from_db()
    assert outcomes.sentence_of(delivery) == "Sent."


def test_of_several_recipients_each_gets_what_is_said_of_them(cast: Cast) -> None:
    ticket, message = answered(cast)
    for name in ("frida", "gita"):
        Delivery.objects.create(
            ticket=ticket,
            message=message,
            purpose="reply",
            address=f"{name}@acme.example",
            rfc_message_id=message.message_id,
            entry_step=ticket.last_step,
            state="sent",
        )
    report_about(ticket, message, "bounce_several_recipients")

    said = Delivery.objects.filter(message=message).order_by("address")
    assert [(one.state, one.reason) for one in said] == [
        ("failed", "mailbox_unknown"),
        ("sent", "delayed"),
        ("sent", ""),
    ]


def test_an_address_that_has_only_no_room_left_is_still_a_good_one(cast: Cast) -> None:
    ticket, message = answered(cast)
    report_about(ticket, message, "bounce_seznam_cs")
    assert Address.objects.get(value=EMIL).bad_since is None

    report_about(*answered(cast), "bounce_gmail_returned")
    assert Address.objects.get(value=EMIL).bad_since is not None


def test_an_address_is_good_again_when_somebody_writes_from_it(cast: Cast) -> None:
    report_about(*answered(cast), "bounce_gmail_returned")
    assert Address.objects.exclude(bad_since=None).get().value == EMIL

    letter = b"From: %s\nTo: help@desk.example\nSubject: It is %s\n\nIt works again."
    arrive(letter % (b"gita@acme.example", b"Gita"))
    assert Address.objects.get(value=EMIL).bad_since is not None
    arrive(letter % (EMIL.encode(), b"Emil"))
    assert Address.objects.get(value=EMIL).bad_since is None


def test_a_report_that_returns_nothing_is_known_by_the_address_it_came_to(cast: Cast) -> None:
    ticket, message = answered(cast)
    message_id = ids.message_id_for(ticket.pk, message.pk)
    rcpt = f"help+{message_id.partition('@')[0]}@desk.example"
    letter = arrive(raw("bounce_qmail"), mail_from="", rcpt=rcpt)

    assert (letter.reason, letter.ticket) == ("bounce_recorded", ticket)


@pytest.mark.parametrize("name", FOR_GOOD)
def test_a_forged_report_changes_nothing_and_is_shown(cast: Cast, name: str) -> None:
    ticket, message = answered(cast)
    token = ids.message_id_for(ticket.pk, message.pk).split("-")
    forged = "-".join([*token[:3], "a" * 16]) + "@desk.example"
    names = {"TOKEN@desk.example": forged, "THREAD@desk.example": forged}
    letter = arrive(raw(name, **names), mail_from="")

    assert (letter.state, letter.reason, letter.ticket) == ("parked", "bounce_unknown", None)
    ticket.refresh_from_db()
    assert ticket.status == "answered"


def test_a_person_who_writes_of_a_parcel_that_was_not_delivered_gets_a_ticket(cast: Cast) -> None:
    letter = arrive(raw("bounce_told_by_a_person"))

    assert (letter.state, letter.what) == ("read", "letter")


# The public letters of flufl.bounce: what it finds, we find


@pytest.mark.once
def test_all_that_flufl_bounce_finds_is_found() -> None:
    folder = _public_letters()
    letters = sorted(folder.glob("*.txt"))
    assert len(letters) > 90

    for path in letters:
        bytes_ = path.read_bytes()
        late, failed = all_failures(message_from_bytes(bytes_, policy=compat32))
        report = _report(bytes_)
        found = report.failures if report else ()
        assert {one.address for one in found if one.is_permanent} == _lower(failed), path.name
        assert {one.address for one in found if not one.is_permanent} == _lower(late), path.name


def _lower(addresses: frozenset[bytes]) -> set[str]:
    return {address.decode().lower() for address in addresses}


def _public_letters() -> Path:
    """Return the letters that flufl.bounce tests itself by, fetched once."""
    name = f"flufl_bounce-{version('flufl.bounce')}"
    cache = Path(__file__).parents[3] / ".cache" / "flufl"
    folder = cache / name / "tests" / "data"
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        options = ("--quiet", "--no-deps", "--no-binary", "flufl.bounce", "--dest", str(cache))
        wanted = f"flufl.bounce=={version('flufl.bounce')}"
        command = [sys.executable, "-m", "pip", "download", *options, wanted]
        if subprocess.run(command, capture_output=True, timeout=120, check=False).returncode:
            pytest.skip("the public letters of flufl.bounce: the package index cannot be reached")
        with tarfile.open(cache / f"{name}.tar.gz") as archive:
            archive.extractall(cache, filter="data")
    return folder


def test_a_report_names_what_we_had_called_the_letter_by() -> None:
    status = (
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
        b"--b\nContent-Type: message/delivery-status\n\n"
        b"Reporting-MTA: dns; mx.acme.example\nOriginal-Envelope-Id: a+2Bb+3D@desk.example\n\n"
        b"Final-Recipient: rfc822; emil@acme.example\nAction: failed\nStatus: 5.1.1\n\n--b--\n"
    )
    found = report_of(message_from_bytes(status, policy=compat32), status)
    assert found is not None
    assert found.number == "a+b=@desk.example"
