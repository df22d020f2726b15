"""The two buttons in the mail: they work once, without signing in, and never by merely being opened."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from django.db import connection
from django.test import Client

from deskbell.notices import solved_links
from deskbell.people.models import Desk
from deskbell.tickets import actions, ratings
from deskbell.tickets.content import Content
from deskbell.tickets.models import Message, Ticket
from deskbell.tickets.state import state_of
from deskbell.work.run import run_due
from tests.cast import Cast, by, meet
from tests.desk import a_ticket, writes_again
from tests.web.conftest import Speak

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    """Emil's, resolved by Anna."""
    ticket = a_ticket(cast.support, cast.emil, subject="The <b>zip</b> came apart")
    actions.resolve(ticket, by=by(cast.anna))
    run_due()
    return ticket


def link_to(ticket: Ticket) -> str:
    step = ticket.entries.filter(kind="ticket.resolved").order_by("-step").values_list("step")[0][0]
    return solved_links.path(ticket.pk, step)


def press(browser: Client, link: str, answer: str, comment: str = "") -> str:
    """Press a button as a browser does, and return the page that follows."""
    response = browser.post(
        link,
        urlencode({"answer": answer, "comment": comment}),
        content_type="application/x-www-form-urlencoded",
        headers={"origin": "null"},
        follow=True,
    )
    assert response.status_code == 200
    return response.content.decode()


def status_of(ticket: Ticket) -> str:
    ticket.refresh_from_db()
    return str(ticket.status)


def test_opening_the_link_changes_nothing(customer: Client, ticket: Ticket) -> None:
    steps = ticket.entries.count()
    for query in ("", "?answer=yes", "?answer=no", "?answer=<script>"):
        page = customer.get(link_to(ticket) + query)
        assert page.status_code == 200
        assert customer.head(link_to(ticket) + query).status_code == 200
    assert status_of(ticket) == "resolved"
    assert ticket.entries.count() == steps


def test_the_page_shows_what_it_is_about_and_nothing_else(
    customer: Client, ticket: Ticket, cast: Cast
) -> None:
    actions.note(ticket, Content("He is right."), by=by(cast.anna))
    page = customer.get(link_to(ticket)).content.decode()
    assert "The &lt;b&gt;zip&lt;/b&gt; came apart" in page
    assert ticket.code in page
    assert "After two nights" not in page
    assert "He is right" not in page
    assert "emil@acme.example" not in page


@pytest.mark.parametrize(("asked", "first"), [("yes", "yes"), ("no", "no"), ("", "yes")])
def test_the_button_that_was_pressed_in_the_mail_comes_first(
    customer: Client, ticket: Ticket, asked: str, first: str
) -> None:
    page = customer.get(f"{link_to(ticket)}?answer={asked}").content.decode()
    values = re.findall(r'<button[^>]* name="answer" value="(yes|no)"', page)
    assert values[0] == first
    assert sorted(values) == ["no", "yes"]


def test_yes_closes_the_ticket_in_the_customers_name(
    customer: Client, ticket: Ticket, cast: Cast
) -> None:
    page = press(customer, link_to(ticket), "yes")
    assert "You have told us that it is solved" in page
    assert 'value="yes"' not in page
    assert status_of(ticket) == "closed"
    last = ticket.entries.get(kind="resolution.confirmed")
    assert (last.by_kind, last.by_id) == ("customer", cast.emil.customer_id)


def test_after_a_yes_they_say_how_satisfied_they_are(
    customer: Client, ticket: Ticket, cast: Cast
) -> None:
    link = link_to(ticket)
    rating = {"answer": "rate", "score": "good", "words": "Quick\x00!"}
    customer.post(link, rating)
    assert not state_of(Ticket.objects.get(pk=ticket.pk)).ratings, "not before they said yes"
    assert "How satisfied are you" in press(customer, link, "yes")
    for score in ("", "great"):
        customer.post(link, {**rating, "score": score})
    customer.post(link, rating)
    rated = ratings.of_tickets([Ticket.objects.get(pk=ticket.pk)])[ticket.pk]
    assert (rated.score, rated.words) == ("good", "Quick!")
    page = customer.get(link).content.decode()
    assert 'value="good" required checked' in page
    actions.reopen(ticket, by=by(cast.anna))
    assert "How satisfied are you" not in customer.get(link).content.decode()


def test_no_opens_it_with_what_is_missing(customer: Client, ticket: Ticket) -> None:
    page = press(customer, link_to(ticket), "no", "The strap\x00 too. Köszönöm!")
    assert "it is not solved yet" in page
    assert status_of(ticket) == "open"
    said = Message.objects.filter(ticket=ticket).latest("pk")
    assert (said.kind, said.text.plain) == ("customer", "The strap too. Köszönöm!")


def test_no_needs_no_words(customer: Client, ticket: Ticket) -> None:
    before = Message.objects.count()
    press(customer, link_to(ticket), "no", "   ")
    assert status_of(ticket) == "open"
    assert Message.objects.count() == before


def test_a_second_press_is_told_what_is_the_case(customer: Client, ticket: Ticket) -> None:
    link = link_to(ticket)
    press(customer, link, "yes")
    steps = ticket.entries.count()
    for answer in ("yes", "no"):
        page = press(customer, link, answer, "changed my mind")
        assert "You have told us that it is solved" in page
    assert ticket.entries.count() == steps
    assert status_of(ticket) == "closed"


def test_after_a_no_the_link_opens_and_closes_nothing(customer: Client, ticket: Ticket) -> None:
    link = link_to(ticket)
    press(customer, link, "no")
    assert "it is not solved yet" in press(customer, link, "yes")
    assert status_of(ticket) == "open"


def test_an_older_letters_button_is_void_once_we_asked_again(
    customer: Client, ticket: Ticket, cast: Cast
) -> None:
    old = link_to(ticket)
    press(customer, old, "no")
    actions.resolve(ticket, by=by(cast.anna))
    assert link_to(ticket) != old
    assert "newest one" in press(customer, old, "yes")
    assert status_of(ticket) == "resolved"
    press(customer, link_to(ticket), "yes")
    assert status_of(ticket) == "closed"


def test_a_link_runs_out_after_thirty_days(
    clock: time_machine.Traveller, cast: Cast, customer: Client
) -> None:
    cast.support.close_after_days = None
    cast.support.save(update_fields=["close_after_days"])
    ticket = a_ticket(cast.support, cast.emil)
    actions.resolve(ticket, by=by(cast.anna))
    clock.shift(timedelta(days=30, seconds=-1))
    assert "<form" in customer.get(link_to(ticket)).content.decode()
    clock.shift(timedelta(seconds=1))
    assert "30 days old" in press(customer, link_to(ticket), "yes")
    assert status_of(ticket) == "resolved"


def test_it_was_closed_in_the_meantime(customer: Client, ticket: Ticket, cast: Cast) -> None:
    actions.close(ticket, by=by(cast.anna))
    assert "has been closed in the meantime" in press(customer, link_to(ticket), "no")
    assert status_of(ticket) == "closed"


def test_it_was_taken_up_in_the_meantime(customer: Client, ticket: Ticket, cast: Cast) -> None:
    writes_again(ticket, cast.emil)
    assert "taken up again" in press(customer, link_to(ticket), "yes")
    assert status_of(ticket) == "open"


def test_what_is_neither_yes_nor_no_changes_nothing(customer: Client, ticket: Ticket) -> None:
    for answer in ("", "maybe", "YES"):
        assert "<form" in press(customer, link_to(ticket), answer)
    assert status_of(ticket) == "resolved"


def test_a_made_up_link_leads_nowhere(customer: Client, ticket: Ticket) -> None:
    link = link_to(ticket)
    for wrong in (link[:-1] + ("A" if link[-1] != "A" else "B"), "/solved/1-2", "/solved/..."):
        assert customer.get(wrong).status_code == 404
        assert customer.post(wrong, {"answer": "yes"}).status_code == 404
    assert status_of(ticket) == "resolved"
    assert customer.get(link).status_code == 200


def test_a_link_to_a_ticket_that_is_no_more_leads_nowhere(customer: Client, cast: Cast) -> None:
    assert Desk.get().installation
    link = solved_links.path(987654, 3)
    assert customer.get(link).status_code == 404
    assert customer.post(link, {"answer": "yes"}, follow=True).status_code == 404


def test_only_the_usual_methods_are_known(customer: Client, ticket: Ticket) -> None:
    for method in ("put", "patch", "delete"):
        assert getattr(customer, method)(link_to(ticket)).status_code == 405


def test_the_page_keeps_its_address_to_itself(customer: Client, ticket: Ticket) -> None:
    for response in (
        customer.get(link_to(ticket)),
        customer.post(link_to(ticket), {"answer": "maybe"}),
    ):
        assert response["Referrer-Policy"] == "no-referrer"
        assert response["Cache-Control"] == "no-store"
        assert response["X-Robots-Tag"] == "noindex, nofollow"
        assert response["X-Frame-Options"] == "DENY"
        policy = response["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script" not in policy
        assert "frame-ancestors 'none'" in policy
        assert not response.cookies


def test_the_page_works_without_scripts_and_styles_of_its_own(
    customer: Client, ticket: Ticket
) -> None:
    page = customer.get(link_to(ticket)).content.decode()
    assert "<script" not in page
    assert "style=" not in page
    assert "<style" not in page
    for form in re.findall(r"<form[^>]*>", page):
        assert 'method="post"' in form


def test_the_page_speaks_the_customers_language(
    customer: Client, ticket: Ticket, cast: Cast, speak: Speak
) -> None:
    speak(nl="Postvak", hu="Bejövő")
    assert '<html lang="en"' in customer.get(link_to(ticket)).content.decode()
    nederlands = {"accept-language": "nl"}
    page = customer.get(link_to(ticket), headers=nederlands).content.decode()
    assert '<html lang="nl"' in page
    known = cast.emil.customer
    known.language = "hu"
    known.save(update_fields=["language"])
    page = customer.get(link_to(ticket), headers=nederlands).content.decode()
    assert '<html lang="hu"' in page


@pytest.mark.django_db(transaction=True)
def test_yes_and_no_pressed_at_once_count_as_one_answer(transactional_db: None) -> None:
    cast = meet()
    ticket = a_ticket(cast.support, cast.emil)
    actions.resolve(ticket, by=by(cast.anna))
    link, start = link_to(ticket), threading.Barrier(4)

    def one(answer: str) -> None:
        start.wait()
        try:
            press(Client(), link, answer)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, ["yes", "no", "yes", "no"]))
    answers = ticket.entries.filter(kind__in=("resolution.confirmed", "resolution.denied"))
    assert answers.count() == 1
    assert status_of(ticket) in ("closed", "open")


def test_the_question_is_nobodys_once_the_ticket_is_another_customers(
    customer: Client, cast: Cast, ticket: Ticket
) -> None:
    link = link_to(ticket)
    actions.change_customer(ticket, cast.frida, by=by(cast.anna))
    page = press(customer, link, "no", "I am not Frida.")
    assert "zip" not in page
    assert status_of(ticket) == "resolved"
    assert ticket.messages.count() == 1


def test_what_is_rated_again_and_again_is_slowed_down(customer: Client, ticket: Ticket) -> None:
    press(customer, link_to(ticket), "yes")
    codes = []
    for number in range(25):
        form = urlencode({"answer": "rate", "score": "good", "words": f"Better {number}"})
        answer = customer.post(
            link_to(ticket), form, content_type="application/x-www-form-urlencoded"
        )
        codes.append(answer.status_code)
    assert codes[0] == 303
    assert codes[-1] == 429
