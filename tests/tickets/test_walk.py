"""Every action in every status by every kind of actor: allowed where the table says so, refused elsewhere.

The table below is written out once more, by hand, from the document of the lifecycle: a slip in
lifecycle.py shows as a difference.
"""

from collections.abc import Callable

import pytest

from deskbell.errors import DeskError, NotAllowed, WrongStatus
from deskbell.people.actors import CLOCK, MIGRATION, Actor
from deskbell.tickets import actions, lifecycle, timeline
from deskbell.tickets.content import Content
from deskbell.tickets.models import Entry, Message, Ticket
from deskbell.tickets.state import COLUMNS, state_of
from tests.cast import Cast, by
from tests.desk import a_ticket

STATUSES = (
    "new",
    "open",
    "answered",
    "postponed",
    "chatting",
    "calling",
    "resolved",
    "closed",
    "spam",
    "deleted",
)
UNSOLVED = {"new", "open", "answered", "postponed"}
WORKED_ON = UNSOLVED | {"chatting", "calling", "resolved"}
EVERY = set(STATUSES)

# action → actor → the statuses in which it is allowed
ALLOWED: dict[str, dict[str, set[str]]] = {
    "receive": {"customer": EVERY},
    "reply": {"agent": UNSOLVED | {"resolved"}},
    "note": {"agent": EVERY - {"deleted"}},
    "assign": {"agent": WORKED_ON, "clock": WORKED_ON},
    "take": {"agent": WORKED_ON},
    "transfer": {"agent": WORKED_ON, "clock": WORKED_ON},
    "resolve": {"agent": UNSOLVED, "customer": UNSOLVED, "clock": UNSOLVED},
    "ask": {"clock": {"resolved"}},
    "confirm": {"customer": {"resolved"}},
    "deny": {"customer": {"resolved"}},
    "close": {"agent": UNSOLVED | {"resolved"}, "clock": {"resolved"}},
    "reopen": {"agent": {"resolved", "closed"}, "customer": {"resolved", "closed"}},
    "accept_sender": {"agent": WORKED_ON | {"closed"}},
    "fail_delivery": {"clock": EVERY},
    "link": {"agent": EVERY, "customer": EVERY, "clock": EVERY},
}


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("action", sorted(ALLOWED))
@pytest.mark.parametrize("actor", ["agent", "customer", "clock"])
def test_the_table_says_what_the_document_says(action: str, actor: str, status: str) -> None:
    expected = status in ALLOWED[action].get(actor, set())
    assert lifecycle.allows(action, status, actor) is expected


def test_no_action_is_missing_from_the_walk() -> None:
    assert set(lifecycle.TABLE) == set(ALLOWED)


Act = Callable[[Ticket, Cast, Actor], object]

ACTS: dict[str, Act] = {
    "receive": lambda t, c, a: actions.receive(t, Content("More."), by=a, address=c.emil),
    "reply": lambda t, c, a: actions.reply(t, Content("Look."), by=a),
    "note": lambda t, c, a: actions.note(t, Content("Look."), by=a),
    "assign": lambda t, c, a: actions.assign(t, c.bela, by=a),
    "take": lambda t, c, a: actions.take(t, by=a),
    "transfer": lambda t, c, a: actions.transfer(t, c.billing, by=a),
    "resolve": lambda t, c, a: actions.resolve(t, by=a),
    "ask": lambda t, c, a: actions.mark_asked(t, delivery_id=1, by=a),
    "confirm": lambda t, c, a: actions.confirm(t, by=a),
    "deny": lambda t, c, a: actions.deny(t, by=a, comment="No."),
    "close": lambda t, c, a: actions.close(t, by=a, solution="Glue."),
    "reopen": lambda t, c, a: actions.reopen(t, by=a),
    "fail_delivery": lambda t, c, a: actions.fail_delivery(
        t,
        message=Message.objects.filter(ticket=t).first(),
        address="emil@acme.example",
        reason="x",
        by=a,
    ),
}


def in_status(cast: Cast, status: str) -> Ticket:
    """Return a ticket in `status`, by the way that people would bring it there, if there is one yet."""
    ticket = a_ticket(cast.support, cast.emil)
    anna = by(cast.anna)
    match status:
        case "answered":
            actions.reply(ticket, Content("Hello."), by=anna)
        case "open":
            actions.reply(ticket, Content("Hello."), by=anna)
            actions.receive(ticket, Content("Hm."), by=by(cast.emil), address=cast.emil)
        case "resolved":
            actions.resolve(ticket, by=anna)
        case "closed":
            actions.close(ticket, by=anna)
    ticket.refresh_from_db()
    return ticket


REACHED = ("new", "open", "answered", "resolved", "closed")


@pytest.mark.parametrize("status", REACHED)
@pytest.mark.parametrize("action", sorted(ACTS))
@pytest.mark.parametrize("actor", ["agent", "customer", "clock"])
def test_an_action_obeys_the_table_and_a_refused_one_leaves_no_trace(
    cast: Cast, action: str, actor: str, status: str
) -> None:
    ticket = in_status(cast, status)
    who = {"agent": by(cast.anna), "customer": by(cast.emil), "clock": CLOCK}[actor]
    before, steps = Ticket.objects.filter(pk=ticket.pk).values().get(), ticket.last_step
    if lifecycle.allows(action, status, actor):
        with timeline.caused_by(Entry.objects.get(ticket=ticket, step=1)):
            ACTS[action](ticket, cast, who)
        assert Entry.objects.filter(ticket=ticket).count() >= steps
    else:
        with pytest.raises((NotAllowed, WrongStatus)):
            ACTS[action](ticket, cast, who)
        assert Ticket.objects.filter(pk=ticket.pk).values().get() == before


@pytest.mark.parametrize("actor", [CLOCK, MIGRATION], ids=["clock", "migration"])
def test_an_actor_is_never_nobody(cast: Cast, actor: Actor) -> None:
    assert actor.kind in {"clock", "migration"}
    with pytest.raises(TypeError):
        actions.take(a_ticket(cast.support, cast.emil))  # type: ignore[call-arg]


def test_every_column_of_the_row_is_part_of_the_state(cast: Cast) -> None:
    cache = {field.attname for field in Ticket._meta.concrete_fields}
    assert cache - set(COLUMNS) == {"id", "code", "extra", "last_step", "settled_step"}
    assert state_of(a_ticket(cast.support, cast.emil)).status == "new"


def test_every_refusal_is_a_sentence() -> None:
    assert issubclass(WrongStatus, DeskError)
    assert "Resolved" in WrongStatus(action="resolve", status="Resolved").sentence
