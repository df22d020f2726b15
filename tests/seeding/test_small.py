"""A month of an outdoor shop, done through the actions: it stands as if people had done it."""

from datetime import UTC, datetime

import pytest
from django.db import transaction

from deskbell.channels.mail.models import Delivery, MailBox
from deskbell.errors import BadInput
from deskbell.people.models import Account, Agent, Customer, Desk
from deskbell.seeding.small import month, people
from deskbell.seeding.small.courses import COURSES
from deskbell.seeding.small.month import DeskIsUsed
from deskbell.seeding.small.words import LANGUAGES
from deskbell.tickets import lifecycle
from deskbell.tickets.models import Entry, Message, Ticket
from deskbell.work.models import Job
from tests.cast import Cast
from tests.desk import a_ticket

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
PASSWORD = "brass bell on the counter"
# Each course once.
FEW = len(COURSES)

pytestmark = pytest.mark.django_db


def test_a_month_has_passed_on_the_desk_and_all_of_it_is_settled() -> None:
    passed: list[float] = []
    made = month.seed(now=NOW, password=PASSWORD, tickets=FEW, progress=passed.append)

    tickets = Ticket.objects.all()
    assert {ticket.status for ticket in tickets} == lifecycle.EVERY - lifecycle.LIVE
    assert made.tickets == len(tickets) >= FEW
    assert passed == sorted(passed)
    assert set(Customer.objects.values_list("language", flat=True)) == set(LANGUAGES)

    _nothing_happened_outside_the_month()
    assert not Job.objects.exists()
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}
    assert all(ticket.settled_step == ticket.last_step for ticket in tickets)
    assert not Ticket.objects.filter(status="resolved", closes_at__lte=NOW).exists()
    assert not Ticket.objects.filter(status="postponed", postponed_until__lte=NOW).exists()


def _nothing_happened_outside_the_month() -> None:
    times = list(Entry.objects.values_list("at", flat=True))
    assert min(times) >= NOW - month.LENGTH
    assert max(times) <= NOW
    read = Message.objects.values_list("received_at", flat=True)
    assert set(read) <= set(times)
    sent = Delivery.objects.values_list("sent_at", "hold_until")
    assert all(sent_at and hold and hold <= sent_at <= NOW for sent_at, hold in sent)
    assert Customer.objects.filter(created_at__gt=NOW).count() == 0


def test_the_agents_sign_in_and_speak_the_languages_that_are_written() -> None:
    month.seed(now=NOW, password=PASSWORD, tickets=6)
    accounts = Account.objects.all()
    assert {one.email for one in accounts} == {people.email_of(hand) for hand in people.TEAM}
    assert all(one.check_password(PASSWORD) for one in accounts)
    assert Agent.objects.get(role="owner").account.email == "vanda@lomnica.example"
    assert MailBox.objects.count() == len(people.ROOMS)


def test_the_same_moment_gives_the_same_month() -> None:
    assert _history() == _history()


def _history() -> list[object]:
    """Return what happens in a small month, which is taken back afterwards."""
    with transaction.atomic():
        month.seed(now=NOW, password=PASSWORD, tickets=8)
        told: list[object] = [
            (entry.at, entry.kind, entry.by_kind, entry.ticket.subject.plain)
            for entry in Entry.objects.select_related("ticket__subject").order_by("id")
        ]
        told += [(one.received_at, one.text.plain) for one in Message.objects.order_by("id")]
        transaction.set_rollback(True)
    return told


def test_a_desk_with_a_ticket_is_left_alone(cast: Cast) -> None:
    a_ticket(cast.support, cast.emil)
    with pytest.raises(DeskIsUsed):
        month.seed(now=NOW, password=PASSWORD, tickets=1)
    assert Ticket.objects.count() == 1


def test_a_desk_without_tickets_keeps_the_people_it_has(cast: Cast) -> None:
    month.seed(now=NOW, password=PASSWORD, tickets=2)
    assert Agent.objects.count() == 4 + len(people.TEAM)
    assert cast.support.pk in Ticket.objects.values_list("department_id", flat=True)
    assert Desk.get().name == "Lomnica Outdoor"


def test_an_easy_password_leaves_nothing_behind() -> None:
    with pytest.raises(BadInput), transaction.atomic():
        month.seed(now=NOW, password="12345", tickets=1)
    assert not Agent.objects.exists()
