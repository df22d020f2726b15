"""What a program logs as a customer's words is masked; what it writes for an agent stays."""

from __future__ import annotations

import pytest

from tests.api.conftest import Program
from tests.cast import Cast

pytestmark = pytest.mark.django_db

CARD, LEFT = "4111 1111 1111 1111", "•••• •••• •••• 1111"


def opened(program: Program, kind: str, **words: str) -> str:
    body = {"department": "Support", "customer": {"email": "emil@acme.example"}, "kind": kind}
    return str(program.post("/tickets", {**body, **words})["code"])


def test_a_customers_words_are_masked_and_say_so(cast: Cast, bela: Program) -> None:
    code = opened(
        bela, "customer", subject=f"Card {CARD}", html=f"<p>It is <b>41</b>{CARD[2:]}</p>"
    )
    assert bela.get(f"/tickets/{code}")["subject"] == f"Card {LEFT}"
    [message] = bela.get(f"/tickets/{code}/messages")["items"]
    assert message["html"] == "<p>It is <b>••</b>•• •••• •••• 1111</p>"
    assert message["text"] == f"It is {LEFT}"
    assert message["told"] == ["Masked before it was kept: card number (2)"]
    entries = bela.get(f"/tickets/{code}/timeline")["items"]
    [told] = [one for one in entries if one["kind"] == "text.masked"]
    assert told["data"] == {"rules": [0], "times": [2], "message_id": message["id"]}
    assert told["sentence"] == "Masked before it was kept: card number"


def test_what_an_agent_writes_through_a_program_stays(cast: Cast, bela: Program) -> None:
    code = opened(bela, "reply", subject="Your order", text=f"Is it {CARD}?")
    [message] = bela.get(f"/tickets/{code}/messages")["items"]
    assert message["text"] == f"Is it {CARD}?"
