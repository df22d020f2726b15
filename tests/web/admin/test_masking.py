"""Settings of masking: card numbers, rules of the team's own, a text to try them on."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deskbell.errors import BadInput, NotAllowed
from deskbell.masking import rules
from deskbell.masking.models import MaskingRule
from tests.cast import Cast, by
from tests.web.conftest import SignIn

pytestmark = pytest.mark.django_db

PAGE = "/settings/masking"
RULE = {"name": "account  number", "pattern": r"\bK-\d{3}", "put": "K-…"}


def a_rule(cast: Cast, name: str = "account", pattern: str = "K-[0-9]+") -> MaskingRule:
    return rules.make(name=name, pattern=pattern, put="K-…", by=by(cast.anna))


def test_card_numbers_are_masked_until_an_admin_decides_otherwise(cast: Cast, as_: SignIn) -> None:
    anna = as_(cast.anna)
    assert 'name="cards" value="1" checked' in anna.get(PAGE).content.decode()
    for _ in range(2):
        assert anna.post(PAGE, {}).status_code == 302
    assert not rules.are_cards_masked()
    assert rules.current() == ()
    assert "checked" not in anna.get(PAGE).content.decode().split('name="cards"')[1][:40]
    anna.post(PAGE, {"cards": "1"})
    assert rules.are_cards_masked()
    row = MaskingRule.objects.get()
    assert (row.changed_by, row.made_by, row.off_since) == (cast.anna, cast.anna, None)


def test_a_rule_is_made_changed_switched_off_and_on(cast: Cast, as_: SignIn) -> None:
    anna = as_(cast.anna)
    assert anna.post(f"{PAGE}/new", RULE).status_code == 302
    rule = MaskingRule.objects.get()
    assert (rule.name, rule.pattern, rule.put) == ("account number", r"\bK-\d{3}", "K-…")
    assert "changed by Anna van der Meulen" in anna.get(PAGE).content.decode()
    assert rules.begin().text("K-123") == "K-…"

    anna.post(f"{PAGE}/{rule.pk}", {**RULE, "put": ""})
    assert rules.begin().text("K-123") == ""

    anna.post(f"{PAGE}/{rule.pk}/switch", {"_method": "DELETE"})
    assert rules.begin().text("K-123") == "K-123"
    assert "Switched off." in anna.get(PAGE).content.decode()
    anna.post(f"{PAGE}/{rule.pk}/switch")
    assert rules.begin().text("K-123") == ""


def test_what_cannot_be_a_rule_is_said_beside_its_field_and_nothing_is_kept(
    cast: Cast, as_: SignIn
) -> None:
    anna = as_(cast.anna)
    for field, value, sentence in (
        ("name", "", "Give it a name"),
        ("name", "x" * 61, "at most 60"),
        ("pattern", "(K", "A bracket “(” is not closed."),
        ("put", "K-777", "masked again"),
    ):
        answer = anna.post(f"{PAGE}/new", {**RULE, field: value})
        page = answer.content.decode()
        assert (answer.status_code, sentence in page) == (422, True), field
        assert f'id="{field}-error"' in page
    assert not MaskingRule.objects.exists()


def test_a_rule_is_tried_before_it_is_kept(cast: Cast, as_: SignIn) -> None:
    anna = as_(cast.anna)
    sample = "My account is K-123 <b>."
    page = anna.post(f"{PAGE}/new", {**RULE, "sample": sample, "try": "1"}).content.decode()
    assert "<del>K-123</del> <ins>K-…</ins> &lt;b&gt;." in page
    assert not MaskingRule.objects.exists()
    nothing = anna.post(f"{PAGE}/new", {**RULE, "sample": "K-12", "try": "1"}).content.decode()
    assert "Nothing in it would be masked." in nothing
    wrong = anna.post(f"{PAGE}/new", {**RULE, "pattern": "(", "sample": "x", "try": "1"})
    assert wrong.status_code == 422
    assert "is not closed" in wrong.content.decode()
    for text, sentence in (("", "paste a text first"), ("x" * 20_001, "at most 20000")):
        refused = anna.post(f"{PAGE}/new", {**RULE, "sample": text, "try": "1"})
        assert sentence in refused.content.decode()


def test_all_rules_are_tried_together(cast: Cast, as_: SignIn) -> None:
    a_rule(cast)
    sample = "K-1, 4111 1111 1111 1111"
    page = as_(cast.anna).post(PAGE, {"sample": sample, "try": "1"}).content.decode()
    assert "<del>K-1</del> <ins>K-…</ins>, <del>4111</del> <ins>••••</ins>" in page
    assert rules.are_cards_masked()


def test_only_who_administers_decides_what_is_masked(cast: Cast, as_: SignIn) -> None:
    rule = a_rule(cast)
    for agent in (cast.bela, cast.cecil):
        for path in ("", "/new", f"/{rule.pk}", f"/{rule.pk}/switch"):
            assert as_(agent).post(f"{PAGE}{path}", RULE).status_code == 403
        with pytest.raises(NotAllowed):
            rules.switch(rule, on=False, by=by(agent))
        with pytest.raises(NotAllowed):
            rules.mask_cards(on=False, by=by(agent))
    assert as_(cast.anna).get(f"{PAGE}/{rule.pk + 1}").status_code == 404


def test_no_more_rules_hold_than_can_be_looked_for_in_every_letter(cast: Cast, as_: SignIn) -> None:
    made = [a_rule(cast, f"rule {number}") for number in range(rules.MOST_ON)]
    with pytest.raises(BadInput):
        a_rule(cast, "one more")
    rules.switch(made[0], on=False, by=by(cast.anna))
    a_rule(cast, "one more")
    answer = as_(cast.anna).post(f"{PAGE}/{made[0].pk}/switch")
    assert answer.status_code == 422
    assert "30 rules hold already" in answer.content.decode()


def test_rules_are_read_by_one_question(cast: Cast) -> None:
    for number in range(5):
        a_rule(cast, f"rule {number}")
    with CaptureQueriesContext(connection) as asked:
        rules.begin()
    assert len(asked) == 1
