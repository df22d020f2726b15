"""`mail explain`: what would be made of a letter, and why; it changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from deskbell.channels.mail import explain, opening, precautions
from deskbell.channels.mail.models import Letter, MailBox
from deskbell.people.models import Address
from deskbell.tickets.models import Entry, Message, Ticket
from tests.cast import Cast
from tests.channels.mail.test_read import answered, letter_from
from tests.mails_of import MAILS

pytestmark = pytest.mark.django_db


def told(path: Path) -> str:
    return "\n".join(explain.explain(path))


def count() -> list[int]:
    return [one.objects.count() for one in (Letter, Ticket, Message, Entry, Address)]


def test_it_says_who_wrote_and_by_what_rule(cast: Cast) -> None:
    said = told(MAILS / "sender_google_group.eml")

    assert "Written by: Emil Novak <emil@acme.example>\n  for a Google Group has put itself" in said
    assert "(google_group)" in said
    assert "Proved, if at all: support@lists.example" in said
    assert "Through: support@lists.example" in said
    assert "Ticket: a new one" in said
    assert (
        "A machine may answer: no. It is not a letter that a person wrote to the desk. (no_letter)"
        in said
    )


def test_it_says_which_ticket_a_letter_would_continue_and_why(cast: Cast, tmp_path: Path) -> None:
    ticket, _message, message_id = answered(cast)
    path = tmp_path / "letter.eml"
    path.write_bytes(letter_from("emil@acme.example", answers=message_id))

    said = told(path)
    assert f"Ticket: continues {ticket.code}. It answers a letter of ours, and its sender" in said
    assert "(token_1) Its sender takes part. (participant)" in said
    path.write_bytes(letter_from("mallory@evil.example", subject=ticket.code))
    said = told(path)
    assert f"Ticket: a new one, linked with {ticket.code}. It names another ticket" in said
    assert "(code_3)" in said


def test_it_says_what_a_filter_in_front_has_found(cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "letter.eml"
    marks = b"Authentication-Results: mx.desk.example; dmarc=pass\r\nX-Spam-Flag: YES\r\n"
    path.write_bytes(marks + letter_from("mallory@evil.example"))
    assert "Taken for spam: no" in told(path)
    precautions.change(
        to_a_sender="20", on_a_ticket="5", filters=True, checkers="mx.desk.example", sealers=""
    )

    assert "(spam_checked)" in told(path)


def test_it_changes_nothing(cast: Cast) -> None:
    before = count()
    for path in sorted(MAILS.glob("s*.eml")):
        told(path)

    assert count() == before


def test_it_says_what_was_set_right_and_what_is_in_it(cast: Cast) -> None:
    MailBox.objects.create(address="help@desk.example", department=cast.billing)

    said = told(MAILS / "charset_x_unknown.eml")
    assert "cannot be its own, x-unknown → utf-8 (charset)" in said
    assert "Department: Billing (by its mail box help@desk.example" in said
    assert "File: zip.pdf" in told(MAILS / "tnef_files_of_outlook.eml")
    said = told(MAILS / "smime_changed_on_the_way.eml")
    assert "Signature: Its signature is broken" in said
    assert "(broken)" in said
    assert "Not read: It is nested deeper" in told(MAILS / "bomb_nested_parts.eml")
    assert "Calendar: Invitation, The zip, at last" in told(MAILS / "calendar_alone.eml")
    assert "What becomes of it: what it tells is noted on the delivery" in told(
        MAILS / "receipt_that_it_was_read.eml"
    )
    assert "Hands on a letter of: Frida Berg <frida@buyer.example>" in told(
        MAILS / "forward_outlook_hu_mailto.eml"
    )


def test_it_opens_what_a_key_opens(cast: Cast) -> None:
    box = MailBox.objects.create(address="help@desk.example", department=cast.support)
    opening.add_box_key(box.address, (MAILS / "keys" / "help.pem").read_bytes())

    assert "opened with a key of this desk. (opened)" in told(MAILS / "smime_encrypted.eml")


def test_it_says_what_rules_would_mask_and_shows_none_of_it(cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "letter.eml"
    path.write_bytes(letter_from("emil@acme.example", text="Take 4111 1111 1111 1111."))
    said = told(path)
    assert "Masked: Masked before it was kept: card number; the letter would be sealed" in said
    assert "Take •••• •••• •••• 1111." in said
    assert "4111" not in said
    path.write_bytes(letter_from("emil@acme.example", text="Take 4112."))
    assert "Masked: nothing" in told(path)
