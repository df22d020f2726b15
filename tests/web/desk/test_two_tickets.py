"""Merging, splitting, taking words out, calling colleagues; and what the thread of merged tickets says."""

import re

import pytest
from django.test import Client

from deskbell.people.actors import CLOCK
from deskbell.tickets import actions
from deskbell.tickets.content import Content
from deskbell.tickets.models import Entry, Message, Ticket
from tests.cast import Cast, by
from tests.desk import a_ticket, writes_again
from tests.web.conftest import SignIn
from tests.web.desk.pages import fresh, page_of, press, refused, take_away

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(cast: Cast) -> Ticket:
    return a_ticket(cast.support, cast.frida, subject="The tent", text="And the tent?")


def test_merging_is_told_before_it_is_done(
    cast: Cast, bela: Client, ticket: Ticket, other: Ticket
) -> None:
    actions.reply(other, Content("On its way."), by=by(cast.bela))
    address = f"/tickets/{ticket.code}/merging"
    same = a_ticket(cast.support, cast.emil, subject="The second zip")
    which = bela.get(address).content.decode()
    assert f'href="?into={same.code}"' in which
    assert f'href="?into={other.code}"' not in which
    told = bela.get(address, {"into": other.code}).content.decode()
    assert "emil@acme.example" in told
    assert f"so {other.code} is open afterwards." in told
    assert fresh(ticket).merged_into is None, "telling does nothing"
    answer = bela.post(address, {"into": other.code})
    assert answer["Location"] == f"/tickets/{other.code}"
    assert (fresh(ticket).merged_into, fresh(other).status) == (other, "open")


def test_a_ticket_that_cannot_be_merged_into_is_refused_beside_its_field(
    cast: Cast, bela: Client, ticket: Ticket
) -> None:
    secret = a_ticket(cast.billing, cast.frida, subject="A salary")
    for code in (secret.code, "x"):
        for answer in (
            bela.get(f"/tickets/{ticket.code}/merging", {"into": code}),
            bela.post(f"/tickets/{ticket.code}/merging", {"into": code}),
        ):
            page = answer.content.decode()
            assert (answer.status_code, 'id="into-error"' in page) == (422, True)
            assert "A salary" not in page
    itself = bela.get(f"/tickets/{ticket.code}/merging", {"into": ticket.code}).content.decode()
    assert "this is the same ticket" in itself
    assert "Merge them" not in itself


def test_a_merged_ticket_says_where_it_went_and_is_taken_out_again(
    cast: Cast, as_: SignIn, bela: Client, ticket: Ticket, other: Ticket
) -> None:
    press(bela, ticket, "merging", into=other.code)
    page = page_of(bela, ticket)
    assert "This ticket was merged into another" in page
    assert f'href="/tickets/{other.code}"' in page
    assert 'name="text"' not in page
    assert 'data-key="p"' not in page
    status, said = refused(bela, ticket, "spam")
    assert (status, f"This ticket was merged into {other.code}. Do it there." in said) == (
        409,
        True,
    )
    assert "Take it out again" not in page_of(as_(cast.cecil), ticket)
    take_away(bela, ticket, "merging")
    assert fresh(ticket).merged_into is None


def test_the_thread_of_two_tells_whose_each_entry_is(
    cast: Cast, bela: Client, ticket: Ticket, other: Ticket
) -> None:
    actions.resolve(other, by=by(cast.anna))
    asked = actions.mark_asked(fresh(other), delivery_id=1, by=CLOCK)
    assert asked is not None
    writes_again(other, cast.frida, "Not yet!")
    actions.merge(fresh(other), ticket, by=by(cast.bela))
    page = page_of(bela, ticket)
    assert "Merged into this one" in page
    thread = page.split('class="thread"')[1].split("</ol>")[0]
    entries = re.findall(r'<li class="entry entry--(?:line|letter)[^>]*>', thread)
    of_other = [one for one in entries if f'data-from="{other.code}"' in one]
    assert len(of_other) == Entry.objects.filter(ticket=other).count()
    assert all("data-step" not in one for one in of_other)
    assert thread.count(f"from {other.code}") == len(of_other)
    assert thread.count("entry--day") == 1, "one heading for one day, whosever step it is"


def test_files_and_frames_of_a_merged_in_ticket_are_reached_through_the_survivor(
    cast: Cast, as_: SignIn, bela: Client, ticket: Ticket
) -> None:
    elsewhere = a_ticket(cast.billing, cast.emil)
    message = elsewhere.messages.get()
    frame = f"/tickets/{ticket.code}/messages/{message.pk}/frame"
    assert bela.get(frame).status_code == 404
    actions.merge(elsewhere, ticket, by=by(cast.anna))
    assert bela.get(frame).status_code == 200
    assert as_(cast.dora).get(frame).status_code == 404


def test_a_message_begins_a_ticket_of_its_own(cast: Cast, bela: Client, ticket: Ticket) -> None:
    writes_again(ticket, cast.emil, "And where is my invoice?")
    message = Message.objects.latest("id")
    address = f"/tickets/{ticket.code}/messages/{message.pk}/split"
    assert f'href="{address}"' in page_of(bela, ticket)
    asked = bela.get(address).content.decode()
    assert "And where is my invoice?" in asked
    assert 'value="The zip came apart"' in asked
    answer = bela.post(address, {"subject": "The invoice"})
    begun = Ticket.objects.exclude(pk=ticket.pk).get()
    assert answer["Location"] == f"/tickets/{begun.code}"
    assert begun.subject.plain == "The invoice"
    assert "was split off from" in page_of(bela, begun)
    assert "had split off" in page_of(bela, ticket)


def test_only_a_customers_message_is_split_off(cast: Cast, bela: Client, ticket: Ticket) -> None:
    note = actions.note(ticket, Content("For us."), by=by(cast.bela))
    path = f"messages/{note.pk}/split"
    assert path not in page_of(bela, ticket)
    status, page = refused(bela, ticket, path, subject="x")
    assert (status, "Choose a customer" in page) == (422, True)
    assert refused(bela, ticket, "messages/999999/split")[0] == 404


def test_a_passage_is_taken_out_for_good_by_whoever_may(
    cast: Cast, as_: SignIn, bela: Client, ticket: Ticket
) -> None:
    assert "Take words out for good" not in page_of(bela, ticket), "it is not his"
    assert refused(bela, ticket, "redaction", passage="two nights")[0] == 403
    actions.take(ticket, by=by(cast.bela))
    asked = bela.get(f"/tickets/{ticket.code}/redaction").content.decode()
    assert "This cannot be undone." in asked
    assert "The letter as it came is sealed" in asked
    for passage in ("xy", "never said"):
        status, page = refused(bela, ticket, "redaction", passage=passage)
        assert (status, 'id="passage-error"' in page) == (422, True)
    press(bela, ticket, "redaction", passage="two nights")
    page = page_of(bela, ticket)
    assert "After █████ the zip" in page
    assert "two nights" not in page


def test_a_whole_message_is_taken_out_for_good(cast: Cast, as_: SignIn, ticket: Ticket) -> None:
    anna, message = as_(cast.anna), ticket.messages.get()
    path = f"messages/{message.pk}/redaction"
    assert path in page_of(anna, ticket)
    assert "two nights" in anna.get(f"/tickets/{ticket.code}/{path}").content.decode()
    press(anna, ticket, path)
    page = page_of(anna, ticket)
    assert "(taken out)" in page
    assert "two nights" not in page
    assert path not in page, "nothing is left to take out or to split off"
    foreign = a_ticket(cast.support, cast.frida).messages.get()
    assert refused(anna, ticket, f"messages/{foreign.pk}/redaction")[0] == 404


def test_a_note_calls_colleagues_who_see_the_ticket(
    cast: Cast, bela: Client, ticket: Ticket
) -> None:
    page = page_of(bela, ticket)
    for agent, is_offered in ((cast.anna, True), (cast.cecil, True), (cast.dora, False)):
        assert (f'name="call" value="{agent.pk}"' in page) == is_offered
    assert f'name="call" value="{cast.bela.pk}"' not in page, "nobody calls themselves"
    answer = bela.post(
        f"/tickets/{ticket.code}/messages",
        {"kind": "note", "text": "Look, please.", "call": [cast.anna.pk, cast.cecil.pk]},
    )
    assert answer.status_code == 302
    page = page_of(bela, ticket)
    assert "called Anna van der Meulen" in page
    assert "called Cecil Day" in page
    status, page = refused(
        bela, ticket, "messages", kind="note", text="You too.", call=str(cast.dora.pk)
    )
    assert (status, "may not see this ticket" in page, "You too.</textarea>" in page) == (
        422,
        True,
        True,
    )
