"""The check finds what may not be, each kind of damage by its name, and nothing on a desk that is well."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import F

from deskbell.tickets import actions
from deskbell.tickets.check import check_ticket, check_tickets
from deskbell.tickets.content import Content
from deskbell.tickets.models import (
    Entry,
    Link,
    Message,
    MessageRecipient,
    Participant,
    Stretch,
    Tag,
    Tagging,
    Text,
    Ticket,
)
from tests.cast import Cast, by
from tests.desk import a_ticket

# This test breaks tickets on purpose, and takes the damage back itself.
pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)

DAMAGE: dict[str, Callable[[Ticket, Ticket], object]] = {
    "status is 'open', its timeline says 'new'": lambda t, o: Ticket.objects.filter(pk=t.pk).update(
        status="open"
    ),
    "entries are not numbered 1 to 3": lambda t, o: Entry.objects.filter(ticket=t, step=2).update(
        step=9
    ),
    "times run backwards": lambda t, o: Entry.objects.filter(ticket=t, step=1).update(
        at=F("at") + HOUR
    ),
    "happened by itself without a cause": lambda t, o: Entry.objects.filter(
        ticket=t, step=3
    ).update(by_kind="clock", by_id=None),
    "participants differ": lambda t, o: Participant.objects.filter(ticket=t).delete(),
    "links differ": lambda t, o: Link.objects.create(ticket=t, other=o, kind="related"),
    "tags differ": lambda t, o: Tagging.objects.create(
        ticket=t, tag=Tag.objects.create(name="zip", key="zip")
    ),
    "what was merged into it differs": lambda t, o: Ticket.objects.filter(pk=o.pk).update(
        merged_into=t
    ),
    "stretch 1 is": lambda t, o: Stretch.objects.filter(ticket=t).update(priority=4),
    "stretch 2 is": lambda t, o: Stretch.objects.create(
        ticket=t, status="new", department=t.department, priority=2, since=t.created_at
    ),
    "it was merged in a ring": lambda t, o: Ticket.objects.filter(pk=t.pk).update(merged_into=t),
    "rows still hold words": lambda t, o: Ticket.objects.filter(pk=t.pk).update(
        purged_at=t.created_at
    ),
    "resolved_at is": lambda t, o: Ticket.objects.filter(pk=t.pk).update(resolved_at=t.created_at),
}


@contextmanager
def damaged() -> Iterator[None]:
    """Let what is done inside be gone afterwards."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize("name", sorted(DAMAGE))
def test_damage_is_found_and_named(cast: Cast, name: str) -> None:
    ticket, other = a_ticket(cast.support, cast.emil), a_ticket(cast.support, cast.frida)
    actions.note(ticket, Content("Hm."), by=by(cast.bela))
    assert check_ticket(ticket.pk) == []
    with damaged():
        DAMAGE[name](ticket, other)
        told = [(p.code, p.what) for _, found in check_tickets() for p in found]
        assert any(code == ticket.code and name in what for code, what in told), told


def test_many_tickets_are_read_by_as_many_queries_as_few(
    cast: Cast, django_assert_max_num_queries: Callable[..., object]
) -> None:
    for _ in range(12):
        a_ticket(cast.support, cast.emil)
    with django_assert_max_num_queries(12):  # type: ignore[attr-defined]
        assert list(check_tickets()) == [(12, [])]
    assert [number for number, _ in check_tickets(batch=5)] == [5, 5, 2]


LEFT: dict[str, Callable[[Ticket], object]] = {
    "a preview": lambda t: Message.objects.filter(ticket=t).update(preview="The zip"),
    "a text": lambda t: Text.objects.filter(pk=t.messages.get().text_id).update(plain="The zip"),
    "a subject": lambda t: Text.objects.filter(pk=t.subject_id).update(plain="The zip"),
    "a recipient": lambda t: MessageRecipient.objects.create(
        message=Message.objects.get(ticket=t), role="to", address="emil@acme.example"
    ),
}


@pytest.mark.parametrize("name", sorted(LEFT))
def test_what_a_purge_left_behind_is_found(cast: Cast, name: str) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    actions.delete(ticket, by=by(cast.anna))
    actions.purge(ticket, by=by(cast.anna))
    with damaged():
        LEFT[name](ticket)
        [problem] = check_ticket(ticket.pk)
        assert problem.what == "1 rows still hold words, though it was purged"


def test_a_stretch_of_the_past_that_was_changed_is_found(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    actions.take(ticket, by=by(cast.bela))
    actions.resolve(ticket, by=by(cast.bela))
    with damaged():
        Stretch.objects.filter(ticket=ticket, assignee=None).update(priority=1)
        [problem] = check_ticket(ticket.pk)
        assert problem.what.startswith("stretch 1 is")
