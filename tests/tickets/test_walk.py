"""Every action in every status by every kind of actor: allowed where the table says so, refused elsewhere.

The table below is written out once more, by hand, from the document of the lifecycle: a slip in
lifecycle.py shows as a difference.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest

from deskbell.clock import now
from deskbell.errors import DeskError, NotAllowed, WrongStatus
from deskbell.people.actors import CLOCK, MIGRATION, Actor
from deskbell.people.customers import customer_for
from deskbell.tickets import actions, lifecycle, timeline
from deskbell.tickets.check import check_ticket
from deskbell.tickets.content import Content, Recipient
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
SHOWN = WORKED_ON | {"closed"}
EVERY = set(STATUSES)
NOT_DELETED = EVERY - {"deleted"}
NOT_LIVE = EVERY - {"chatting", "calling"}

# action → actor → the statuses in which it is allowed
ALLOWED: dict[str, dict[str, set[str]]] = {
    "receive": {"customer": EVERY},
    "reply": {"agent": UNSOLVED | {"resolved"}, "rule": UNSOLVED | {"resolved"}},
    "note": {"agent": NOT_DELETED, "rule": NOT_DELETED},
    "forward": {"agent": NOT_DELETED, "rule": NOT_DELETED},
    "receive_aside": {"customer": SHOWN},
    "mark_answered": {"agent": {"new", "open"}, "rule": {"new", "open"}},
    "assign": {"agent": WORKED_ON, "rule": WORKED_ON, "clock": WORKED_ON},
    "take": {"agent": WORKED_ON},
    "resign": {"agent": WORKED_ON, "rule": WORKED_ON},
    "give_back": {"agent": WORKED_ON, "rule": WORKED_ON, "clock": WORKED_ON},
    "transfer": {"agent": WORKED_ON, "rule": WORKED_ON, "clock": WORKED_ON},
    "escalate": {"agent": WORKED_ON, "rule": WORKED_ON, "clock": WORKED_ON},
    "postpone": {"agent": UNSOLVED, "rule": UNSOLVED},
    "wake": {"agent": {"postponed"}, "rule": {"postponed"}, "clock": {"postponed"}},
    "resolve": {"agent": UNSOLVED, "customer": UNSOLVED, "clock": UNSOLVED, "rule": UNSOLVED},
    "acknowledge": {"clock": UNSOLVED},
    "ask": {"clock": {"resolved"}},
    "ask_for_portal": {"customer": SHOWN},
    "confirm": {"customer": {"resolved"}},
    "deny": {"customer": {"resolved"}},
    "rate": {"customer": SHOWN},
    "close": {"agent": UNSOLVED | {"resolved"}, "clock": {"resolved"}, "rule": {"resolved"}},
    "reopen": {"agent": {"resolved", "closed"}, "customer": {"resolved", "closed"}},
    "spam": {
        "agent": NOT_LIVE - {"spam", "deleted"},
        "rule": NOT_LIVE - {"spam", "deleted"},
    },
    "not_spam": {"agent": {"spam"}, "rule": {"spam"}},
    "delete": {"agent": NOT_LIVE - {"deleted"}, "rule": NOT_LIVE - {"deleted"}},
    "restore": {"agent": {"deleted"}, "rule": {"deleted"}},
    "purge": {"agent": {"deleted", "spam"}, "clock": {"deleted", "spam"}},
    "merge": {"agent": SHOWN, "rule": SHOWN},
    "unmerge": {"agent": EVERY, "rule": EVERY},
    "split": {"agent": SHOWN},
    "link": {"agent": SHOWN},
    "unlink": {"agent": SHOWN},
    "redact": {"agent": SHOWN},
    "erase": {"agent": EVERY},
    "describe": {"agent": SHOWN, "rule": SHOWN},
    "prioritise": {"agent": WORKED_ON, "rule": WORKED_ON},
    "tag": {"agent": SHOWN, "rule": SHOWN},
    "change_customer": {"agent": SHOWN},
    "add_participant": {"agent": SHOWN, "rule": SHOWN},
    "remove_participant": {"agent": SHOWN, "rule": SHOWN},
    "accept_sender": {"agent": SHOWN, "rule": SHOWN},
    "check_off": {"agent": SHOWN, "rule": SHOWN},
    "follow": {"agent": NOT_DELETED, "rule": NOT_DELETED},
    "mention": {"agent": NOT_DELETED, "rule": NOT_DELETED},
    "undo": {"agent": EVERY},
    "fail_delivery": {"clock": EVERY},
}
ACTORS = ("agent", "customer", "rule", "clock")


@pytest.mark.parametrize("action", sorted(ALLOWED))
@pytest.mark.parametrize("actor", ACTORS)
def test_the_table_says_what_the_document_says(action: str, actor: str) -> None:
    allowed = {status for status in STATUSES if lifecycle.allows(action, status, actor)}
    assert allowed == ALLOWED[action].get(actor, set())


def test_no_action_is_missing_from_the_walk() -> None:
    assert set(lifecycle.TABLE) == set(ALLOWED)


Act = Callable[[Ticket, Cast, Actor], object]


def _first_message(ticket: Ticket) -> Message:
    return Message.objects.filter(ticket=ticket).order_by("id")[0]


def _another(cast: Cast) -> Ticket:
    return a_ticket(cast.support, cast.frida)


def _merge(ticket: Ticket, cast: Cast, who: Actor) -> object:
    return actions.merge(ticket, _another(cast), by=who)


def _link_and_unlink(ticket: Ticket, cast: Cast, who: Actor) -> object:
    other = _another(cast)
    actions.link(ticket, other, by=who)
    return actions.unlink(ticket, other, by=who, kind="related")


def _forward(ticket: Ticket, cast: Cast, who: Actor) -> Message:
    return actions.forward(
        ticket, Content("Look."), by=who, to=[Recipient("to", "zips@maker.example")]
    )


def _receive_aside(ticket: Ticket, cast: Cast, who: Actor) -> object:
    # Any message stands for the forward here: nothing could be forwarded any more in some of the statuses.
    began = _first_message(ticket)
    address = customer_for("zips@maker.example", "Zip maker")
    return actions.receive_aside(ticket, Content("Ours."), by=who, address=address, side=began)


def _check_off(ticket: Ticket, cast: Cast, who: Actor) -> object:
    line = actions.add_check(ticket, "Ask the workshop", by=who).data["text_id"]
    actions.check_off(ticket, line, by=who)
    return actions.remove_check(ticket, line, by=who)


def _rate(ticket: Ticket, cast: Cast, who: Actor) -> object:
    if who.kind == "customer" and ticket.status in UNSOLVED:
        actions.resolve(ticket, by=who)
        actions.rate(ticket, by=who, score="bad")
        actions.reopen(ticket, by=who)
    return actions.rate(ticket, by=who, score="good", words="Quick!")


# Every action that can be tried on a ticket by itself; ask and undo have what they need elsewhere.
ACTS: dict[str, Act] = {
    "receive": lambda t, c, a: actions.receive(t, Content("More."), by=a, address=c.emil),
    "reply": lambda t, c, a: actions.reply(t, Content("Look."), by=a),
    "note": lambda t, c, a: actions.note(t, Content("Look."), by=a),
    "forward": _forward,
    "receive_aside": _receive_aside,
    "mark_answered": lambda t, c, a: actions.mark_answered(t, by=a),
    "assign": lambda t, c, a: actions.assign(t, c.bela, by=a),
    "take": lambda t, c, a: actions.take(t, by=a),
    "resign": lambda t, c, a: actions.resign(t, by=a),
    "give_back": lambda t, c, a: actions.give_back(t, by=a, reason="away"),
    "transfer": lambda t, c, a: actions.transfer(t, c.billing, by=a),
    "escalate": lambda t, c, a: actions.escalate(t, "They wait in the rain.", by=a),
    "postpone": lambda t, c, a: actions.postpone(t, now() + timedelta(hours=1), by=a),
    "wake": lambda t, c, a: actions.wake(t, by=a),
    "resolve": lambda t, c, a: actions.resolve(t, by=a),
    "acknowledge": lambda t, c, a: actions.mark_acknowledged(t, delivery_id=1, by=a),
    "ask": lambda t, c, a: actions.mark_asked(t, delivery_id=1, by=a),
    "ask_for_portal": lambda t, c, a: actions.ask_for_portal(t, c.emil, by=a),
    "confirm": lambda t, c, a: actions.confirm(t, by=a),
    "deny": lambda t, c, a: actions.deny(t, by=a, comment="No."),
    "rate": _rate,
    "close": lambda t, c, a: actions.close(t, by=a, solution="Glue."),
    "reopen": lambda t, c, a: actions.reopen(t, by=a),
    "spam": lambda t, c, a: actions.spam(t, by=a),
    "not_spam": lambda t, c, a: actions.not_spam(t, by=a),
    "delete": lambda t, c, a: actions.delete(t, by=a),
    "restore": lambda t, c, a: actions.restore(t, by=a),
    "purge": lambda t, c, a: actions.purge(t, by=a),
    "merge": _merge,
    "split": lambda t, c, a: actions.split(t, _first_message(t), by=a),
    "link": lambda t, c, a: actions.link(t, _another(c), by=a),
    "unlink": _link_and_unlink,
    "redact": lambda t, c, a: actions.redact(t, by=a, passage="the zip came apart"),
    "erase": lambda t, c, a: actions.erase(t, c.emil.customer, by=a),
    "describe": lambda t, c, a: actions.describe(t, by=a, subject="The zip, again"),
    "prioritise": lambda t, c, a: actions.prioritise(t, 4, by=a),
    "tag": lambda t, c, a: actions.tag(t, by=a, add=["zip"]),
    "change_customer": lambda t, c, a: actions.change_customer(t, c.frida, by=a),
    "add_participant": lambda t, c, a: actions.add_participant(t, c.frida, by=a),
    "remove_participant": lambda t, c, a: actions.remove_participant(t, c.frida, by=a),
    "check_off": _check_off,
    "follow": lambda t, c, a: actions.follow(t, by=a),
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
    actions.take(ticket, by=anna)
    match status:
        case "answered":
            actions.reply(ticket, Content("Hello."), by=anna)
        case "open":
            actions.reply(ticket, Content("Hello."), by=anna)
            actions.receive(ticket, Content("Hm."), by=by(cast.emil), address=cast.emil)
        case "postponed":
            actions.postpone(ticket, now() + timedelta(days=1), by=anna)
        case "resolved":
            actions.resolve(ticket, by=anna)
        case "closed":
            actions.close(ticket, by=anna)
        case "spam":
            actions.spam(ticket, by=anna)
        case "deleted":
            actions.delete(ticket, by=anna)
    ticket.refresh_from_db()
    return ticket


REACHED = tuple(status for status in STATUSES if status not in {"chatting", "calling"})


@pytest.mark.parametrize("status", REACHED)
@pytest.mark.parametrize("actor", ACTORS)
def test_an_action_obeys_the_table_and_a_refused_one_leaves_no_trace(
    cast: Cast, actor: str, status: str
) -> None:
    who = {
        "agent": by(cast.anna),
        "customer": by(cast.emil),
        "rule": Actor("rule", 1),
        "clock": CLOCK,
    }[actor]
    for action, act in ACTS.items():
        ticket = in_status(cast, status)
        before, steps = Ticket.objects.filter(pk=ticket.pk).values().get(), ticket.last_step
        if lifecycle.allows(action, status, actor):
            with timeline.caused_by(Entry.objects.get(ticket=ticket, step=1)):
                act(ticket, cast, who)
            assert Entry.objects.filter(ticket=ticket).count() >= steps
            assert check_ticket(ticket.pk) == [], action
        else:
            with pytest.raises((NotAllowed, WrongStatus)):
                act(ticket, cast, who)
            assert Ticket.objects.filter(pk=ticket.pk).values().get() == before, action


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
