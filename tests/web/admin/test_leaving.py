"""The page on which somebody is let go."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from deskbell import clock as our_clock
from deskbell.people import agents
from deskbell.people.models import Agent
from deskbell.tickets import actions, first_mails, scheduled
from deskbell.tickets.content import Recipient
from deskbell.tickets.drafts import Words
from deskbell.tickets.leaving import Plan
from deskbell.tickets.models import Draft, Message, Ticket
from deskbell.work.run import run_due
from tests.cast import Cast, by, hire
from tests.desk import a_ticket
from tests.web.conftest import SignIn

pytestmark = pytest.mark.django_db


def test_an_admin_says_whose_the_tickets_become(cast: Cast, as_: SignIn) -> None:
    gita = hire("Gita", "gita@desk.example", "agent", cast.support)
    ticket = a_ticket(cast.support, cast.emil)
    actions.take(ticket, by=by(cast.bela))
    anna, address = as_(cast.anna), f"/settings/agents/{cast.bela.pk}/archive"
    page = anna.get(address).content.decode()
    assert "Gita" in page
    assert "Cecil" not in page  # who may not answer
    assert anna.post(address, {"heir": "999999"}).status_code == 422
    assert anna.post(address, {"heir": str(gita.pk)}).status_code == 302
    run_due()
    ticket.refresh_from_db()
    assert ticket.assignee == gita


HOUR = timedelta(hours=1)


@pytest.fixture
def anna(cast: Cast, as_: SignIn) -> Client:
    return as_(cast.anna)


@pytest.fixture
def answer(clock: time_machine.Traveller, cast: Cast) -> Draft:
    """An answer of Bela's that leaves in an hour."""
    ticket = a_ticket(cast.support, cast.emil)
    plan = Plan(our_clock.now() + HOUR)
    return scheduled.schedule(ticket, Words("A new zip comes."), plan, by=by(cast.bela))


@pytest.fixture
def first_mail(clock: time_machine.Traveller, cast: Cast) -> Draft:
    """A mail of Bela's with which a ticket begins in an hour."""
    words = Words(
        "They are here.", fields={"subject": ["Poles"], "customer": ["gina@acme.example"]}
    )
    plan = Plan(our_clock.now() + HOUR, to=[Recipient("to", "gina@acme.example")])
    return first_mails.schedule(words, plan, cast.support, by=by(cast.bela))


def archive(agent: Agent) -> str:
    return f"/settings/agents/{agent.pk}/archive"


def letters(agent: Agent) -> str:
    return f"/settings/agents/{agent.pk}/letters"


def sent() -> list[str]:
    return [one.text.plain for one in Message.objects.filter(kind="reply").order_by("id")]


def test_whoever_lets_somebody_go_sees_which_letters_of_theirs_wait(
    cast: Cast, anna: Client, answer: Draft, first_mail: Draft
) -> None:
    page = anna.get(archive(cast.bela)).content.decode()
    assert "2 letters of theirs wait to leave." in page
    for shown in ("A new zip comes.", "They are here.", "Poles"):
        assert shown in page
    assert "wait to leave" not in anna.get(archive(cast.dora)).content.decode()


def test_each_of_them_is_sent_at_once_in_its_writers_name_or_kept_here(
    cast: Cast, anna: Client, answer: Draft, first_mail: Draft
) -> None:
    gone = anna.post(letters(cast.bela), {"letter": first_mail.pk})
    assert gone["Location"] == archive(cast.bela)
    assert sent() == ["They are here."]
    begun = Ticket.objects.latest("pk")
    assert begun.assignee == cast.bela
    let_go = begun.entries.get(kind="answer.let_go")
    assert (let_go.by_kind, let_go.by_id, let_go.data) == (
        "agent",
        cast.anna.pk,
        {"agent_id": cast.bela.pk},
    )
    out = anna.post(letters(cast.bela), {"letter": answer.pk, "_method": "DELETE"})
    assert out["Location"] == archive(cast.bela)
    assert Draft.objects.get().send_at is None
    assert "wait to leave" not in anna.get(archive(cast.bela)).content.decode()
    again = anna.post(letters(cast.bela), {"letter": first_mail.pk})
    assert again["Location"] == archive(cast.bela), "pressed twice, it is sent once"
    assert sent() == ["They are here."]


def test_what_cannot_be_sent_says_why_and_waits_on(
    cast: Cast, anna: Client, first_mail: Draft
) -> None:
    agents.work_in(cast.bela, [cast.billing])
    told = anna.post(letters(cast.bela), {"letter": first_mail.pk})
    assert (told.status_code, 'role="alert"' in told.content.decode()) == (403, True)
    assert Draft.objects.get().send_at is not None


def test_letters_of_others_are_not_sent_from_there(
    cast: Cast, anna: Client, as_: SignIn, answer: Draft
) -> None:
    anna.post(letters(cast.dora), {"letter": answer.pk})
    assert as_(cast.bela).post(letters(cast.bela), {"letter": answer.pk}).status_code == 403
    Agent.objects.filter(pk=cast.bela.pk).update(role="owner")
    gus = as_(hire("Gus", "gus@desk.example", "admin"))
    assert gus.post(letters(cast.bela), {"letter": answer.pk}).status_code == 403
    agents.archive_agent(cast.bela)
    assert anna.post(letters(cast.bela), {"letter": answer.pk}).status_code == 404
    assert sent() == []


def test_what_a_leavers_letter_said_is_seen_by_who_runs_the_desk_and_dropped(
    clock: time_machine.Traveller,
    cast: Cast,
    anna: Client,
    as_: SignIn,
    answer: Draft,
    first_mail: Draft,
) -> None:
    assert anna.post(archive(cast.bela)).status_code == 302
    assert "They have left, so it stays here." in anna.get("/later").content.decode()
    clock.shift(HOUR)
    run_due()
    assert sent() == []
    page = anna.get("/later").content.decode()
    assert "Of agents who have left" in page
    for shown in ("Bela Kerekes", "A new zip comes.", "They are here.", "Poles"):
        assert shown in page
    assert 'href="/later"' in anna.get("/").content.decode(), "the rail leads there"
    behind = f"/settings/agents/{cast.bela.pk}/left-behind"
    assert "2 letters of theirs were to leave later." in anna.get(behind).content.decode()
    kept = Draft.objects.get(ticket=None)
    cecil = as_(cast.cecil)
    assert "Of agents who have left" not in cecil.get("/later").content.decode()
    drop = {"_method": "DELETE"}
    assert cecil.post(f"/later/{kept.pk}/left", drop).status_code == 403
    assert anna.post(f"/later/{kept.pk}/left").status_code == 404
    assert anna.post(f"/later/{kept.pk}/left", drop)["Location"] == "/later"
    page = anna.get("/later").content.decode()
    assert "They are here." not in page
    assert "A new zip comes." in page


def test_who_lets_somebody_go_is_led_to_what_became_of_their_letters(
    cast: Cast, anna: Client, answer: Draft
) -> None:
    answer_of_page = anna.post(archive(cast.bela))
    assert answer_of_page["Location"] == f"/settings/agents/{cast.bela.pk}/left-behind"


def test_what_stayed_here_is_nobodys_elses_while_its_writer_is_here(
    cast: Cast, anna: Client, as_: SignIn, first_mail: Draft
) -> None:
    scheduled.take_up(first_mail, by=by(cast.anna))
    kept = Draft.objects.get()
    assert anna.post(f"/later/{kept.pk}/left", {"_method": "DELETE"}).status_code == 404
    agents.archive_agent(cast.bela)
    Agent.objects.filter(pk=cast.bela.pk).update(role="owner")
    gus = as_(hire("Gus", "gus@desk.example", "admin"))
    assert gus.post(f"/later/{kept.pk}/left", {"_method": "DELETE"}).status_code == 404
    assert "They are here." not in gus.get("/later").content.decode()
    assert 'href="/later"' not in gus.get("/").content.decode()
    assert "They are here." in anna.get("/later").content.decode()
