"""Where a letter belongs when it names others, or only its conversation."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from deskbell.channels.mail import conversation, ids
from deskbell.channels.mail.boxes import add_mailbox
from deskbell.channels.mail.compose import compose
from deskbell.channels.mail.models import Delivery, Letter
from deskbell.people.customers import customer_for
from deskbell.people.models import Address
from deskbell.tickets import actions
from deskbell.tickets.content import Content
from deskbell.tickets.models import Entry, Ticket
from tests.cast import Cast, by
from tests.channels.mail.test_read import answered, letter_from
from tests.desk import a_ticket
from tests.mails_of import arrive

# What Outlook makes for a conversation of its own: a fixed byte, a time, a GUID; and what it adds to answer.
THEIRS = "Adx1c2VyMTIzNDU2Nzg5MDEyMzQ1Ng=="


def letter_to(
    to: str, *, cc: str = "", sender: str = "emil@acme.example", answers: str = "", more: str = ""
) -> bytes:
    head = [f"From: {sender}", f"To: {to}", "Subject: The zip"]
    head += [f"Cc: {cc}"] if cc else []
    head += [f"In-Reply-To: <{answers}>"] if answers else []
    head += [more] if more else []
    head += [f"Message-ID: <{Letter.objects.count()}@acme.example>"]
    return "\r\n".join([*head, "", "Once more.", ""]).encode()


def taking_part(ticket: Ticket) -> dict[str, tuple[str, bool]]:
    parties = ticket.participants.select_related("address")
    return {one.address.value: (one.role, one.accepted) for one in parties}


@pytest.fixture
def desk(cast: Cast) -> Cast:
    add_mailbox(address="help@desk.example", department=cast.support)
    return cast


@pytest.mark.django_db
class TestCopies:
    def test_whom_a_customer_copies_in_takes_part_and_is_sent_the_answer(self, desk: Cast) -> None:
        letter = arrive(letter_to("help@desk.example", cc="Frida <frida@acme.example>"))

        assert letter.ticket is not None
        assert taking_part(letter.ticket) == {
            "emil@acme.example": ("customer", True),
            "frida@acme.example": ("cc", True),
        }
        actions.reply(letter.ticket, Content("Try wax."), by=by(desk.bela))
        sent = Delivery.objects.filter(purpose="reply").values_list("role", "address")
        assert set(sent) == {("to", "emil@acme.example"), ("cc", "frida@acme.example")}

    def test_who_was_copied_in_answers_into_the_ticket(self, desk: Cast) -> None:
        first = arrive(letter_to("help@desk.example", cc="frida@acme.example"))
        assert first.ticket is not None
        answer = actions.reply(first.ticket, Content("Try wax."), by=by(desk.bela))
        message_id = ids.message_id_for(first.ticket.pk, answer.pk, domain="desk.example")
        letter = arrive(
            letter_to("help@desk.example", sender="frida@acme.example", answers=message_id)
        )

        assert letter.ticket == first.ticket
        assert letter.message is not None
        assert letter.message.trust == "participant"

    def test_somebody_new_lets_nobody_take_part(self, desk: Cast) -> None:
        ticket, _message, message_id = answered(desk)
        arrive(
            letter_to(
                "help@desk.example",
                cc="mallory@elsewhere.example",
                sender="frida@acme.example",
                answers=message_id,
            )
        )

        assert taking_part(ticket) == {
            "emil@acme.example": ("customer", True),
            "frida@acme.example": ("other", False),
        }

    def test_the_customer_vouches_for_somebody_new(self, desk: Cast) -> None:
        ticket, _message, message_id = answered(desk)
        arrive(letter_to("help@desk.example", sender="frida@acme.example", answers=message_id))
        arrive(letter_to("help@desk.example", cc="frida@acme.example", answers=message_id))

        assert taking_part(ticket)["frida@acme.example"] == ("cc", True)

    def test_neither_we_nor_colleagues_nor_machines_are_copied_in(self, desk: Cast) -> None:
        letter = arrive(
            letter_to(
                f"help+zips@desk.example, {desk.bela.account.email}",
                cc="no-reply@acme.example, emil@acme.example",
            )
        )

        assert letter.ticket is not None
        assert taking_part(letter.ticket) == {"emil@acme.example": ("customer", True)}

    def test_an_address_by_which_it_came_is_ours_whatever_we_know_of_it(self, desk: Cast) -> None:
        letter = arrive(
            letter_to(
                "sales@desk.example, info@elsewhere.example",
                cc="frida@acme.example",
                more="Delivered-To: info@elsewhere.example",
            ),
            rcpt="sales@desk.example",
        )

        assert letter.ticket is not None
        assert set(taking_part(letter.ticket)) == {"emil@acme.example", "frida@acme.example"}

    def test_a_letter_sent_round_to_many_copies_in_nobody(self, desk: Cast) -> None:
        many = ", ".join(f"person{n}@acme.example" for n in range(21))
        letter = arrive(letter_to("help@desk.example", cc=many))

        assert letter.ticket is not None
        assert taking_part(letter.ticket) == {"emil@acme.example": ("customer", True)}
        assert not Address.objects.filter(value="person1@acme.example").exists()

    def test_a_mailing_list_copies_in_nobody(self, desk: Cast) -> None:
        letter = arrive(
            letter_to("help@desk.example", cc="frida@acme.example", more="List-Id: <zips.example>")
        )

        assert letter.ticket is not None
        assert set(taking_part(letter.ticket)) == {"emil@acme.example"}

    def test_whom_an_agent_took_off_stays_off(self, desk: Cast) -> None:
        letter = arrive(letter_to("help@desk.example", cc="frida@acme.example"))
        assert letter.ticket is not None
        actions.remove_participant(letter.ticket, desk.frida, by=by(desk.bela))
        again = arrive(
            letter_to(
                "help@desk.example",
                cc="frida@acme.example",
                answers=letter.rfc_message_id,
            )
        )

        assert again.ticket == letter.ticket
        assert set(taking_part(letter.ticket)) == {"emil@acme.example"}

    def test_the_thread_says_who_copied_whom_in(self, desk: Cast) -> None:
        letter = arrive(letter_to("help@desk.example", cc="frida@acme.example"))
        entry = Entry.objects.get(ticket=letter.ticket, kind="participant.added")

        assert (entry.by_kind, entry.by_id) == ("customer", desk.emil.customer_id)
        assert entry.cause is not None
        assert entry.cause.kind == "message.received"

    def test_a_desk_without_mail_boxes_knows_itself_by_the_envelope(self, cast: Cast) -> None:
        letter = arrive(
            letter_to(
                "Help <help@desk.example>, sales@desk.example",
                cc=f"Frida <frida@acme.example>, no-reply@acme.example, {cast.bela.account.email}",
            )
        )

        assert letter.ticket is not None
        assert taking_part(letter.ticket) == {
            "emil@acme.example": ("customer", True),
            "frida@acme.example": ("cc", True),
        }
        actions.reply(letter.ticket, Content("Try wax."), by=by(cast.bela))
        sent = Delivery.objects.filter(purpose="reply").values_list("role", "address")
        assert set(sent) == {("to", "emil@acme.example"), ("cc", "frida@acme.example")}

    def test_without_mail_boxes_a_letter_that_does_not_name_us_copies_in_nobody(
        self, cast: Cast
    ) -> None:
        letter = arrive(letter_to("support@desk.example", cc="frida@acme.example"))

        assert letter.ticket is not None
        assert set(taking_part(letter.ticket)) == {"emil@acme.example"}

    @pytest.mark.parametrize(
        ("cc", "more"),
        [
            ("frida@acme.example", "List-Id: <zips.example>"),
            (", ".join(f"person{n}@acme.example" for n in range(21)), ""),
        ],
    )
    def test_without_mail_boxes_nobody_is_copied_in_who_would_not_be_with_one(
        self, cast: Cast, cc: str, more: str
    ) -> None:
        letter = arrive(letter_to("help@desk.example", cc=cc, more=more))

        assert letter.ticket is not None
        assert set(taking_part(letter.ticket)) == {"emil@acme.example"}


@pytest.mark.django_db
class TestConversations:
    def test_an_answer_of_outlook_without_references_finds_its_ticket(self, desk: Cast) -> None:
        ticket, message, _message_id = answered(desk)
        delivery = Delivery.objects.get(message=message)
        [ours] = [
            line.partition(": ")[2]
            for line in compose(delivery).data.decode().splitlines()
            if line.startswith("Thread-Index")
        ]
        assert conversation.root_of(ours) == ids.conversation_of(ticket.pk)
        letter = arrive(letter_to("help@desk.example", more=f"Thread-Index: {ours}"))

        assert letter.ticket == ticket
        assert letter.reason == "our_conversation_1"

    def test_a_colleague_with_our_conversation_joins_as_a_new_sender(self, desk: Cast) -> None:
        ticket, _message, _message_id = answered(desk)
        ours = conversation.header_of(ids.conversation_of(ticket.pk))
        letter = arrive(
            letter_to(
                "help@desk.example", sender="frida@acme.example", more=f"Thread-Index: {ours}"
            )
        )

        assert (letter.ticket, letter.reason) == (ticket, "our_conversation_2")
        assert letter.message is not None
        assert letter.message.trust == "new_sender"

    def test_a_made_up_conversation_of_ours_proves_nothing(self, desk: Cast) -> None:
        ticket, _message, _message_id = answered(desk)
        root = ids.conversation_of(ticket.pk)
        forged = conversation.header_of(f"{root[:12]}{'0' * 32}")
        letter = arrive(letter_to("help@desk.example", more=f"Thread-Index: {forged}"))

        assert letter.ticket != ticket

    def test_a_second_letter_of_the_customers_own_conversation_continues_it(
        self, desk: Cast
    ) -> None:
        first = arrive(letter_to("help@desk.example", more=f"Thread-Index: {THEIRS}"))
        longer = conversation.header_of(conversation.root_of(THEIRS) + "0102030405")
        second = arrive(letter_to("help@desk.example", more=f"Thread-Index: {longer}"))
        stranger = arrive(
            letter_to(
                "help@desk.example",
                sender="mallory@elsewhere.example",
                more=f"Thread-Index: {THEIRS}",
            )
        )

        assert second.ticket == first.ticket
        assert second.reason == "their_conversation_1"
        assert stranger.reason == "their_conversation_3"
        assert stranger.ticket is not None
        assert stranger.ticket.links.get().other == first.ticket

    def test_an_answer_to_two_tickets_goes_to_the_one_that_was_not_thrown_away(
        self, desk: Cast
    ) -> None:
        older, _, older_id = answered(desk)
        newer, _, newer_id = answered(desk)
        actions.delete(newer, by=by(desk.anna))
        head = f"From: emil@acme.example\r\nReferences: <{older_id}> <{newer_id}>\r\n\r\nBoth.\r\n"

        assert arrive(head.encode()).ticket == older


@pytest.mark.parametrize(
    "header",
    [
        "",
        "nonsense",
        "AdwB",
        "Adx1c2VyMTIzNDU2Nzg5MDEyMzQ1Nj==!",
        "AdwB" * 8,
    ],
)
def test_what_is_no_conversation_names_none(header: str) -> None:
    assert len(conversation.root_of(THEIRS)) == 44
    assert conversation.root_of(header) == ""


@pytest.mark.django_db
def test_somebody_new_who_is_split_off_takes_part_in_their_own_ticket_alone(cast: Cast) -> None:
    ticket, _message, message_id = answered(cast)
    letter = arrive(letter_from("frida@acme.example", answers=message_id))
    assert letter.message is not None
    begun = actions.split(ticket, letter.message, by=by(cast.bela))

    assert set(taking_part(ticket)) == {"emil@acme.example"}
    assert taking_part(begun) == {"frida@acme.example": ("customer", True)}


@pytest.mark.django_db
def test_whom_the_customer_names_again_and_again_is_added_once(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    add_mailbox(address="help@desk.example", department=cast.support)
    ticket = a_ticket(cast.support, cast.emil)
    for _ in range(3):
        clock.shift(timedelta(hours=1))
        actions.receive(
            ticket,
            Content("Again."),
            by=by(cast.emil),
            address=cast.emil,
            copies=[customer_for("frida@acme.example", "")],
        )

    assert Entry.objects.filter(ticket=ticket, kind="participant.added").count() == 1
