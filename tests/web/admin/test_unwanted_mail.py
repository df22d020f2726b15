"""Settings of unwanted mail: limits, whose word is believed, the filter."""

from __future__ import annotations

import pytest

from deskbell.channels.mail import precautions
from tests.cast import Cast
from tests.web.conftest import SignIn

pytestmark = pytest.mark.django_db

PAGE = "/settings/unwanted-mail"
FORM = {
    "to_a_sender": "3",
    "on_a_ticket": "0",
    "checkers": "MX.Example.com\nmx2.example.com",
    "sealers": "google.com",
}


def test_an_admin_decides_about_unwanted_mail(cast: Cast, as_: SignIn) -> None:
    anna = as_(cast.anna)
    first = anna.get(PAGE).content.decode()
    assert 'value="20"' in first
    assert "It judges once it knows 20 of each." in first
    assert anna.post(PAGE, FORM).status_code == 302

    now = precautions.current()
    assert (now.to_a_sender, now.on_a_ticket, now.filters) == (3, 0, False)
    assert now.checkers == ["mx.example.com", "mx2.example.com"]
    assert now.sealers == ["google.com"]
    assert "mx2.example.com" in anna.get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("to_a_sender", "many", "Write a number from 0 to 1000"),
        ("to_a_sender", "1001", "Write a number from 0 to 1000"),
        ("on_a_ticket", "-1", "Write a number from 0 to 100"),
        ("checkers", "mx example;com", "is not the name of a server"),
        ("sealers", " ".join(f"d{n}.example" for n in range(51)), "more than 50 names"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(
    cast: Cast, as_: SignIn, field: str, value: str, sentence: str
) -> None:
    answer = as_(cast.anna).post(PAGE, {**FORM, field: value})

    assert answer.status_code == 422
    page = answer.content.decode()
    assert sentence in page
    assert f'id="{field}-error"' in page
    assert precautions.current().to_a_sender == 20
