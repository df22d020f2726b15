"""A customer's card."""

from __future__ import annotations

import pytest

from deskbell.people.models import Company, Customer
from tests.cast import Cast
from tests.desk import a_ticket
from tests.web.conftest import SignIn

pytestmark = pytest.mark.django_db


def test_it_shows_their_tickets_as_far_as_one_sees_them(cast: Cast, as_: SignIn) -> None:
    ours = a_ticket(cast.support, cast.emil, subject="Of support")
    a_ticket(cast.billing, cast.emil, subject="Of billing")
    bela = as_(cast.bela)
    link = f"/customers/{cast.emil.customer_id}"
    assert link in bela.get(f"/tickets/{ours.code}").content.decode()
    page = bela.get(link).content.decode()
    assert "Of support" in page
    assert "Of billing" not in page
    assert "emil@acme.example" in page


def test_what_is_known_is_changed(cast: Cast, as_: SignIn) -> None:
    bela, link = as_(cast.bela), f"/customers/{cast.emil.customer_id}"
    form = {"name": "  Emil  Nový ", "company": "acme", "language": "en"}
    assert bela.post(link, form).status_code == 302
    emil = Customer.objects.get(pk=cast.emil.customer_id)
    assert (emil.name, emil.company, emil.language) == ("Emil Nový", cast.acme, "en")
    bela.post(link, {**form, "company": "New Ltd"})
    assert Company.objects.filter(name="New Ltd").exists()
    bela.post(link, {**form, "company": ""})
    assert Customer.objects.get(pk=emil.pk).company is None
    answer = bela.post(link, {**form, "language": "tlh"})
    assert answer.status_code == 422
    assert 'id="language-error"' in answer.content.decode()


def test_light_agents_look_and_change_nothing(cast: Cast, as_: SignIn) -> None:
    cecil, link = as_(cast.cecil), f"/customers/{cast.emil.customer_id}"
    assert cecil.get(link).status_code == 200
    assert cecil.post(link, {"name": "X"}).status_code == 403


def test_a_merged_customer_leads_to_the_one_they_are(cast: Cast, as_: SignIn) -> None:
    Customer.objects.filter(pk=cast.frida.customer_id).update(merged_into=cast.emil.customer_id)
    answer = as_(cast.bela).get(f"/customers/{cast.frida.customer_id}")
    assert answer["Location"] == f"/customers/{cast.emil.customer_id}"
    assert as_(cast.bela).get("/customers/999999").status_code == 404
