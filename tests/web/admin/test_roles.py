"""Roles made to measure: what they give, they give everywhere, and nothing more."""

from __future__ import annotations

import pytest

from deskbell import access
from deskbell.access import custom_roles, roles
from deskbell.access.roles import Reach
from deskbell.errors import BadInput, NotAllowed
from deskbell.people.models import Agent, CustomRole
from deskbell.tickets import actions
from deskbell.tickets.content import Content
from deskbell.tickets.models import Ticket
from deskbell.web.admin.roles import REACH_WORDS, WORDS
from tests.cast import Cast, by, hire
from tests.desk import a_ticket
from tests.web.conftest import SignIn

pytestmark = pytest.mark.django_db

# Who reads all of the desk and writes notes, but answers in their departments only.
AUDITOR = {"see": 3, "note": 3, "reply": 2, "see_letters": 3}


def an_auditor(cast: Cast) -> Agent:
    role = custom_roles.add_role(name="Auditor", rights=AUDITOR)
    gita = hire("Gita", "gita@desk.example", "custom", cast.billing)
    gita.custom_role = role
    gita.save(update_fields=["custom_role"])
    return gita


def test_every_right_has_its_words() -> None:
    named = {verb for rights in WORDS.values() for verb in rights}
    assert named == set(roles.TABLE) - roles.CUSTOMERS
    assert set(REACH_WORDS) == set(Reach)


def test_a_role_made_to_measure_gives_what_it_names_and_no_more(cast: Cast, as_: SignIn) -> None:
    gita = an_auditor(cast)
    ours, theirs = a_ticket(cast.billing, cast.emil), a_ticket(cast.support, cast.frida)
    assert set(access.visible(by(gita), Ticket.objects.all())) == {ours, theirs}
    actions.note(theirs, Content("Seen."), by=by(gita))
    actions.reply(ours, Content("Paid."), by=by(gita))
    with pytest.raises(NotAllowed):
        actions.reply(theirs, Content("Paid."), by=by(gita))
    with pytest.raises(NotAllowed):
        actions.take(ours, by=by(gita))
    page = as_(gita)
    assert page.get(f"/tickets/{theirs.code}").status_code == 200
    assert page.get("/letters").status_code == 200
    assert page.get("/settings/agents").status_code == 403
    assert page.post(f"/tickets/{theirs.code}/resolution").status_code == 403


def test_it_is_offered_where_it_may_answer(cast: Cast) -> None:
    gita = an_auditor(cast)
    seeing, answering = access.agents_of(cast.support.pk, "see", "reply")
    assert gita in seeing
    assert gita not in answering
    assert gita in access.agents_of(cast.billing.pk, "reply")[0]
    assert cast.cecil in seeing
    assert cast.cecil not in answering
    assert cast.dora not in seeing


def test_a_change_holds_at_once(cast: Cast) -> None:
    gita, ticket = an_auditor(cast), a_ticket(cast.billing, cast.emil)
    assert gita.custom_role is not None
    custom_roles.change_role(gita.custom_role, name="Auditor", rights={"see": 2, "take": 2})
    actions.take(ticket, by=by(gita))
    assert not access.may(by(gita), "note", ticket)


@pytest.mark.parametrize(
    ("rights", "field"),
    [
        ({"see": 2, "reply": 3}, "see"),
        ({"reply": 1}, "see"),
        ({"see": 4}, "see"),
        ({"see": 3, "administer": 2}, "administer"),
        ({"see": 3, "resign": 3}, "resign"),
    ],
)
def test_what_makes_no_sense_is_refused(cast: Cast, rights: dict[str, int], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        custom_roles.add_role(name="Nonsense", rights=rights)
    assert refused.value.field == field


def test_nobody_is_given_the_desk_itself_nor_a_customers_word(cast: Cast) -> None:
    for verb in ("change_owner", *roles.CUSTOMERS):
        with pytest.raises(BadInput):
            custom_roles.add_role(name="King", rights={verb: 3})
        assert roles.read(f"see=3 {verb}=3").get(verb, Reach.NONE) == Reach.NONE


def test_an_admin_makes_a_role_and_gives_it(cast: Cast, as_: SignIn) -> None:
    anna = as_(cast.anna)
    assert "see tickets" in anna.get("/settings/roles").content.decode()
    assert anna.get("/settings/roles/new?like=light").status_code == 200
    form = {"name": "Auditor", **{verb: str(reach) for verb, reach in AUDITOR.items()}}
    assert anna.post("/settings/roles/new", {**form, "see": "1"}).status_code == 422
    assert anna.post("/settings/roles/new", form).status_code == 302
    role = CustomRole.objects.get()
    assert anna.post("/settings/roles/new", form).status_code == 422  # of this name there is one
    bela = {
        "name": "Bela",
        "email": "bela@desk.example",
        "role": f"custom-{role.pk}",
        "departments": [str(cast.support.pk)],
    }
    assert anna.post(f"/settings/agents/{cast.bela.pk}", bela).status_code == 302
    cast.bela.refresh_from_db()
    assert (cast.bela.role, cast.bela.custom_role) == ("custom", role)
    assert "Auditor" in anna.get("/settings/agents").content.decode()
    assert anna.get(f"/settings/roles/{role.pk}").status_code == 200
    # Archived, it is offered no more; who has it keeps it.
    anna.post(f"/settings/roles/{role.pk}/archive")
    assert anna.post(f"/settings/agents/{cast.bela.pk}", bela).status_code == 302
    dora = {**bela, "email": "dora@desk.example"}
    assert anna.post(f"/settings/agents/{cast.dora.pk}", dora).status_code == 422
    anna.post(f"/settings/roles/{role.pk}/archive", {"_method": "DELETE"})
    assert anna.post(f"/settings/agents/{cast.dora.pk}", dora).status_code == 302


def test_a_role_that_is_none_is_refused(cast: Cast, as_: SignIn) -> None:
    for role in ("custom", "custom-", "custom-9", "king"):
        form = {"name": "Bela", "email": "bela@desk.example", "role": role}
        answer = as_(cast.anna).post(f"/settings/agents/{cast.bela.pk}", form)
        assert answer.status_code == 422
