"""Taking back what one just did: offered for ten minutes, said in the thread, refused with its sentence."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from deskbell.channels.mail.models import Delivery
from deskbell.tickets import actions
from deskbell.tickets.content import Content
from deskbell.tickets.models import Entry, Ticket
from tests.cast import Cast, by
from tests.desk import a_ticket
from tests.web.conftest import SignIn
from tests.web.desk.pages import fresh, page_of, press, refused, take_away

pytestmark = pytest.mark.django_db


def offered(page: str) -> str:
    """Return the address that `z` undoes at, "" when nothing is offered."""
    found = re.search(r'action="([^"]*)"[^>]*>(?:(?!</form>).)*data-key="z"', page, re.DOTALL)
    return found[1] if found else ""


def test_what_one_did_last_is_taken_back(bela: Client, ticket: Ticket) -> None:
    assert offered(page_of(bela, ticket)) == ""
    press(bela, ticket, "priority", priority="4")
    press(bela, ticket, "assignment", agent="me")
    address = offered(page_of(bela, ticket))
    assert address == f"/tickets/{ticket.code}/acts/{fresh(ticket).last_step}"
    bela.post(address, {"_method": "DELETE"})
    assert fresh(ticket).assignee is None
    page = page_of(bela, ticket)
    assert '</s> <span class="tag">taken back</span>' in page
    # What was done before that comes next.
    bela.post(offered(page), {"_method": "DELETE"})
    assert fresh(ticket).priority == 2
    assert offered(page_of(bela, ticket)) == ""


def test_a_live_page_says_what_it_was_too(bela: Client, ticket: Ticket) -> None:
    press(bela, ticket, "assignment", agent="me")
    since = {"since": fresh(ticket).last_step}
    piece = bela.get(f"/tickets/{ticket.code}/entries", since).content.decode()
    assert "<b>Bela Kerekes</b> took it" in piece.split('id="asks"')[1].split("data-key")[0]


def test_it_is_offered_for_ten_minutes_and_to_its_author_only(
    clock: time_machine.Traveller, cast: Cast, as_: SignIn, bela: Client, ticket: Ticket
) -> None:
    press(bela, ticket, "spam")
    assert "Take back" in page_of(bela, ticket)
    assert offered(page_of(as_(cast.anna), ticket)) == ""
    step = fresh(ticket).last_step
    status, page = refused(as_(cast.anna), ticket, f"acts/{step}", _method="DELETE")
    assert (status, "Only whoever did this may take it back." in page) == (409, True)
    clock.shift(timedelta(minutes=10, seconds=1))
    assert offered(page_of(bela, ticket)) == ""
    status, page = refused(bela, ticket, f"acts/{step}", _method="DELETE")
    assert (status, "more than ten minutes ago" in page) == (409, True)


def test_an_answer_is_offered_to_be_taken_back_until_it_leaves(
    bela: Client, ticket: Ticket
) -> None:
    press(bela, ticket, "messages", text="Too early.")
    address = offered(page_of(bela, ticket))
    assert address
    Delivery.objects.update(state=Delivery.State.SENT, attempts=1)
    assert offered(page_of(bela, ticket)) == ""
    answer = bela.post(address, {"_method": "DELETE"})
    assert (answer.status_code, "A letter has already left." in answer.content.decode()) == (
        409,
        True,
    )
    Delivery.objects.update(state=Delivery.State.HELD, attempts=0)
    bela.post(address, {"_method": "DELETE"})
    page = page_of(bela, ticket)
    assert re.search(r'class="entry entry--letter entry--boxed"[^>]*data-undone', page)
    assert fresh(ticket).status == "new"


def test_a_transfer_out_of_sight_is_taken_back_from_the_inbox(
    cast: Cast, bela: Client, ticket: Ticket
) -> None:
    answer = bela.post(f"/tickets/{ticket.code}/department", {"department": str(cast.billing.pk)})
    assert bela.get(f"/tickets/{ticket.code}").status_code == 404
    inbox = bela.get(answer["Location"]).content.decode()
    assert "transferred it to Billing" in inbox
    address = offered(inbox)
    assert bela.post(address, {"_method": "DELETE"})["Location"] == f"/tickets/{ticket.code}"
    assert fresh(ticket).department == cast.support
    assert offered(bela.get(answer["Location"]).content.decode()) == "", "it was taken back"


def test_what_went_out_of_sight_and_cannot_come_back_says_so(
    cast: Cast, bela: Client, ticket: Ticket
) -> None:
    press(bela, ticket, "department", department=str(cast.billing.pk))
    step = fresh(ticket).last_step
    actions.transfer(fresh(ticket), cast.support, by=by(cast.anna))
    actions.transfer(fresh(ticket), cast.billing, by=by(cast.anna))
    status, page = refused(bela, ticket, f"acts/{step}", _method="DELETE")
    assert (status, "Something else has changed the same since." in page) == (409, True)
    assert "The zip came apart" not in page


def test_nobody_learns_of_a_ticket_by_asking_to_undo_on_it(
    cast: Cast, as_: SignIn, ticket: Ticket
) -> None:
    actions.take(ticket, by=by(cast.bela))
    for step in (1, fresh(ticket).last_step, 999):
        assert refused(as_(cast.dora), ticket, f"acts/{step}", _method="DELETE")[0] == 404


def test_the_act_of_somebody_else_is_not_offered_in_the_inbox(
    cast: Cast, as_: SignIn, ticket: Ticket
) -> None:
    actions.take(ticket, by=by(cast.bela))
    entry = Entry.objects.filter(ticket=ticket).latest("step")
    assert offered(as_(cast.bela).get(f"/?done={entry.pk}").content.decode())
    for wrong in (entry.pk, entry.pk + 1, "x", "9" * 30):
        page = as_(cast.dora).get(f"/?done={wrong}")
        assert (page.status_code, offered(page.content.decode())) == (200, "")


def test_a_merge_is_taken_back_from_either_side(cast: Cast, bela: Client, ticket: Ticket) -> None:
    other = a_ticket(cast.support, cast.emil, subject="The same zip")
    press(bela, ticket, "merging", into=other.code)
    address = offered(page_of(bela, other))
    assert address == f"/tickets/{other.code}/acts/{fresh(other).last_step}"
    bela.post(address, {"_method": "DELETE"})
    assert fresh(ticket).merged_into is None


def test_what_was_split_off_is_deleted_by_taking_it_back(
    cast: Cast, bela: Client, ticket: Ticket
) -> None:
    message = ticket.messages.get()
    press(bela, ticket, f"messages/{message.pk}/split", subject="Another zip")
    begun = Ticket.objects.exclude(pk=ticket.pk).get()
    bela.post(offered(page_of(bela, begun)), {"_method": "DELETE"})
    assert fresh(begun).status == "deleted"


def test_an_act_is_only_ever_taken_away(bela: Client, ticket: Ticket) -> None:
    press(bela, ticket, "assignment", agent="me")
    assert refused(bela, ticket, f"acts/{fresh(ticket).last_step}")[0] == 404
    take_away(bela, ticket, f"acts/{fresh(ticket).last_step}")


def test_what_changes_the_thread_above_it_has_it_drawn_anew(
    cast: Cast, bela: Client, ticket: Ticket
) -> None:
    actions.note(ticket, Content("A note."), by=by(cast.bela))
    since = fresh(ticket).last_step
    entries = f"/tickets/{ticket.code}/entries?since="
    assert "data-anew" not in bela.get(f"{entries}1").content.decode()
    press(
        bela, ticket, "assignment", agent="me"
    )  # its undoing is offered, and is not among the new
    actions.undo(fresh(ticket), since, by=by(cast.bela))
    pieces = bela.get(f"{entries}{since + 1}").content.decode()
    assert "data-anew" in pieces
    assert offered(pieces) == f"/tickets/{ticket.code}/acts/{since + 1}"
