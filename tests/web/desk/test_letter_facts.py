"""What a letter tells beside its words, on its ticket: through whom it came, its signature, an invitation."""

from __future__ import annotations

import pytest

from deskbell.channels.mail import opening
from deskbell.channels.mail.models import Letter
from deskbell.tickets.models import Ticket
from tests.cast import Cast
from tests.mails_of import MAILS, arrive, raw
from tests.web.conftest import SignIn
from tests.web.desk.test_ticket import fresh, page_of

pytestmark = pytest.mark.django_db


def ticket_of(letter: Letter) -> Ticket:
    assert letter.ticket is not None
    return letter.ticket


def test_a_letter_through_a_list_says_so(cast: Cast, as_: SignIn) -> None:
    page = page_of(as_(cast.bela), ticket_of(arrive(raw("sender_mailman_munged"))))

    assert (
        "Written by Emil Novak &lt;emil@acme.example&gt; through the list zips@lists.example."
        in page
    )


def test_a_signature_is_told_with_what_it_is_worth(cast: Cast, as_: SignIn) -> None:
    opening.add_public_key((MAILS / "keys" / "emil.asc").read_bytes())
    bela = as_(cast.bela)
    whole = page_of(bela, ticket_of(arrive(raw("pgp_valid"))))
    broken = page_of(bela, ticket_of(arrive(raw("pgp_changed_on_the_way"))))
    plain = page_of(bela, ticket_of(arrive(raw("plain_ascii"))))

    assert (
        "Signed by Emil Novak &lt;emil@acme.example&gt;; nothing in it was changed (PGP)." in whole
    )
    assert "Its signature is broken" in broken
    assert "letter__fact" not in plain


def test_an_invitation_is_a_card_in_the_readers_zone(cast: Cast, as_: SignIn) -> None:
    cast.bela.account.time_zone = "America/New_York"
    cast.bela.account.save(update_fields=["time_zone"])
    page = page_of(as_(cast.bela), ticket_of(arrive(raw("calendar_request_of_google"))))

    card = page[page.index('class="event"') :]
    card = card[: card.index("</section>")]
    for words in ("Invitation", "The zip, at last", "Room 5", "Emil Novak", "Desk", "4:00", "5:00"):
        assert words in card


def test_the_writer_of_what_an_agent_hands_on_becomes_the_customer_by_one_press(
    cast: Cast, as_: SignIn
) -> None:
    forward = raw("forward_gmail_en", **{"emil@acme.example": cast.bela.account.email})
    ticket = ticket_of(arrive(forward))
    bela = as_(cast.bela)
    assert "Frida Berg wrote the letter that was handed on here." in page_of(bela, ticket)

    bela.post(
        f"/tickets/{ticket.code}/customer",
        {"customer": "frida@buyer.example", "customer_name": "Frida Berg"},
    )

    customer = fresh(ticket).customer
    assert customer is not None
    assert customer.name == "Frida Berg"
    assert customer.addresses.filter(value="frida@buyer.example").exists()
    assert "wrote the letter that was handed on" not in page_of(bela, ticket)


def test_what_a_stranger_calls_themselves_runs_nowhere(cast: Cast, as_: SignIn) -> None:
    hostile = raw("sender_mailman_munged", **{"Emil Novak <emil@": '"<script>x</script>" <emil@'})
    page = page_of(as_(cast.bela), ticket_of(arrive(hostile)))

    assert "<script>x" not in page


def test_what_the_provider_marked_as_spam_says_why_nobody_was_told(cast: Cast, as_: SignIn) -> None:
    letter = arrive(b"X-Spam-Flag: YES\r\n" + raw("plain_ascii"))
    plain = arrive(raw("plain_ascii", Message="X-Was-Message"))
    bela = as_(cast.bela)

    told = "The filter of the mail provider has marked it as spam."
    assert told in page_of(bela, ticket_of(letter))
    assert told in bela.get(f"/letters/{letter.pk}").content.decode()
    assert told not in page_of(bela, ticket_of(plain))
