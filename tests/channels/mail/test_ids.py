"""The signed tokens in our Message-IDs: read back from whatever mail servers make of them."""

import pytest
from django.conf import settings as django_settings
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deskbell.channels.mail import ids
from deskbell.channels.mail.ids import Token
from deskbell.people.models import Desk

pytestmark = pytest.mark.django_db

numbers = st.integers(min_value=0, max_value=2**63 - 1)


@given(ticket=numbers, message=numbers)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_message_id_of_ours_says_its_ticket_and_message(ticket: int, message: int) -> None:
    made = ids.message_id_for(ticket, message, domain="acme.example")
    assert ids.read_token(made) == Token(ticket, message_id=message)
    local, _, domain = made.partition("@")
    assert len(local) <= 64
    assert domain == "acme.example"


def test_the_same_message_always_has_the_same_id_and_another_never() -> None:
    assert ids.message_id_for(7, 12) == ids.message_id_for(7, 12)
    made = {
        ids.message_id_for(7, 12),
        ids.message_id_for(7, 13),
        ids.message_id_for(8, 12),
        ids.question_id_for(7, 12),
        ids.token_reference(7),
    }
    assert len(made) == 5


@pytest.mark.parametrize(
    "rewritten",
    [
        "<{}>",
        "{upper}",
        "<20240101.abc@other.example> <{}> <last@mailer.example>",
        "<{local}%acme.example@gateway.example>",
        "SRS0=HHH=TT=acme.example={local}@relay.example",
        "support+{local}@acme.example",
        "<a@b>\r\n\t<{}>",
    ],
)
def test_a_token_is_found_in_what_servers_make_of_it(rewritten: str) -> None:
    made = ids.message_id_for(41, 99, domain="acme.example")
    text = rewritten.format(made, upper=made.upper(), local=made.partition("@")[0])
    assert ids.read_token(text) == Token(41, message_id=99)


def test_a_question_and_a_reference_are_read_as_such() -> None:
    assert ids.read_token(ids.question_id_for(5, 17)) == Token(5, step=17)
    assert ids.read_token(ids.token_reference(5)) == Token(5)


def test_the_nearest_letter_counts_when_a_text_names_several() -> None:
    text = f"<{ids.message_id_for(1, 1)}> <{ids.token_reference(1)}> <{ids.message_id_for(2, 6)}>"
    assert ids.read_token(text) == Token(2, message_id=6)
    assert ids.read_tokens(text) == [Token(2, message_id=6), Token(1), Token(1, message_id=1)]


@pytest.mark.parametrize(
    "text", ["", "hello", "<db-1-m1-aaaaaaaaaaaaaaaa@acme.example>", "db-1-m1-"]
)
def test_a_token_that_somebody_made_up_is_not_ours(text: str) -> None:
    assert ids.read_token(text) is None


def test_a_token_moved_to_another_ticket_or_kind_is_not_ours() -> None:
    made = ids.message_id_for(3, 4)
    assert ids.read_token(made) is not None
    assert ids.read_token(made.replace("db-3-", "db-5-")) is None
    assert ids.read_token(made.replace("-m4-", "-s4-")) is None
    assert ids.read_token(made.replace("-m4-", "-m5-")) is None


def test_a_token_of_another_installation_is_not_ours() -> None:
    made = ids.message_id_for(3, 4)
    assert ids.read_token(made) == Token(3, message_id=4)
    desk = Desk.get()
    desk.installation = "0" * 32
    desk.save(update_fields=["installation"])
    assert ids.read_token(made) is None


def test_a_changed_key_keeps_old_letters_when_the_old_key_is_named() -> None:
    made = ids.message_id_for(3, 4)
    with override_settings(SECRET_KEY="another key"):
        assert ids.read_token(made) is None
    old_key = django_settings.SECRET_KEY
    with override_settings(SECRET_KEY="another key", SECRET_KEY_FALLBACKS=[old_key]):
        assert ids.read_token(made) == Token(3, message_id=4)


def test_no_letter_is_made_for_a_row_that_cannot_be() -> None:
    with pytest.raises(ValueError, match="no row"):
        ids.message_id_for(-1, 1)


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("help@Desk.example", "desk.example"),
        ("help@bücher.example", "xn--bcher-kva.example"),
        ("help", ""),
        ("help@a..b", ""),
        ("help@" + ".".join(["a" * 60] * 4), ""),
    ],
)
def test_the_domain_of_a_mail_box_is_written_in_ascii(address: str, domain: str) -> None:
    assert ids.domain_of(address) == domain
    made = ids.message_id_for(2**63 - 1, 2**63 - 1, domain=ids.domain_of(address))
    assert made.isascii()
    assert len(made) <= 200
