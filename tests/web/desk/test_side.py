"""What stands beside a ticket, each thing changed where it stands."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from deskbell import clock as our_clock
from deskbell.people.customers import customer_for
from deskbell.people.models import Address
from deskbell.tickets import actions
from deskbell.tickets.content import Content, NewFile
from deskbell.tickets.files import keep
from deskbell.tickets.models import Attachment, Link, Tag, Ticket
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
    with django_assert_max_num_queries(41):  # type: ignore[operator]
        bela.get(f"/tickets/{ticket.code}")


def test_files_of_all_messages_stand_together_the_newest_first(
    cast: Cast, bela: Client, ticket: Ticket
) -> None:
    def file(name: str, *, inline: bool = False) -> NewFile:
        return NewFile(name, "image/png", keep(name.encode()), inline=inline)

    for number in range(1, 7):
        said = Content("See.", files=(file(f"zip-{number}.png"), file("shown.png", inline=True)))
        actions.note(ticket, said, by=by(cast.bela))
    part = side_part(bela, ticket, "Files")
    names = re.findall(r'title="(zip-\d\.png|shown\.png)"', part)
    assert names == [f"zip-{number}.png" for number in range(6, 0, -1)]
    assert part.index("Earlier ones") > part.index("zip-2.png")
    assert part.index("Earlier ones") < part.index("zip-1.png")
    token = Attachment.objects.get(name="zip-6.png").token
    assert f'href="/files/{token}?download"' in part


def test_files_of_a_ticket_that_was_merged_in_stand_there_too(
    cast: Cast, bela: Client, ticket: Ticket
) -> None:
    other = a_ticket(cast.support, cast.emil)
    said = Content("See.", files=(NewFile("pole.pdf", "application/pdf", keep(b"pole")),))
    actions.note(other, said, by=by(cast.bela))
    assert "Files" not in page_of(bela, ticket).split('id="side"')[1]
    actions.merge(other, ticket, by=by(cast.bela))
    assert "pole.pdf" in side_part(bela, ticket, "Files")


def test_who_was_called_stands_there_until_the_call_is_taken_back(
    cast: Cast, bela: Client, ticket: Ticket
) -> None:
    actions.note(ticket, Content("Cecil?"), by=by(cast.anna), mentions=[cast.cecil])
    actions.note(ticket, Content("Both?"), by=by(cast.bela), mentions=[cast.cecil, cast.anna])
    part = side_part(bela, ticket, "Called by @")
    assert re.findall(r'<a href="#entry-\d+">([^<]+)</a>', part) == [
        "Anna van der Meulen",
        "Cecil Day",
    ]
    assert part.count("by Bela Kerekes") == 2, "each once, by the newest call"
    note = ticket.entries.filter(kind="note.added").latest("step")
    actions.undo(ticket, note.step, by=by(cast.bela))
    part = side_part(bela, ticket, "Called by @")
    assert "by Anna van der Meulen" in part
    assert "by Bela Kerekes" not in part


def test_a_page_asks_no_more_for_many_files_and_calls(
    cast: Cast, bela: Client, ticket: Ticket
) -> None:
    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            page_of(bela, ticket)
        return len(asked)

    def say() -> None:
        said = Content("See.", files=(NewFile("zip.png", "image/png", keep(b"zip")),))
        actions.note(ticket, said, by=by(cast.anna), mentions=[cast.cecil, cast.bela])

    say()
    page_of(bela, ticket)  # what is told by looking is read
    few = questions()
    for _ in range(5):
        say()
    page_of(bela, ticket)
    assert questions() == few


def test_it_says_what_time_it_is_where_the_customer_is(
    clock: time_machine.Traveller, cast: Cast, bela: Client, ticket: Ticket
) -> None:
    assert "Their time" not in page_of(bela, ticket)
    cast.emil.utc_offset, cast.emil.offset_at = 345, our_clock.now() - timedelta(days=3)
    cast.emil.save()
    part = page_of(bela, ticket).split('id="side"')[1]
    assert '<time data-utc-offset="345">Mon 17:45</time>' in part
    assert "UTC+5:45, as their letter of" in part
    assert ">27 Feb</time> says" in part
    card = bela.get(f"/customers/{cast.emil.customer_id}").content.decode()
    assert '<time data-utc-offset="345">Mon 17:45</time>' in card
    # Another address of theirs told later.
    later = customer_for("emil@home.example")
    later.customer, later.utc_offset, later.offset_at = cast.emil.customer, -210, our_clock.now()
    later.save()
    assert '<time data-utc-offset="-210">Mon 8:30</time>' in page_of(bela, ticket).replace(
        " 08:30", " 8:30"
    )
    assert "UTC−3:30" in page_of(bela, ticket)


def side_part(client: Client, ticket: Ticket, head: str) -> str:
    """Return the part of the side that has this head."""
    parts = page_of(client, ticket).split('id="side"')[1].split("</section>")
    [found] = [part for part in parts if f'<h2 class="side__head">{head}' in part]
    return found
