"""Settings: agents, departments, mail boxes."""

import re

import pytest
from django.test import Client

from deskbell.channels.mail.models import Delivery, MailBox
from deskbell.channels.mail.relay import relay_for
from deskbell.people.models import Agent, Department
from tests.cast import PASSWORD, Cast, hire
from tests.web.conftest import SignIn

pytestmark = pytest.mark.django_db

PAGES = (
    "agents",
    "agents/new",
    "departments",
    "departments/new",
    "mailboxes",
    "mailboxes/new",
    "mail-apps/microsoft",
    "mail-apps/google",
    "first-steps",
    "health",
    "unwanted-mail",
    "masking",
    "masking/new",
)


@pytest.mark.parametrize("page", PAGES)
def test_settings_are_for_admins(cast: Cast, as_: SignIn, page: str) -> None:
    assert as_(cast.anna).get(f"/settings/{page}").status_code == 200
    for agent in (cast.bela, cast.cecil):
        assert as_(agent).get(f"/settings/{page}").status_code == 403
        assert as_(agent).post(f"/settings/{page}", {"name": "x"}).status_code in {403, 405}
    assert Client().get(f"/settings/{page}").status_code == 302


def test_a_new_agent_gets_a_link_and_chooses_a_password(cast: Cast, as_: SignIn) -> None:
    form = {
        "name": "Gita Bērziņa",
        "email": "Gita@desk.example",
        "role": "agent",
        "departments": [str(cast.support.pk)],
    }
    answer = as_(cast.anna).post("/settings/agents/new", form)
    link = re.search(r"/invitation/[\w-]+/[\w-]+", answer.content.decode())
    assert link
    invited = Delivery.objects.get()
    assert (invited.purpose, invited.address) == ("invitation", "gita@desk.example")
    gita = Agent.objects.get(name="Gita Bērziņa")
    assert list(gita.departments.all()) == [cast.support]
    page = as_(cast.anna).get(f"/settings/agents/{gita.pk}").content.decode()
    assert "have not come in yet" in page
    assert ">invited<" in as_(cast.anna).get("/settings/agents").content.decode()
    client = Client()
    client.post(link[0], {"password": PASSWORD})
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "write a name"),
        ("email", "bela@desk.example", "already here"),
        ("email", "gita", "not a whole mail address"),
        ("role", "king", "Choose one of the roles"),
    ],
)
def test_an_agent_who_cannot_be_added_is_refused_beside_the_field(
    cast: Cast, as_: SignIn, field: str, value: str, sentence: str
) -> None:
    form = {"name": "Gita", "email": "gita@desk.example", "role": "agent", field: value}
    answer = as_(cast.anna).post("/settings/agents/new", form)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert f'id="{field}-error"' in answer.content.decode()
    assert not Agent.objects.filter(account__email="gita@desk.example").exists()


def test_only_owners_decide_who_owns_the_desk(cast: Cast, as_: SignIn) -> None:
    ada = as_(hire("Ada", "ada@desk.example", "admin"))
    form = {"name": "X", "email": "x@desk.example", "role": "owner"}
    assert ada.post("/settings/agents/new", form).status_code == 403
    bela = {"name": "Bela", "email": "bela@desk.example", "role": "owner"}
    assert ada.post(f"/settings/agents/{cast.bela.pk}", bela).status_code == 403
    anna = {"name": "Anna", "email": "anna@desk.example", "role": "agent"}
    assert ada.post(f"/settings/agents/{cast.anna.pk}", anna).status_code == 403
    assert ada.post(f"/settings/agents/{cast.anna.pk}/archive").status_code == 403
    assert ada.post(f"/settings/agents/{cast.anna.pk}/invitation").status_code == 403
    assert as_(cast.anna).post(f"/settings/agents/{cast.bela.pk}", bela).status_code == 302


def test_the_last_owner_stays(cast: Cast, as_: SignIn) -> None:
    anna = as_(cast.anna)
    answer = anna.post(f"/settings/agents/{cast.anna.pk}/archive")
    assert answer.status_code == 409
    assert "only owner" in answer.content.decode()
    form = {"name": "Anna", "email": "anna@desk.example", "role": "admin"}
    assert anna.post(f"/settings/agents/{cast.anna.pk}", form).status_code == 409
    assert Agent.objects.get(pk=cast.anna.pk).role == "owner"


def test_who_is_let_go_comes_back_as_they_were(cast: Cast, as_: SignIn) -> None:
    anna, address = as_(cast.anna), f"/settings/agents/{cast.bela.pk}/archive"
    anna.post(address)
    assert "Have left" in anna.get("/settings/agents").content.decode()
    assert not Client().login(email="bela@desk.example", password=PASSWORD)
    anna.post(address, {"_method": "DELETE"})
    assert Agent.objects.get(pk=cast.bela.pk).archived_at is None


def test_a_department_decides_about_its_tickets(cast: Cast, as_: SignIn) -> None:
    form = {
        "name": "Support",
        "closes": "never",
        "close_after_days": "4",
        "reopens_resolved": "no",
        "reopen_days": "14",
        "strangers": "new_ticket",
        "acknowledges": "no",
    }
    anna, address = as_(cast.anna), f"/settings/departments/{cast.support.pk}"
    assert anna.post(address, form).status_code == 302
    support = Department.objects.get(pk=cast.support.pk)
    assert support.close_after_days is None
    assert (support.reopens_resolved, support.reopen_days) == (False, 14)
    assert support.strangers == "new_ticket"
    assert not support.acknowledges
    for field, value in (
        ("reopen_days", "-1"),
        ("reopen_days", "9999"),
        ("name", "Billing"),
    ):
        answer = anna.post(address, {**form, field: value})
        assert answer.status_code == 422
        assert f'id="{field}-error"' in answer.content.decode()


def test_a_department_is_closed_and_the_last_one_stays(cast: Cast, as_: SignIn) -> None:
    anna = as_(cast.anna)
    assert anna.post(f"/settings/departments/{cast.billing.pk}/archive").status_code == 302
    assert anna.post(f"/settings/departments/{cast.support.pk}/archive").status_code == 409


def test_a_mail_box_keeps_its_password_to_itself(cast: Cast, as_: SignIn) -> None:
    anna = as_(cast.anna)
    form = {
        "address": "Help@Lomnica.example",
        "department": str(cast.support.pk),
        "name": "Lomnica",
        "relay": "smtp://desk:top-secret@smtp.lomnica.example:587",
    }
    assert anna.post("/settings/mailboxes/new", form).status_code == 302
    box = MailBox.objects.get()
    assert box.address == "help@lomnica.example"
    assert "top-secret" not in box.relay
    page = anna.get(f"/settings/mailboxes/{box.pk}").content.decode()
    assert "smtp.lomnica.example:587" in page
    assert "top-secret" not in page

    form |= {"name": "Help", "relay": "", "agents_answer": "domain"}
    anna.post(f"/settings/mailboxes/{box.pk}", form)
    assert MailBox.objects.get().agents_answer == "domain"
    wrong = anna.post(f"/settings/mailboxes/{box.pk}", {**form, "agents_answer": "pigeon"})
    assert 'id="agents_answer-error"' in wrong.content.decode()
    relay = relay_for(MailBox.objects.get())
    assert relay is not None
    assert relay.password == "top-secret"
    anna.post(f"/settings/mailboxes/{box.pk}", {**form, "relay": "", "forget_relay": "1"})
    assert MailBox.objects.get().relay == ""


@pytest.mark.parametrize(
    ("field", "value"),
    [("address", "help"), ("department", "none"), ("relay", "imap://x"), ("relay", "smtp://:1")],
)
def test_a_mail_box_that_cannot_work_is_refused_beside_the_field(
    cast: Cast, as_: SignIn, field: str, value: str
) -> None:
    form = {"address": "help@a.example", "department": str(cast.support.pk), field: value}
    answer = as_(cast.anna).post("/settings/mailboxes/new", form)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.content.decode()
