"""What courses.py names, done through the actions, as customers and agents do it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from deskbell import clock
from deskbell.people.actors import Actor
from deskbell.seeding.small import people
from deskbell.seeding.small.words import team
from deskbell.tickets import actions
from deskbell.tickets.content import Content, Recipient

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from deskbell.people.models import Address, Agent
    from deskbell.seeding.small.courses import Course
    from deskbell.seeding.small.people import Shop
    from deskbell.seeding.small.plan import Planned
    from deskbell.seeding.small.words import Voice
    from deskbell.tickets.models import Ticket

    Act = Callable[["Scene", Ticket, Planned], None]

HIGH = 3
MOST_OF_THEM = 0.8


@dataclass
class Scene:
    """One ticket: who writes about what, who answers, and how far it has come.

    room     where it lies now; courses with a transfer begin in the wrong one
    second   another letter of the same customer about the same, until it is merged
    handler  who answers; None until somebody begins
    """

    shop: Shop
    course: Course
    voice: Voice
    chance: Random
    room: str
    ticket: Ticket | None = None
    second: Ticket | None = None
    handler: Agent | None = None

    def play(self, planned: Planned) -> list[int]:
        """Do one act now; return the numbers of the tickets that it touched."""
        if planned.act == "open":
            self.ticket = _first_letter(self)
        else:
            assert self.ticket is not None
            ACTS[planned.act](self, self.ticket, planned)
        return [one.pk for one in (self.ticket, self.second) if one is not None]

    @property
    def agent(self) -> Actor:
        """Who answers, as an author."""
        if self.handler is None:
            tongue = self.voice.person.tongue.code
            self.handler = self.shop.handler(self.room, tongue, self.chance)
        return Actor.agent(self.handler)

    @property
    def customer(self) -> Address:
        """Who writes."""
        return people.meet(self.voice.person, clock.now())


def _first_letter(scene: Scene) -> Ticket:
    subject, letter = scene.voice.subject(), scene.voice.letter()
    if scene.course.about != "story":
        lines = team()[scene.course.about]
        number = scene.chance.randrange(len(lines["subjects"]))
        subject, letter = lines["subjects"][number], lines["letters"][number]
    return _open(scene, subject, letter)


def _open(scene: Scene, subject: str, letter: str) -> Ticket:
    who = scene.customer
    return actions.open_ticket(
        by=Actor.customer(who.customer),
        subject=subject,
        content=Content(letter),
        department=scene.shop.rooms[scene.room],
        customer=who,
        channel="mail",
        message_id=_message_id(scene, who),
        recipients=_envelope(scene, who),
    )


def _write(scene: Scene, ticket: Ticket, text: str) -> None:
    who = scene.customer
    actions.receive(
        ticket,
        Content(text),
        by=Actor.customer(who.customer),
        address=who,
        message_id=_message_id(scene, who),
        recipients=_envelope(scene, who),
    )


def _envelope(scene: Scene, who: Address) -> tuple[Recipient, ...]:
    ours = Recipient("to", scene.shop.boxes[scene.room])
    return (Recipient("from", who.value, who.name), ours)


def _message_id(scene: Scene, who: Address) -> str:
    return f"{scene.chance.getrandbits(64):016x}@{who.value.partition('@')[2]}"


def _told(scene: Scene, ticket: Ticket, _planned: Planned) -> None:
    _write(scene, ticket, scene.voice.told())


def _says(pool: str) -> Act:
    def act(scene: Scene, ticket: Ticket, _planned: Planned) -> None:
        agent = scene.handler.name.partition(" ")[0] if scene.handler else ""
        _write(scene, ticket, scene.voice.says(pool, agent))

    return act


def _twice(scene: Scene, ticket: Ticket, _planned: Planned) -> None:
    scene.second = _open(scene, f"Re: {ticket.subject.plain}", scene.voice.letter())


def _confirm(scene: Scene, ticket: Ticket, _planned: Planned) -> None:
    actions.confirm(ticket, by=Actor.customer(scene.customer.customer))


def _deny(scene: Scene, ticket: Ticket, _planned: Planned) -> None:
    comment = scene.voice.says("deny") if scene.chance.random() < MOST_OF_THEM else ""
    actions.deny(ticket, by=Actor.customer(scene.customer.customer), comment=comment)


def _take(scene: Scene, ticket: Ticket, _planned: Planned) -> None:
    actions.take(ticket, by=scene.agent)


def _assign(scene: Scene, ticket: Ticket, _planned: Planned) -> None:
    assert scene.agent.is_agent
    actions.assign(ticket, scene.handler, by=Actor.agent(scene.shop.lead()))


def _transfer(scene: Scene, ticket: Ticket, _planned: Planned) -> None:
    by = scene.agent
    scene.room, scene.handler = scene.voice.story.room, None
    actions.transfer(ticket, scene.shop.rooms[scene.room], by=by)


def _prioritise(scene: Scene, ticket: Ticket, _planned: Planned) -> None:
    actions.prioritise(ticket, HIGH, by=scene.agent)


def _escalate(scene: Scene, ticket: Ticket, _planned: Planned) -> None:
    actions.escalate(ticket, scene.voice.of_the_team("reasons"), by=scene.agent)


def _tag(scene: Scene, ticket: Ticket, _planned: Planned) -> None:
    actions.tag(ticket, by=scene.agent, add=[scene.voice.story.tag])


def _note(scene: Scene, ticket: Ticket, _planned: Planned) -> None:
    author = scene.shop.somebody_of(scene.room, scene.chance)
    words = Content(scene.voice.of_the_team("notes"))
    actions.note(ticket, words, by=Actor.agent(author))


def _ask(scene: Scene, ticket: Ticket, _planned: Planned) -> None:
    actions.reply(ticket, Content(scene.voice.asks()), by=scene.agent)


def _later(scene: Scene, ticket: Ticket, _planned: Planned) -> None:
    actions.reply(ticket, Content(scene.voice.answers("later")), by=scene.agent)


def _promise(scene: Scene, ticket: Ticket, planned: Planned) -> None:
    words = Content(scene.voice.answers("later"))
    actions.reply(ticket, words, by=scene.agent, then="postponed", until=planned.until)


def _solve(scene: Scene, ticket: Ticket, _planned: Planned) -> None:
    actions.reply(ticket, Content(scene.voice.solves()), by=scene.agent, then="resolved")


def _sorry(scene: Scene, ticket: Ticket, _planned: Planned) -> None:
    words = Content(scene.voice.answers("sorry"))
    actions.reply(ticket, words, by=scene.agent, then="resolved")


def _postpone(scene: Scene, ticket: Ticket, planned: Planned) -> None:
    assert planned.until is not None
    actions.postpone(ticket, planned.until, by=scene.agent)


def _mark_answered(scene: Scene, ticket: Ticket, _planned: Planned) -> None:
    actions.mark_answered(ticket, by=scene.agent)


def _resolve(scene: Scene, ticket: Ticket, _planned: Planned) -> None:
    actions.resolve(ticket, by=scene.agent)


def _resolve_silently(scene: Scene, ticket: Ticket, _planned: Planned) -> None:
    actions.resolve(ticket, by=scene.agent, silent=True)


def _close(scene: Scene, ticket: Ticket, _planned: Planned) -> None:
    actions.close(
        ticket,
        by=scene.agent,
        solution=scene.voice.of_the_team("solution"),
        root_cause=scene.voice.of_the_team("root_cause"),
        lessons=scene.voice.of_the_team("lessons"),
    )


def _reopen(scene: Scene, ticket: Ticket, _planned: Planned) -> None:
    actions.reopen(ticket, by=scene.agent)


def _spam(scene: Scene, ticket: Ticket, _planned: Planned) -> None:
    actions.spam(ticket, by=scene.agent)


def _delete(scene: Scene, ticket: Ticket, _planned: Planned) -> None:
    actions.delete(ticket, by=scene.agent)


def _merge(scene: Scene, ticket: Ticket, _planned: Planned) -> None:
    assert scene.second is not None
    actions.merge(scene.second, ticket, by=scene.agent)


def _rest(_scene: Scene, _ticket: Ticket, _planned: Planned) -> None:
    """The clock did it meanwhile."""


ACTS: dict[str, Act] = {
    "told": _told,
    "more": _says("more"),
    "thanks": _says("thanks"),
    "again": _says("again"),
    "twice": _twice,
    "confirm": _confirm,
    "deny": _deny,
    "take": _take,
    "assign": _assign,
    "transfer": _transfer,
    "prioritise": _prioritise,
    "escalate": _escalate,
    "tag": _tag,
    "note": _note,
    "ask": _ask,
    "later": _later,
    "promise": _promise,
    "solve": _solve,
    "sorry": _sorry,
    "postpone": _postpone,
    "mark_answered": _mark_answered,
    "resolve_unheard": _resolve,
    "resolve_silently": _resolve_silently,
    "close": _close,
    "reopen": _reopen,
    "spam": _spam,
    "delete": _delete,
    "merge": _merge,
    "rest": _rest,
}
