"""Ticket templates: kept by who may, and what a ticket that is opened begins with."""

from __future__ import annotations

import pytest
from django.test import Client

from deskbell.knowledge import ticket_templates
from deskbell.knowledge.models import TicketTemplate
from deskbell.knowledge.ticket_templates import Wanted
from deskbell.people.models import Agent
from deskbell.tickets.models import Draft, Tagging, Text, Ticket
from deskbell.tickets.state import state_of
from tests.cast import Cast, by
from tests.desk import a_ticket
from tests.web.conftest import SignIn

pytestmark = pytest.mark.django_db

FORM = {
    "name": "Repair",
    "audience": "mine",
    "channel": "visit",
    "priority": "3",
    "subject": "Repair",
    "tags": "zip, repair",
    "checklist": "Look at it\n\n Say what it costs",
    "text": "Seen by {agent}.",
}


@pytest.fixture
def repair(cast: Cast) -> TicketTemplate:
    wanted = Wanted(
        "Repair",
        channel="visit",
        subject="Repair at {department}",
        for_department=cast.support,
        priority=3,
        tags=("zip", "repair"),
        checklist=("Look at it", "Say what it costs"),
        plain="Seen by {agent}.",
        html="<p>Seen by <b>{agent}</b>.</p>",
    )
    return ticket_templates.make(wanted, by=by(cast.anna))


def _opened(client: Client, cast: Cast, **changes: str) -> Ticket:
    form = {
        "kind": "visit",
        "customer": "gina@acme.example",
        "subject": "Repair",
        "text": "Seen.",
        "department": str(cast.support.pk),
        "then": "department",
    }
    assert client.post("/tickets/new", form | changes).status_code == 302
    return Ticket.objects.latest("pk")


def test_bela_keeps_one_for_himself(cast: Cast, bela: Client) -> None:
    assert bela.post("/ticket-templates/new", FORM).status_code == 302
    kept = TicketTemplate.objects.get()
    assert (kept.owner, kept.tags, kept.checklist) == (
        cast.bela,
        ["zip", "repair"],
        ["Look at it", "Say what it costs"],
    )
    page = bela.get("/ticket-templates").content.decode()
    assert "2 lines to check off" in page
    changed = FORM | {"name": "Mending", "for_department": str(cast.support.pk)}
    assert bela.post(f"/ticket-templates/{kept.pk}", changed).status_code == 302
    kept.refresh_from_db()
    assert (kept.name, kept.for_department) == ("Mending", cast.support)
    assert "zip, repair" in bela.get(f"/ticket-templates/{kept.pk}").content.decode()


def test_only_who_may_share_keeps_those_of_others(
    cast: Cast, bela: Client, as_: SignIn, repair: TicketTemplate
) -> None:
    assert bela.post("/ticket-templates/new", FORM | {"audience": "all"}).status_code == 403
    assert bela.post(f"/ticket-templates/{repair.pk}", FORM).status_code == 403
    assert bela.post(f"/ticket-templates/{repair.pk}/archived").status_code == 403
    anna = as_(cast.anna)
    of_billing = FORM | {"audience": "department", "department": str(cast.billing.pk)}
    assert anna.post("/ticket-templates/new", of_billing).status_code == 302
    names = [one.name for one in ticket_templates.usable(by(cast.bela))]
    assert names == ["Repair"]
    assert ticket_templates.usable(by(cast.dora)).count() == 2


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", ""),
        ("subject", "{code}"),
        ("text", "Dear {name}"),
        ("channel", "pigeon"),
        ("tags", "x" * 51),
        ("checklist", "x" * 501),
        ("checklist", "x\n" * 51),
        ("for_department", "999"),
    ],
)
def test_what_cannot_be_kept_is_refused(bela: Client, field: str, typed: str) -> None:
    assert bela.post("/ticket-templates/new", FORM | {field: typed}).status_code == 422
    assert not TicketTemplate.objects.exists()


def test_the_form_begins_with_what_the_template_says(
    cast: Cast, bela: Client, repair: TicketTemplate
) -> None:
    page = bela.get("/tickets/new").content.decode()
    assert f'href="?template={repair.pk}"' in page
    page = bela.get("/tickets/new", {"template": repair.pk}).content.decode()
    assert 'value="visit" checked' in page
    assert 'value="Repair at Support"' in page
    assert ">Seen by Bela Kerekes.</textarea>" in page
    assert "☐ Say what it costs" in page
    assert f'name="template" value="{repair.pk}"' in page


def test_the_ticket_gets_its_tags_its_priority_and_its_checklist(
    cast: Cast, bela: Client, repair: TicketTemplate
) -> None:
    ticket = _opened(bela, cast, template=str(repair.pk))
    assert ticket.priority == 3
    tags = Tagging.objects.filter(ticket=ticket).values_list("tag__name", flat=True)
    assert sorted(tags) == ["repair", "zip"]
    lines = [Text.objects.get(pk=one.text_id).plain for one in state_of(ticket).checklist]
    assert lines == ["Look at it", "Say what it costs"]


def test_a_mail_that_leaves_later_gets_them_when_it_leaves(
    cast: Cast, repair: TicketTemplate
) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    draft = Draft(agent=cast.bela, fields={"template": [str(repair.pk)]})
    message = ticket.messages.get()
    ticket_templates.put_on_by_draft(draft, message)
    ticket.refresh_from_db()
    assert (ticket.priority, Tagging.objects.filter(ticket=ticket).count()) == (3, 2)
    for other in ({"template": ["x"]}, {"template": ["9" * 40]}, {}):
        ticket_templates.put_on_by_draft(Draft(agent=cast.bela, fields=other), message)


def test_without_a_template_nothing_is_put_on_it(
    cast: Cast, bela: Client, repair: TicketTemplate
) -> None:
    for nonsense in ("", "x", "9" * 5_000, str(repair.pk + 1)):
        assert _opened(bela, cast, template=nonsense).priority == 2
    assert not Tagging.objects.exists()


def test_a_template_of_somebody_else_does_nothing(cast: Cast, bela: Client) -> None:
    own = ticket_templates.make(Wanted("Own", priority=4, owner=cast.anna), by=by(cast.anna))
    assert _opened(bela, cast, template=str(own.pk)).priority == 2


def test_who_may_not_tag_opens_the_ticket_all_the_same(
    cast: Cast, as_: SignIn, repair: TicketTemplate
) -> None:
    from deskbell.access import custom_roles

    rights = {"see": 2, "open": 2, "note": 2, "take": 2}
    cast.bela.custom_role = custom_roles.add_role(name="Counter", rights=rights)
    cast.bela.role = Agent.Role.CUSTOM
    cast.bela.save()
    ticket = _opened(as_(cast.bela), cast, template=str(repair.pk))
    assert (ticket.priority, Tagging.objects.exists()) == (2, False)


def test_what_is_archived_is_brought_back_by_one_press(
    cast: Cast, as_: SignIn, repair: TicketTemplate
) -> None:
    anna = as_(cast.anna)
    led = anna.post(f"/ticket-templates/{repair.pk}/archived")
    assert "Repair is archived" in anna.get(led.headers["Location"]).content.decode()
    assert not ticket_templates.usable(by(cast.bela)).exists()
    anna.post(f"/ticket-templates/{repair.pk}/archived", {"_method": "DELETE"})
    assert ticket_templates.usable(by(cast.bela)).count() == 1
