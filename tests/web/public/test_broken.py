"""Links out of letters that lead nowhere any more speak to who followed them."""

import pytest
from django.test import Client

from deskbell.people import accounts
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("rest", ["", "/", "/mistyped", "/cut/in/parts"])
def test_a_customer_with_a_broken_link_is_told_to_answer_the_letter(
    cast: Cast, client: Client, rest: str
) -> None:
    answer = client.get(f"/solved{rest}")
    page = answer.content.decode()
    assert answer.status_code == 404
    assert "This link is broken" in page
    assert "Simply answer our letter" in page
    assert "Lomnica Outdoor" in page
    assert "inbox" not in page
    assert answer["Referrer-Policy"] == "no-referrer"


def test_an_agent_with_a_used_invitation_is_told_what_to_do(cast: Cast, client: Client) -> None:
    answer = client.get(accounts.invitation_for(cast.bela.account) + "x")
    page = answer.content.decode()
    assert answer.status_code == 404
    assert "This link was used or has run out" in page
    assert 'href="/sign-in"' in page
    assert "Lomnica Outdoor" in page
