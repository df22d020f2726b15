"""Solved tickets that are like one, for whoever looks for how it was done before."""

import pytest
from django.test import Client

from deskbell.search.similar import similar
from deskbell.tickets import actions
from deskbell.tickets.models import Ticket
from tests.api.conftest import program_of
from tests.cast import Cast, by
from tests.desk import a_ticket

pytestmark = pytest.mark.django_db

SLIDER = "The slider of my Rysy backpack jams halfway and will not move any further."


def a_solved_one(cast: Cast, solution: str = "A drop of wax on the slider.") -> Ticket:
    ticket = a_ticket(cast.support, cast.emil, subject="Rysy backpack: slider jams", text=SLIDER)
    actions.close(ticket, by=by(cast.anna), solution=solution)
    return ticket


def a_new_one(cast: Cast) -> Ticket:
    text = "Good morning, the slider jams, what can I do?"
    return a_ticket(cast.support, cast.frida, subject="My Rysy does not close", text=text)


def test_what_was_solved_before_is_found_with_its_solution(cast: Cast) -> None:
    solved = a_solved_one(cast)
    [one] = similar(by(cast.bela), a_new_one(cast))
    assert one.row.code == solved.code
    assert set(one.because) == {"rysy", "slider", "jams"}
    assert one.solution == "A drop of wax on the slider."


def test_what_is_not_solved_is_hidden_or_says_something_else_is_not_like_it(cast: Cast) -> None:
    a_ticket(cast.support, cast.emil, subject="Rysy backpack: slider jams", text=SLIDER)
    other = a_ticket(cast.support, cast.emil, subject="Invoice", text="Morning, what can you do?")
    actions.close(other, by=by(cast.anna))
    junk = a_solved_one(cast)
    actions.reopen(junk, by=by(cast.anna))
    actions.spam(junk, by=by(cast.anna))
    assert similar(by(cast.bela), a_new_one(cast)) == []


def test_nobody_is_shown_what_they_may_not_see(cast: Cast) -> None:
    new = a_new_one(cast)
    theirs = a_ticket(cast.billing, cast.emil, subject="Rysy backpack: slider jams", text=SLIDER)
    actions.close(theirs, by=by(cast.anna), solution="Secret.")
    assert similar(by(cast.bela), new) == []


def test_the_last_solution_counts_and_one_that_was_taken_out_is_gone(cast: Cast) -> None:
    solved = a_solved_one(cast, solution="Wrong.")
    actions.reopen(solved, by=by(cast.anna))
    actions.close(solved, by=by(cast.anna), solution="Oil.")
    assert [one.solution for one in similar(by(cast.bela), a_new_one(cast))] == ["Oil."]


def test_the_side_and_the_api_say_it_too(cast: Cast) -> None:
    solved, new = a_solved_one(cast), a_new_one(cast)
    bela = Client()
    bela.force_login(cast.bela.account)
    assert (
        f'hx-get="/tickets/{new.code}/similar"' in bela.get(f"/tickets/{new.code}").content.decode()
    )
    page = bela.get(f"/tickets/{new.code}/similar").content.decode()
    assert f'href="/tickets/{solved.code}"' in page
    assert "A drop of wax" in page
    assert "Both say: " in page
    nothing = bela.get(f"/tickets/{solved.code}/similar").content.decode()
    assert "Nothing like it was solved before." in nothing
    [item] = program_of(cast.bela).get(f"/tickets/{new.code}/similar")["items"]
    assert (item["code"], item["solution"]) == (solved.code, "A drop of wax on the slider.")
