"""What stands beside a ticket, each thing changed where it stands."""

import pytest
from django.test import Client

from deskbell.people.models import Address
from deskbell.tickets import actions
from deskbell.tickets.models import Link, Tag, Ticket
from deskbell.tickets.state import state_of
from tests.cast import Cast, by
from tests.desk import a_ticket
from tests.web.conftest import SignIn
from tests.web.desk.pages import fresh, page_of, press, refused, take_away

pytestmark = pytest.mark.django_db


def test_subject_and_description_are_changed_where_they_stand(bela: Client, ticket: Ticket) -> None:
    press(bela, ticket, "description", subject="The left zip")
    press(bela, ticket, "description", description="Bought in May.\nStill under guarantee.")
    page = page_of(bela, ticket)
    assert ">The left zip</h1>" in page
    assert "Still under guarantee." in page.split('id="side"')[1]
    status, page = refused(bela, ticket, "description", subject="  ")
    assert (status, 'aria-describedby="subject-error"' in page) == (422, True)
    assert fresh(ticket).subject.plain == "The left zip"


def test_tags_are_added_by_name_offered_and_taken_away(
    cast: Cast, bela: Client, ticket: Ticket
) -> None:
    press(bela, ticket, "tags", tag="Warranty")
    press(bela, a_ticket(cast.support, cast.frida), "tags", tag="vip")
    side = page_of(bela, ticket).split('id="side"')[1]
    assert 'value="Warranty"' in side, "it can be taken away"
    assert '<option value="vip">' in side, "known ones are offered"
    assert "Take the tag vip away" not in side
    take_away(bela, ticket, "tags", tag="warranty")
    assert state_of(fresh(ticket)).tags == ()
    status, page = refused(bela, ticket, "tags", tag="x" * 51)
    assert (status, 'id="tag-error"' in page, Tag.objects.count()) == (422, True, 2)


def test_an_address_takes_part_and_is_taken_off(cast: Cast, bela: Client, ticket: Ticket) -> None:
    press(bela, ticket, "participants", participant="New.Person@acme.example")
    address = Address.objects.get(value="new.person@acme.example")
    assert "new.person@acme.example" in page_of(bela, ticket).split("Also takes part")[1]
    take_away(bela, ticket, f"participants/{address.pk}")
    assert state_of(fresh(ticket)).party(address.pk) is None
    for wrong in ("nobody", "a@b@c.example", ""):
        status, page = refused(bela, ticket, "participants", participant=wrong)
        assert (status, 'id="participant-error"' in page) == (422, True)
    status, page = refused(bela, ticket, f"participants/{cast.emil.pk}", _method="DELETE")
    assert (status, "Change the customer instead." in page) == (422, True)


def test_whose_ticket_it_is_can_be_changed_and_who_may_not_meets_nobody(
    cast: Cast, as_: SignIn, bela: Client, ticket: Ticket
) -> None:
    press(bela, ticket, "customer", customer="frida@acme.example")
    assert fresh(ticket).customer == cast.frida.customer
    assert "Frida Berg" in page_of(bela, ticket).split('id="side"')[1]
    assert refused(bela, ticket, "customer", customer="frida")[0] == 422
    assert refused(as_(cast.cecil), ticket, "customer", customer="x@new.example")[0] == 403
    assert not Address.objects.filter(value="x@new.example").exists()


def test_one_follows_and_no_longer_follows(cast: Cast, as_: SignIn, ticket: Ticket) -> None:
    cecil = as_(cast.cecil)
    press(cecil, ticket, "following")
    page = page_of(cecil, ticket)
    assert "<li>Cecil Day</li>" in page
    assert "Follow no longer" in page
    take_away(cecil, ticket, "following")
    assert "Follow it" in page_of(cecil, ticket)
    assert state_of(fresh(ticket)).followers == ()


def test_a_checklist_is_written_checked_off_and_shortened(bela: Client, ticket: Ticket) -> None:
    press(bela, ticket, "checklist", check="Call the workshop")
    [line] = state_of(fresh(ticket)).checklist
    press(bela, ticket, f"checklist/{line.text_id}/done")
    assert 'aria-checked="true" aria-label="Call the workshop"' in page_of(bela, ticket)
    take_away(bela, ticket, f"checklist/{line.text_id}/done")
    assert 'aria-checked="false" aria-label="Call the workshop"' in page_of(bela, ticket)
    assert refused(bela, ticket, f"checklist/{line.text_id}")[0] == 404, "a line is only taken away"
    take_away(bela, ticket, f"checklist/{line.text_id}")
    assert state_of(fresh(ticket)).checklist == ()
    assert refused(bela, ticket, "checklist/999999/done")[0] == 404
    status, page = refused(bela, ticket, "checklist", check=" ")
    assert (status, 'id="check-error"' in page) == (422, True)
    assert 'id="text-error"' not in page, "the composer is not to blame"


def test_a_link_is_read_from_both_ends_and_taken_away_from_either(
    cast: Cast, bela: Client, ticket: Ticket
) -> None:
    whole = a_ticket(cast.support, cast.frida, subject="All the zips")
    press(bela, ticket, "links", other=whole.code.lower(), relation="child_of")
    assert "is a part of" in page_of(bela, ticket).split("Linked")[1]
    assert "has as a part" in page_of(bela, whole).split("Linked")[1]
    take_away(bela, whole, "links", other=ticket.code, relation="child_of")
    assert not Link.objects.exists()


def test_a_link_that_cannot_be_is_refused_beside_its_field(
    cast: Cast, bela: Client, ticket: Ticket
) -> None:
    secret = a_ticket(cast.billing, cast.frida, subject="A salary")
    for other, relation, sentence in (
        (secret.code, "related", "There is no ticket with this code."),
        (ticket.code, "related", "A ticket cannot be linked with itself."),
        (a_ticket(cast.support, cast.emil).code, "split_from", "Choose one of the kinds of links."),
        ("", "related", "There is no ticket with this code."),
    ):
        status, page = refused(bela, ticket, "links", other=other, relation=relation)
        assert (status, 'id="other-error"' in page, sentence in page) == (422, True, True)


def test_the_side_costs_the_same_however_much_stands_there(
    cast: Cast, bela: Client, ticket: Ticket, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    for number in range(5):
        actions.tag(ticket, by=by(cast.bela), add=[f"tag {number}"])
        actions.add_check(ticket, f"Line {number}", by=by(cast.bela))
        other = a_ticket(cast.support, cast.frida)
        actions.link(ticket, other, by=by(cast.bela))
        actions.merge(a_ticket(cast.support, cast.emil), ticket, by=by(cast.bela))
    for agent in (cast.anna, cast.bela, cast.cecil):
        actions.follow(ticket, by=by(agent))
    bela.get(f"/tickets/{ticket.code}")
    with django_assert_max_num_queries(39):  # type: ignore[operator]
        bela.get(f"/tickets/{ticket.code}")
