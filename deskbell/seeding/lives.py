"""The life of one ticket of a large seeded desk: which events at which times, by whom.  Pure.

A customer writes, an agent answers, and so on; then it is resolved, confirmed, closed.  What is still active stops on
the way.  Numbers of messages and texts are given out as they are needed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from deskbell.people.actors import CLOCK, Actor
from deskbell.seeding import plan as plans
from deskbell.tickets.actions.assign import TicketAssigned
from deskbell.tickets.actions.close import TicketClosed
from deskbell.tickets.actions.confirm import ResolutionConfirmed
from deskbell.tickets.actions.delete import TicketDeleted
from deskbell.tickets.actions.deny import ResolutionDenied
from deskbell.tickets.actions.note import NoteAdded
from deskbell.tickets.actions.open import TicketOpened
from deskbell.tickets.actions.postpone import TicketPostponed
from deskbell.tickets.actions.prioritise import TicketPrioritised
from deskbell.tickets.actions.receive import MessageReceived
from deskbell.tickets.actions.reply import MessageReplied
from deskbell.tickets.actions.resolve import TicketResolved
from deskbell.tickets.actions.spam import TicketMarkedSpam
from deskbell.tickets.actions.tag import TicketTagged
from deskbell.tickets.actions.take import TicketTaken
from deskbell.tickets.actions.transfer import TicketTransferred
from deskbell.tickets.bulk import Dated

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from deskbell.seeding.plan import Plan
    from deskbell.tickets.events import Event

REST = timedelta(days=4)  # how long a resolved ticket waits for the customer's word
ANSWER_HOURS, CUSTOMER_HOURS = 5.0, 14.0
SPAM, DELETED, CONFIRMED, BY_CLOCK, DENIED = 0.025, 0.012, 0.55, 0.92, 0.06
TAGGED, PRIORITISED, TRANSFERRED, NOTED, POSTPONED = 0.3, 0.1, 0.08, 0.15, 0.25

_DEPARTMENTS = plans.zipf(plans.DEPARTMENTS)
_STAFF = {number: plans.agents_of(number) for number in range(1, plans.DEPARTMENTS + 1)}
_STAFF_WEIGHTS = {number: plans.zipf(len(staff)) for number, staff in _STAFF.items()}
_TAGS = plans.zipf(plans.TAGS)


@dataclass(frozen=True, slots=True)
class Said:
    """A message of the life: its number, whose it is, and when."""

    number: int
    kind: str
    by: Actor
    at: datetime


@dataclass(slots=True)
class Life:
    """A life as it is lived: its entries, its messages, and the texts that are neither.

    next_message, next_text  free numbers, each larger than all before it
    texts                    numbers of texts: the subject, and what was learned
    """

    customer: int
    department: int
    agent: int
    next_message: int
    next_text: int
    entries: list[Dated] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    texts: list[int] = field(default_factory=list)

    def add(self, event: Event, at: datetime, by: Actor, cause: int | None = None) -> int:
        """Let something happen; return its step."""
        self.entries.append(Dated(event, at, by, cause))
        return len(self.entries)

    def say(self, kind: str, by: Actor, at: datetime) -> int:
        """Let somebody say something; return the number of the message."""
        number = self.next_message
        self.next_message += 1
        self.said.append(Said(number, kind, by, at))
        return number

    def text(self) -> int:
        """Return the number of a new text that is no message."""
        number = self.next_text
        self.next_text += 1
        self.texts.append(number)
        return number


def live(
    plan: Plan,
    number: int,
    rng: random.Random,
    *,
    customer: int,
    next_message: int,
    next_text: int,
) -> Life:
    """Return the life of ticket `number` of the plan.  A customer's number is that of their address, too."""
    [department] = rng.choices(range(1, plans.DEPARTMENTS + 1), cum_weights=_DEPARTMENTS)
    [agent] = rng.choices(_STAFF[department], cum_weights=_STAFF_WEIGHTS[department])
    life = Life(customer, department, agent, next_message, next_text)
    is_active = plan.is_active(number, rng)
    beats = _beats(rng, plans.messages(rng), is_active=is_active)
    moments = _moments(rng, plan.created_at(number), plan.now, beats)
    _open(life, moments[0])
    if not is_active and rng.random() < SPAM + DELETED:
        _hide(life, rng, plan.now)
        return life
    _adorn(life, rng, moments[0])
    for kind, at in zip(beats[1:], moments[1:], strict=True):
        _beat(life, kind, at)
    if is_active:
        _rest(life, rng, plan.now)
    else:
        _end(life, rng, moments[-1], plan.now)
    return life


def _beats(rng: random.Random, many: int, *, is_active: bool) -> list[str]:
    """Return who speaks: the customer first, then in turns, notes between; an ended one has an answer last."""
    beats = ["customer"]
    while len(beats) < many:
        last = next(kind for kind in reversed(beats) if kind != "note")
        if rng.random() < NOTED:
            beats.append("note")
        else:
            beats.append("reply" if last == "customer" else "customer")
    if not is_active and many > 1 and beats[-1] == "customer":
        beats[-1] = "reply"
    return beats


def _moments(
    rng: random.Random, begin: datetime, now: datetime, beats: list[str]
) -> list[datetime]:
    """Return a moment for each beat, the first at `begin`; pressed together where they would reach past now."""
    hours, at = [0.0], 0.0
    for kind in beats[1:]:
        at += rng.expovariate(1 / (CUSTOMER_HOURS if kind == "customer" else ANSWER_HOURS)) + 0.02
        hours.append(at)
    room = (now - begin).total_seconds() / 3600 * 0.9
    scale = min(1.0, room / at) if at else 1.0
    return [begin + timedelta(hours=one * scale) for one in hours]


def _open(life: Life, at: datetime) -> None:
    customer = Actor("customer", life.customer)
    opened = TicketOpened(
        subject_id=life.text(),
        department_id=life.department,
        channel="mail",
        customer_id=life.customer,
        address_id=life.customer,
    )
    life.add(opened, at, customer)
    message = life.say("customer", customer, at)
    received = MessageReceived(
        message_id=message, address_id=life.customer, trust="participant", status="new"
    )
    life.add(received, at, customer, cause=1)


def _adorn(life: Life, rng: random.Random, at: datetime) -> None:
    """Tag, prioritise, transfer: what an agent does to a new ticket before anything else."""
    agent = Actor("agent", life.agent)
    for event in _adornments(life, rng):
        life.add(event, at, agent)


def _adornments(life: Life, rng: random.Random) -> Iterator[Event]:
    if rng.random() < TRANSFERRED:
        [elsewhere] = rng.choices(range(1, plans.DEPARTMENTS + 1), cum_weights=_DEPARTMENTS)
        if elsewhere != life.department:
            life.department = elsewhere
            yield TicketTransferred(department_id=elsewhere)
            [agent] = rng.choices(_STAFF[elsewhere], cum_weights=_STAFF_WEIGHTS[elsewhere])
            life.agent = agent
            yield TicketAssigned(agent_id=agent)
    if rng.random() < TAGGED:
        yield TicketTagged(
            added=tuple(sorted(set(rng.choices(range(1, plans.TAGS + 1), cum_weights=_TAGS, k=2))))
        )
    if rng.random() < PRIORITISED:
        yield TicketPrioritised(priority=rng.choice((1, 3, 3, 4)))


def _beat(life: Life, kind: str, at: datetime) -> None:
    """Let somebody speak; the first answer's writer is responsible from then on."""
    customer, agent = Actor("customer", life.customer), Actor("agent", life.agent)
    answered = any(one.kind == "reply" for one in life.said)
    match kind:
        case "customer":
            message = life.say(kind, customer, at)
            received = MessageReceived(
                message_id=message,
                address_id=life.customer,
                trust="participant",
                status="open" if answered else "new",
            )
            life.add(received, at, customer)
        case "reply":
            message = life.say(kind, agent, at)
            step = life.add(MessageReplied(message_id=message, status="answered"), at, agent)
            if not answered:
                life.add(TicketTaken(agent_id=life.agent), at, agent, cause=step)
        case _:
            life.add(NoteAdded(message_id=life.say(kind, agent, at)), at, agent)


def _rest(life: Life, rng: random.Random, now: datetime) -> None:
    """Leave an active ticket as it is, or postpone it."""
    last = life.entries[-1].at
    if rng.random() < POSTPONED / 5:
        until = now + timedelta(hours=rng.randrange(1, 200))
        life.add(TicketPostponed(until=until), last, Actor("agent", life.agent))


def _end(life: Life, rng: random.Random, at: datetime, now: datetime) -> None:
    """Resolve it; then the customer says yes, or an agent or the clock closes it.  Some say no first."""
    agent, customer = Actor("agent", life.agent), Actor("customer", life.customer)
    gap = (now - at) / 10
    at = at + min(timedelta(minutes=rng.randrange(1, 600)), gap)
    step = life.add(TicketResolved(closes_at=at + REST), at, agent)
    if rng.random() < DENIED:
        at = at + min(timedelta(hours=rng.randrange(1, 40)), gap)
        life.add(ResolutionDenied(), at, customer)
        at = at + min(timedelta(hours=rng.randrange(1, 20)), gap)
        step = life.add(TicketResolved(closes_at=at + REST), at, agent)
    way = rng.random()
    if way < CONFIRMED:
        life.add(
            ResolutionConfirmed(), at + min(timedelta(hours=rng.randrange(1, 60)), gap), customer
        )
    elif way < BY_CLOCK:
        if at + REST < now:
            life.add(TicketClosed(), at + REST, CLOCK, cause=step)
    else:
        closed = TicketClosed(solution_id=life.text(), root_cause_id=life.text())
        life.add(closed, at + min(timedelta(hours=rng.randrange(1, 30)), gap), agent)


def _hide(life: Life, rng: random.Random, now: datetime) -> None:
    at = life.entries[-1].at
    event: Event = TicketMarkedSpam() if rng.random() < SPAM / (SPAM + DELETED) else TicketDeleted()
    life.add(event, at + (now - at) / 20, Actor("agent", life.agent))
