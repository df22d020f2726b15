"""What somebody who left kept for themselves: seen by an admin, taken over, put away."""

from __future__ import annotations

import pytest
from django.test import Client

from deskbell.knowledge import canned, ticket_templates
from deskbell.knowledge.canned import Said, Wanted
from deskbell.knowledge.models import CannedAnswer, TicketTemplate
from deskbell.people import agents
from deskbell.people.models import Agent
from deskbell.saved_views import keeping
from deskbell.saved_views.keeping import Wish
from deskbell.saved_views.models import SavedView
from tests.cast import Cast, by, hire
from tests.web.conftest import SignIn

pytestmark = pytest.mark.django_db


@pytest.fixture
def lea(cast: Cast) -> Agent:
    """Somebody who keeps a canned answer, a template and a view for themselves, and shares an answer."""
    lea = hire("Lea", "lea@desk.example", "admin", cast.support)
    own = Wanted("Sewing", {"en": Said("We sew it.")}, owner=lea)
    canned.make(own, by=by(lea))
    canned.make(Wanted("Shared", {"en": Said("For all.")}), by=by(lea))
    wanted = ticket_templates.Wanted("Repair", subject="A tent", owner=lea)
    ticket_templates.make(wanted, by=by(lea))
    keeping.make(Wish("Zips", "status:open zip"), by=by(lea))
    keeping.make(Wish("All new", "status:new", "all"), by=by(lea))
    return lea


@pytest.fixture
def anna(cast: Cast, as_: SignIn) -> Client:
    return as_(cast.anna)


def _where(leaver: Agent) -> str:
    return f"/settings/agents/{leaver.pk}/left-behind"


def test_who_lets_somebody_go_is_led_to_what_they_leave_behind(
    cast: Cast, anna: Client, lea: Agent
) -> None:
    archive = f"/settings/agents/{lea.pk}/archive"
    asked = anna.get(archive).content.decode()
    assert "They keep 3 canned answers, templates and views for themselves alone." in asked
    assert anna.get(_where(lea)).status_code == 404
    assert anna.post(archive).headers["Location"] == _where(lea)
    page = anna.get(_where(lea)).content.decode()
    for shown in ("We sew it.", "A tent", "status:open zip"):
        assert shown in page
    assert "For all." not in page
    assert _where(lea) in anna.get(f"/settings/agents/{lea.pk}").content.decode()
    alone = f"/settings/agents/{cast.bela.pk}/archive"
    assert anna.post(alone).headers["Location"] == "/settings/agents"


def test_what_is_taken_over_is_ones_own(cast: Cast, anna: Client, lea: Agent) -> None:
    agents.archive_agent(lea)
    answer = CannedAnswer.objects.get(name="Sewing")
    assert anna.get(f"/canned-answers/{answer.pk}").status_code == 404
    assert anna.post(_where(lea), {"thing": f"answer-{answer.pk}"}).status_code == 302
    answer.refresh_from_db()
    assert (answer.owner, answer.version, answer.changed_by) == (cast.anna, 2, cast.anna)
    assert "We sew it." in anna.get(f"/canned-answers/{answer.pk}").content.decode()
    assert "Sewing" not in anna.get(_where(lea)).content.decode()


def test_all_of_it_is_taken_over_by_one_press(cast: Cast, anna: Client, lea: Agent) -> None:
    agents.archive_agent(lea)
    keeping.make(Wish("Mine", "status:open"), by=by(cast.anna))
    anna.post(_where(lea))
    assert "Nothing is left" in anna.get(_where(lea)).content.decode()
    assert TicketTemplate.objects.get().owner == cast.anna
    view = SavedView.objects.get(name="Zips")
    assert (view.owner, view.place) == (cast.anna, 1)
    assert "Zips" in anna.get("/").content.decode()
    assert SavedView.objects.get(name="All new").owner == lea


def test_what_is_of_no_use_is_put_away(cast: Cast, anna: Client, lea: Agent) -> None:
    agents.archive_agent(lea)
    answer, view = CannedAnswer.objects.get(name="Sewing"), SavedView.objects.get(name="Zips")
    for thing in (f"answer-{answer.pk}", f"view-{view.pk}"):
        anna.post(_where(lea), {"_method": "DELETE", "thing": thing})
    answer.refresh_from_db()
    assert answer.archived_at is not None
    assert answer.owner == lea
    assert not SavedView.objects.filter(name="Zips").exists()
    assert TicketTemplate.objects.get().archived_at is None


def test_what_is_nobodys_who_left_is_not_there(cast: Cast, anna: Client, lea: Agent) -> None:
    agents.archive_agent(lea)
    shared = CannedAnswer.objects.get(name="Shared")
    own = canned.make(Wanted("Own", {"en": Said("Mine.")}, owner=cast.bela), by=by(cast.bela))
    for thing in (f"answer-{shared.pk}", f"answer-{own.pk}", "answer-x", "pigeon-1"):
        assert anna.post(_where(lea), {"thing": thing}).status_code == 404


def test_an_owners_things_are_for_owners(cast: Cast, as_: SignIn, lea: Agent) -> None:
    agents.archive_agent(lea)
    gus = as_(hire("Gus", "gus@desk.example", "admin"))
    assert gus.get(_where(lea)).status_code == 200
    Agent.objects.filter(pk=lea.pk).update(role="owner")
    assert gus.get(_where(lea)).status_code == 403
    assert gus.post(_where(lea)).status_code == 403
    assert as_(cast.bela).get(_where(lea)).status_code == 403


def test_where_not_all_views_fit_nothing_is_taken_over(
    cast: Cast, anna: Client, lea: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    agents.archive_agent(lea)
    keeping.make(Wish("Mine", "status:open"), by=by(cast.anna))
    monkeypatch.setattr(keeping, "MOST", 1)
    told = anna.post(_where(lea))
    assert (told.status_code, "views already" in told.content.decode()) == (422, True)
    assert CannedAnswer.objects.get(name="Sewing").owner == lea
