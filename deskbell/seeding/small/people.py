"""Who works in the shop, who writes to it, and where the letters go."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from deskbell.channels.mail import boxes
from deskbell.channels.mail.models import MailBox
from deskbell.people import agents, departments, first_run
from deskbell.people.customers import customer_for, note_clock
from deskbell.people.models import Agent, Company, Customer, Department, Desk

if TYPE_CHECKING:
    from datetime import datetime
    from random import Random

    from deskbell.people.models import Address
    from deskbell.seeding.small.words import Person

SHOP = "Lomnica Outdoor"
ROOMS = ("Support", "Billing", "Repairs")
# Where the customers of each language live.
ZONES = {
    "en": "Europe/London", "hu": "Europe/Budapest", "cs": "Europe/Prague", "nl": "Europe/Amsterdam",
    "lv": "Europe/Riga", "ru": "Europe/Riga",
}  # fmt: skip
# Who writes to one of these is answered within so many minutes.
PROMISES = {"Support": 24 * 60}


@dataclass(frozen=True, slots=True)
class Hand:
    """Somebody who works there: what they are, where, and what they speak."""

    name: str
    login: str
    role: str
    rooms: tuple[str, ...]
    tongues: tuple[str, ...]


# The first owns the desk and steps in where nobody else speaks the language.
TEAM = (
    Hand("Vanda Ozoliņa", "vanda", "owner", ROOMS, ("lv", "ru", "en")),
    Hand("Anna van der Meulen", "anna", "admin", ("Support", "Billing"), ("nl", "en")),
    Hand("Bela Kerekes", "bela", "agent", ("Support", "Billing"), ("hu", "en")),
    Hand("Eszter Fodor", "eszter", "agent", ("Support", "Repairs"), ("hu", "nl")),
    Hand("Tomáš Novotný", "tomas", "agent", ("Repairs", "Support"), ("cs", "en")),
    Hand("Markéta Hrušková", "marketa", "agent", ("Support", "Billing"), ("cs", "en")),
    Hand("Pavel Zorin", "pavel", "agent", ROOMS, ("ru", "lv", "en")),
    Hand("Cecil Day", "cecil", "light", ("Repairs",), ()),
)


@dataclass
class Shop:
    """The desk with everybody in it."""

    rooms: dict[str, Department] = field(default_factory=dict)
    boxes: dict[str, str] = field(default_factory=dict)  # the address of each room
    team: dict[str, Agent] = field(default_factory=dict)  # by login

    def handler(self, room: str, tongue: str, chance: Random) -> Agent:
        """Return somebody of `room` who answers in `tongue`."""
        able = [hand.login for hand in TEAM[1:] if room in hand.rooms and tongue in hand.tongues]
        return self.team[chance.choice(able or [TEAM[0].login])]

    def lead(self) -> Agent:
        """Return who hands out the work."""
        return self.team[TEAM[0].login]

    def somebody_of(self, room: str, chance: Random) -> Agent:
        """Return anybody who works in `room`, whoever may only write notes too."""
        return self.team[chance.choice([hand.login for hand in TEAM if room in hand.rooms])]


def open_shop(password: str) -> Shop:
    """Make departments, mail boxes and agents, on a new desk or beside those who are there.

    Raises BadInput when somebody of them is there already.
    """
    shop = Shop()
    owner = _owner(password)
    shop.rooms = {name: _room(name) for name in ROOMS}
    shop.boxes = {name: f"{name.lower()}@lomnica.example" for name in ROOMS}
    for name, address in shop.boxes.items():
        if not MailBox.objects.filter(address=address).exists():
            made = boxes.add_mailbox(address=address, department=shop.rooms[name])
            # Nobody is reached at a made-up address, so it writes no letter to itself.
            MailBox.objects.filter(pk=made.pk).update(plus_tried_at=None)
    agents.work_in(owner, list(shop.rooms.values()))
    shop.team = {TEAM[0].login: owner} | {
        hand.login: agents.add_agent(
            name=hand.name,
            email=email_of(hand),
            role=hand.role,
            departments=[shop.rooms[room] for room in hand.rooms],
            password=password,
        )
        for hand in TEAM[1:]
    }
    return shop


def email_of(hand: Hand) -> str:
    """Return the address by which somebody signs in."""
    return f"{hand.login}@lomnica.example"


def meet(person: Person, now: datetime) -> Address:
    """Return the address of a customer, whom we know since `now` when this is their first letter."""
    address = customer_for(person.email, person.name)
    if not address.customer.language:
        company = Company.objects.get_or_create(name=person.company)[0] if person.company else None
        Customer.objects.filter(pk=address.customer_id).update(
            language=person.tongue.code, company=company, created_at=now
        )
        address.customer.language = person.tongue.code
        note_clock(address, _minutes_east(person, now), now)
    return address


def _minutes_east(person: Person, now: datetime) -> int:
    """Return where their clock stands."""
    offset = now.astimezone(ZoneInfo(ZONES[person.tongue.code])).utcoffset() or timedelta()
    return offset // timedelta(minutes=1)


def _owner(password: str) -> Agent:
    hand = TEAM[0]
    if Desk.get().set_up_at is not None:
        return agents.add_agent(
            name=hand.name, email=email_of(hand), role=hand.role, password=password
        )
    return first_run.set_up(
        first_run.new_token(),
        name=hand.name,
        email=email_of(hand),
        password=password,
        team=SHOP,
        language="en",
    )


def _room(name: str) -> Department:
    found = Department.objects.filter(name=name, archived_at=None).first()
    decisions = departments.Decisions(answer_within_minutes=PROMISES.get(name))
    return found or departments.add_department(name=name, decisions=decisions)
