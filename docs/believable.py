"""A small believable desk for pictures and for looking at pages: an outdoor shop and its customers.

    python docs/believable.py DATA      makes it in the data folder DATA and prints, as JSON, its pages

Everything is done through the actions, each at its own time, so that the timelines are real ones.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

import django
import time_machine

if __name__ == "__main__":
    os.environ |= {"DESKBELL_DATA": sys.argv[1], "DJANGO_SETTINGS_MODULE": "deskbell.settings"}
    os.environ.pop("DATABASE_URL", None)
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    django.setup()

from django.core.management import call_command
from PIL import Image, ImageDraw

from deskbell import clock
from deskbell.channels.mail import boxes, letters, opening
from deskbell.channels.mail.fetch import sources
from deskbell.channels.mail.models import Delivery, Letter, MailBox, Source
from deskbell.knowledge import canned, ticket_templates, whose
from deskbell.masking import rules
from deskbell.masking.models import MaskingRule
from deskbell.notices import portal_links, solved_links
from deskbell.notices.models import Notice
from deskbell.notices.portal_links import Place
from deskbell.notices.wishes import Why
from deskbell.people import agents, departments, first_run
from deskbell.people.actors import CLOCK, Actor
from deskbell.people.customers import customer_for, note_clock
from deskbell.people.models import Address, Agent, Company, Department
from deskbell.people.wording import PLACES
from deskbell.saved_views import keeping
from deskbell.saved_views.keeping import Wish
from deskbell.saved_views.models import SavedView
from deskbell.sweeps import beginning, going
from deskbell.sweeps.models import Sweep
from deskbell.tickets import actions, files, scheduled
from deskbell.tickets.content import Content, NewFile, Recipient
from deskbell.tickets.drafts import Words
from deskbell.tickets.leaving import Plan
from deskbell.tickets.models import Entry, Ticket
from deskbell.tickets.state import state_of

PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d4944415478da63"
    "fcffff3f0300050001a5f645400000000049454e44ae426082"
)

KEY = Path(__file__).resolve().parent.parent / "tests" / "mails" / "keys" / "emil.asc"


@dataclass
class Shop:
    """Who works there and who writes to it."""

    now: datetime
    people: dict[str, Agent] = field(default_factory=dict)
    rooms: dict[str, Department] = field(default_factory=dict)

    def at(self, ago: timedelta, act: Callable[[], Ticket | object]) -> object:
        """Do `act` so long ago."""
        with time_machine.travel(self.now - ago, tick=False):
            return act()

    def by(self, name: str) -> Actor:
        """Return the agent of this first name as an author."""
        return Actor.agent(self.people[name])

    def ask(
        self,
        ago: timedelta,
        who: Address,
        room: str,
        subject: str,
        text: str,
        *,
        quoted: str = "",
        html: str = "",
        attached: tuple[NewFile, ...] = (),
    ) -> Ticket:
        """Open a ticket with a customer's letter."""
        with time_machine.travel(self.now - ago, tick=False):
            return actions.open_ticket(
                by=Actor.customer(who.customer),
                subject=subject,
                content=Content(text, quoted=quoted, html=html, files=attached),
                department=self.rooms[room],
                customer=who,
                channel="mail",
                recipients=(Recipient("to", f"{room.lower()}@lomnica.example"),),
            )

    def answer(
        self, ago: timedelta, ticket: Ticket, who: str, text: str, then: str = "answered"
    ) -> None:
        """Answer a ticket."""
        with time_machine.travel(self.now - ago, tick=False):
            actions.reply(ticket, Content(text), by=self.by(who), then=then)  # type: ignore[arg-type]
        Delivery.objects.filter(ticket=ticket).update(
            state=Delivery.State.SENT, sent_at=self.now - ago + timedelta(seconds=12)
        )

    def write(
        self,
        ago: timedelta,
        ticket: Ticket,
        who: Address,
        text: str,
        *,
        quoted: str = "",
        trust: str = "participant",
    ) -> None:
        """Let a customer write again."""
        with time_machine.travel(self.now - ago, tick=False):
            actions.receive(
                ticket,
                Content(text, quoted=quoted),
                by=Actor.customer(who.customer),
                address=who,
                trust=trust,
                recipients=(Recipient("to", "wholesale@lomnica.example"),),
            )


PASSWORD = "brass bell on the counter"


def main() -> None:
    """Make the desk in the data folder that was named."""
    call_command("migrate", verbosity=0)
    print(json.dumps(believable_desk(clock.now().replace(second=0, microsecond=0), PASSWORD)))


def believable_desk(now: datetime, password: str) -> dict[str, str]:
    """Make the desk as it stands at `now`; return its pages worth looking at, by name."""
    shop = Shop(now)
    _people(shop, password)
    main = _tent_poles(shop)
    rich = _newsletter(shop)
    _others(shop)
    resting, merged, thrown = _put_aside(shop, main)
    parked = _letters()
    source = _fetched()
    key = opening.add_public_key(KEY.read_bytes())
    solved = Ticket.objects.filter(status="resolved").latest("id")
    _rate(shop, solved)
    _tell_the_owner(main, rich)
    wholesale = _saved_views()
    masked = _masking()
    sweep = _swept(shop, (main, rich, resting), thrown)
    label = _canned_answers(shop)
    return {
        "inbox": "/",
        "mine": "/?view=mine",
        "empty": "/?view=closed",
        "ticket": f"/tickets/{main.code}",
        "html-letter": f"/tickets/{rich.code}",
        "closure": f"/tickets/{main.code}/closure",
        "history": f"/tickets/{main.code}/history?step=5",
        "escalation": f"/tickets/{main.code}/escalation",
        "merging": f"/tickets/{resting.code}/merging",
        "merge": f"/tickets/{resting.code}/merging?into={main.code}",
        "redaction": f"/tickets/{main.code}/redaction",
        "message-redaction": f"/tickets/{main.code}/messages/{main.last_message_id}/redaction",
        "split": f"/tickets/{main.code}/messages/{main.last_message_id}/split",
        "postponed": f"/tickets/{resting.code}",
        "merged": f"/tickets/{merged.code}",
        "survivor": f"/tickets/{rich.code}",
        "deleted": f"/tickets/{thrown.code}",
        "purge": f"/tickets/{thrown.code}/purge",
        "inbox-then": f"/?at={quote((now - timedelta(hours=4)).isoformat())}",
        "later": "/later",
        "notices": "/notices",
        "wishes": "/me/notices",
        "letters": "/letters",
        "letter": f"/letters/{parked.pk}",
        "agents": "/settings/agents",
        "agent": f"/settings/agents/{shop.people['Bela'].pk}",
        "left-behind": f"/settings/agents/{_leaver(shop)}/left-behind",
        "departments": "/settings/departments",
        "department": f"/settings/departments/{shop.rooms['Wholesale'].pk}",
        "mailboxes": "/settings/mailboxes",
        "unwanted-mail": "/settings/unwanted-mail",
        "masking": "/settings/masking",
        "masking-rule": f"/settings/masking/{masked.pk}",
        "new-masking-rule": "/settings/masking/new",
        "mailbox": "/settings/mailboxes/new",
        "mailbox-there": f"/settings/mailboxes/{source.box_id}",
        "our-letters": "/settings/letters",
        "our-letter": "/settings/letters/answer",
        **{f"letter-{one}": f"/settings/letters/{one}/preview" for one in PLACES},
        "source": f"/settings/mailboxes/{source.box_id}/source",
        "mail-keys": "/settings/mail-keys",
        "mail-key": f"/settings/mail-keys/{key.pk}",
        "source-test": f"/settings/mailboxes/{source.box_id}/source/test",
        "mail-app": "/settings/mail-apps/microsoft",
        "first-steps": "/settings/first-steps",
        "me": "/me",
        "new-ticket": "/tickets/new",
        "customer": "/customers/1",
        "blocked-senders": "/blocked-senders",
        "saved-views": "/views",
        "saved-view": f"/views/{wholesale.pk}",
        "new-view": "/views/new?q=status%3Aopen",
        "sweeps": "/sweeps",
        "sweep": f"/sweeps/{sweep.pk}",
        "found": "/find?q=tent%20status%3Aopen",
        "not-searched": "/find?q=tent%20dept%3Anowhere",
        "canned-answers": "/canned-answers",
        "canned-answer": f"/canned-answers/{label}",
        "new-canned-answer": "/canned-answers/new",
        "canned-preview": f"/canned-answers/preview?number={label}&language=en&ticket={main.code}",
        "ticket-templates": "/ticket-templates",
        "new-ticket-template": "/ticket-templates/new",
        "new-ticket-by-template": "/tickets/new?template=1",
        "replacing": "/canned-answers/replacing?find=customer&instead=friend",
        "canned-for-ticket": f"/tickets/{main.code}/canned-answers",
        "roles": "/settings/roles",
        "new-role": "/settings/roles/new",
        "signing-in": "/settings/signing-in",
        "my-security": "/me/security",
        "health": "/settings/health",
        "nothing-here": "/tickets/AAA-AAAAA-222",
        "solved": _question(solved),
        "rated": f"/tickets/{solved.code}",
        "portal": _portal(main),
        "portal-asked": _portal(solved),
        "portal-closed": _portal(Ticket.objects.get(status="closed")),
        "portal-gone": _portal(thrown),
    }


def _swept(shop: Shop, spared: Collection[Ticket], thrown: Ticket) -> Sweep:
    """Let Vanda mark the open tickets, but for some, by a tag; the one that was thrown away says why it cannot be."""
    open_ = Ticket.objects.filter(status__in=("open", "answered"), merged_into=None)
    codes = open_.exclude(pk__in=[one.pk for one in spared]).values_list("code", flat=True)
    picked = beginning.picked(shop.by("Vanda"), [*codes, thrown.code])
    wish = beginning.Wish("tag", picked, {"tag": "spring sale"})
    sweep = beginning.begin(wish, by=shop.by("Vanda"))
    going.go_on(sweep.pk)
    return sweep


def _masking() -> MaskingRule:
    """Let the owner mask account numbers."""
    owner = Actor.agent(Agent.objects.filter(role="owner").earliest("pk"))
    return rules.make(
        name="account number", pattern=r"\b[A-Z]{2}\d{2}( ?\d{4}){3,6}", put="•••••", by=owner
    )


def _saved_views() -> SavedView:
    """Let the owner keep two views; return the one that all see."""
    owner = Actor.agent(Agent.objects.filter(role="owner").earliest("pk"))
    keeping.make(Wish("Waiting for me", "assignee:me status:new,open", sort="due"), by=owner)
    return keeping.make(
        Wish(
            "Wholesale",
            "status:new,open,answered",
            audience="all",
            adds=("priority", "company", "tags", "created"),
        ),
        by=owner,
    )


def _canned_answers(shop: Shop) -> int:
    """Let the shop keep what it says again and again; return the number of the answer with a file."""
    owner = Actor.agent(Agent.objects.filter(role="owner").earliest("pk"))
    label = NewFile("return-label.png", "image/png", files.keep(PICTURE))
    wants = (
        canned.Wanted(
            "Return label",
            {
                "en": canned.Said(
                    "Dear {first_name|customer},\n\nhere is your return label. Stick it on the parcel; we pay for it.",
                    "<p>Dear {first_name|customer},</p><p>here is your <strong>return label</strong>."
                    " Stick it on the parcel; we pay for it.</p>",
                ),
                "cs": canned.Said("Dobrý den, {first_name|},\n\nposíláme štítek na vrácení."),
                "hu": canned.Said("Kedves {first_name|Vásárlónk}!\n\nItt a visszaküldési címke."),
            },
            folder="Returns",
            abbreviation="ret",
            more_files=[label],
        ),
        canned.Wanted(
            "Bent pole",
            {
                "en": canned.Said(
                    "Dear {first_name|customer},\n\nwe send you another pole for your tent.\nMind the others!"
                )
            },
            folder="Repairs",
            abbreviation="pole",
            department=shop.rooms["Support"],
        ),
        canned.Wanted(
            "We are closed on Sunday",
            {"en": canned.Said("The shop is closed on Sunday.")},
        ),
    )
    made = [canned.make(one, by=owner) for one in wants]
    own = canned.Wanted(
        "Call me", {"en": canned.Said("Call me when you like.\n{agent}")}, owner=shop.people["Bela"]
    )
    canned.make(own, by=shop.by("Bela"))
    sale = canned.Wanted("Winter sale", {"en": canned.Said("It ends in March.")})
    whose.archive(canned.make(sale, by=owner), by=owner)
    ticket_templates.make(
        ticket_templates.Wanted(
            "Repair at the counter",
            channel="visit",
            subject="Repair",
            for_department=shop.rooms["Support"],
            priority=3,
            tags=("repair",),
            checklist=("Look at it together", "Say what it costs", "Give out the slip"),
            plain="Brought to the counter; seen by {agent}.",
        ),
        by=owner,
    )
    return made[0].pk


def _leaver(shop: Shop) -> int:
    """Let somebody go who kept something for themselves; return their number."""
    leaver = agents.add_agent(
        name="Ferenc Nagy",
        email="ferenc@lomnica.example",
        role="agent",
        departments=[shop.rooms["Repairs"]],
        password=PASSWORD,
    )
    by = Actor.agent(leaver)
    said = canned.Said("Dear {first_name|customer},\n\na zip is sewn in within a week.")
    canned.make(canned.Wanted("A zip takes a week", {"en": said}, owner=leaver), by=by)
    begins = ticket_templates.Wanted("Tent to mend", subject="A tent to mend", owner=leaver)
    ticket_templates.make(begins, by=by)
    keeping.make(Wish("Zips that wait", "status:new,open zip"), by=by)
    agents.archive_agent(leaver)
    return leaver.pk


def _tell_the_owner(*tickets: Ticket) -> None:
    """Let the owner have been told of what customers wrote; the first of it is unread."""
    owner = Agent.objects.filter(role=Agent.Role.OWNER).earliest("id")
    for ticket in reversed(tickets):
        for entry in Entry.objects.filter(ticket=ticket, kind="message.received"):
            is_read = ticket != tickets[0]
            Notice.objects.create(
                agent=owner,
                ticket=ticket,
                step=entry.step,
                why=Why.FOLLOWED if entry.step > 2 else Why.NEW,  # noqa: PLR2004
                at=entry.at,
                read_at=entry.at if is_read else None,
                mailed_at=entry.at,
            )


def _people(shop: Shop, password: str) -> None:
    owner = first_run.set_up(
        first_run.new_token(),
        name="Vanda Ozoliņa",
        email="vanda@lomnica.example",
        password=password,
        team="Lomnica Outdoor",
        language="en",
    )
    shop.people["Vanda"] = owner
    shop.rooms["Support"] = Department.objects.get()
    for name in ("Billing", "Repairs", "Wholesale"):
        shop.rooms[name] = departments.add_department(name=name, decisions=departments.Decisions())
    agents.work_in(owner, list(shop.rooms.values()))
    for name, role, *rooms in (
        ("Tomáš Novotný", "agent", "Wholesale", "Repairs"),
        ("Bela Kerekes", "agent", "Support", "Billing"),
        ("Anna van der Meulen", "admin", "Support"),
        ("Cecil Day", "light", "Repairs"),
    ):
        first = name.split()[0]
        shop.people[first] = agents.add_agent(
            name=name,
            email=f"{'tomas' if first == 'Tomáš' else first.lower()}@lomnica.example",
            role=role,
            departments=[shop.rooms[room] for room in rooms],
            password=password,
        )
    for room in shop.rooms.values():
        boxes.add_mailbox(
            address=f"{room.name.lower()}@lomnica.example",
            department=room,
            relay="smtp://desk:secret@smtp.lomnica.example:587" if room.name == "Wholesale" else "",
        )


def _tent_poles(shop: Shop) -> Ticket:
    """The ticket of the picture: somebody is in a hurry, a colleague helps, everything stands in order."""
    jan = _customer("jw@bergsport.example", "Jan-Willem Breukelaar", "Bergsport Utrecht B.V.")
    note_clock(jan, 60, clock.now() - timedelta(hours=2))
    saskia = _customer("saskia@bergsport.example", "Saskia Dijk", "Bergsport Utrecht B.V.")
    photo = NewFile("poles-krivan-4.png", "image/png", files.keep(_photo_of_poles()))
    slip = NewFile("packing slip 118-2291.pdf", "application/pdf", files.keep(b"%PDF-1.4" * 10500))
    ticket = shop.ask(
        timedelta(hours=18, minutes=20),
        jan,
        "Wholesale",
        "Urgent: second delivery with the wrong tent poles again (order 118-2291)",
        "Good morning Tomáš,\n\nI am afraid there are Kriváň 3 poles in the Kriváň 4 bags again, just as in"
        " September. Of the twelve tents we cannot rent out seven, and on Saturday a group of thirty scouts"
        " arrives.\n\nCan you send the right sets today? Photos of the codes are attached.",
        attached=(photo, slip),
    )
    shop.at(timedelta(hours=18, minutes=16), lambda: actions.take(ticket, by=shop.by("Tomáš")))
    shop.at(
        timedelta(hours=2),
        lambda: actions.note(
            ticket,
            Content(
                "The depot says seven sets of Kriváň 4 poles are on shelf C-14. If we book the courier"
                " before 11:30 they are in Utrecht tomorrow."
            ),
            by=shop.by("Vanda"),
            mentions=[shop.people["Tomáš"]],
        ),
    )
    shop.answer(
        timedelta(hours=1, minutes=46),
        ticket,
        "Tomáš",
        "Good morning Jan-Willem,\n\nthat should not have happened, certainly not a second time. Seven sets"
        " are ready; I am booking the courier now and will send you the number in a moment.",
    )
    shop.write(
        timedelta(minutes=32),
        ticket,
        jan,
        "Thank you. Please confirm before noon, then I can calm the scouts down. And who pays for sending"
        " the wrong poles back?",
        quoted="On Friday Tomáš Novotný wrote:\n> Good morning Jan-Willem,\n>\n> that should not have happened,"
        " certainly not a second time. Seven sets are ready;\n> I am booking the courier now and will send"
        " you the number in a moment.",
    )
    shop.write(
        timedelta(minutes=9),
        ticket,
        saskia,
        "Jan-Willem forwarded this to me: please put my name on the courier's label, I am at the door tomorrow.",
        trust="new_sender",
    )
    return ticket


def _newsletter(shop: Shop) -> Ticket:
    mara = _customer("orders@alpinklub.example", "Alpinklub Košice", "")
    return shop.ask(
        timedelta(hours=3, minutes=5),
        mara,
        "Support",
        "Our order in colours",
        "Order 55 102",
        html='<table width="100%" bgcolor="teal"><tr><td style="color: white; padding: 12px">Order 55 102</td></tr>'
        '</table><p>Hello,</p><p>please send us <b>two</b> of each:</p><table border="1" cellpadding="6">'
        "<tr><th>What</th><th>Colour</th><th>Size</th></tr><tr><td>Rysy rucksack</td><td>brick</td><td>45 l</td></tr>"
        "<tr><td>Kriváň tent</td><td>moss</td><td>3</td></tr></table>"
        '<p><img data-remote="https://alpinklub.example/logo.png" alt="Our logo"></p>',
        quoted="On 28 February, Support wrote:\n> Which colours would you like?",
    )


def _others(shop: Shop) -> None:
    def minutes(number: int) -> timedelta:
        return timedelta(minutes=number)

    nora = _customer("nagyne@posta.example", "Nagyné Szentgyörgyi-Kovács Magdolna", "")
    irina = _customer("irina@pochta.example", "Ирина Соколова", "")
    liga = _customer("liga@pasts.example", "Līga Kalniņa-Bērziņa", "")
    marketa = _customer("marketa@posta.example", "Markéta Hrušková", "")
    emma = _customer("emma@fellandford.example", "Emma Clarke", "Fell & Ford")
    yael = _customer("yael@doar.example", "יעל לוי", "")
    sanne = _customer("sanne@post.example", "Sanne de Vries", "")
    peter = _customer("kovacs@posta.example", "Kovács Péter", "")
    oliver = _customer("oliver@mail.example", "Oliver Thistlethwaite-Montgomery", "")
    dmitrijs = _customer("dmitrijs@pasts.example", "Dmitrijs Dombrovskis", "")

    shop.ask(
        minutes(22),
        irina,
        "Support",
        "Посылка не пришла, трек-номер не меняется уже девять дней",
        "Здравствуйте! Заказ 55810 отправили 4-го, с тех пор ничего не происходит.",
    )
    shop.ask(
        minutes(41),
        liga,
        "Support",
        "Vai iespējams mainīt izmēru pirms nosūtīšanas?",
        "Labdien! Pasūtīju jaku M izmērā, bet pēc tabulas man vajag L.",
    )
    twice = shop.ask(
        minutes(200),
        nora,
        "Billing",
        "Kétszer vonták le a havi díjat szeptemberben",
        "Jó napot kívánok! Szeptember 3-án és 4-én is levonták a kártyámról a túratagság díját.",
    )
    shop.at(minutes(190), lambda: actions.take(twice, by=shop.by("Bela")))
    shop.answer(
        minutes(150),
        twice,
        "Bela",
        "Kedves Magdolna!\n\nIgaza van, a második levonás a mi hibánk volt.",
    )
    shop.write(minutes(79), twice, nora, "Köszönöm, és mikor ér vissza a pénz?")
    mat = shop.ask(
        minutes(119),
        marketa,
        "Repairs",
        "Reklamace karimatky, uchází u ventilku",
        "Dobrý den, karimatku mám půl roku a od minulého týdne uchází.",
    )
    shop.answer(minutes(95), mat, "Tomáš", "Dobrý den, pošlete nám ji prosím na adresu servisu.")
    quote = shop.ask(
        minutes(1500),
        emma,
        "Wholesale",
        "Re: Quote for 40 rental tents, delivery before the May bank holiday",
        "That works for us. Could you confirm whether the groundsheets are included?",
    )
    shop.at(minutes(1490), lambda: actions.assign(quote, shop.people["Anna"], by=shop.by("Vanda")))
    shop.answer(minutes(1400), quote, "Anna", "They are, and so are the bags.")
    shop.write(minutes(62), quote, emma, "Splendid. Please go ahead.")
    shop.ask(
        minutes(49),
        yael,
        "Billing",
        "החזר כספי על הזמנה 55102",
        "שלום, ביטלתי את ההזמנה ביום ראשון ועדיין לא קיבלתי החזר.",
    )
    shop.ask(
        minutes(55),
        sanne,
        "Support",
        "Waar vind ik de garantievoorwaarden van de Rysy-rugzak?",
        'Op de productpagina staat "levenslang", maar in de doos zat een ander blad.',
    )
    stove = shop.ask(
        minutes(1700),
        peter,
        "Repairs",
        "A szervizből visszakapott főző nem gyújt be",
        "Szép napot, tegnap kaptam vissza a főzőt, és továbbra sem gyújt.",
    )
    shop.at(
        minutes(1650), lambda: actions.transfer(stove, shop.rooms["Support"], by=shop.by("Vanda"))
    )
    zip_ = shop.ask(
        minutes(4400),
        oliver,
        "Repairs",
        "Zip on the Ľadová sleeping bag came apart after two nights; photographs attached",
        "Hello there, I bought the Ľadová 900 in February and the zip came apart at the bottom stop.",
    )
    shop.answer(minutes(4300), zip_, "Tomáš", "A new zip is on its way to you.", then="resolved")
    vat = shop.ask(
        minutes(9000),
        dmitrijs,
        "Billing",
        "Rēķins ar PVN numuru uzņēmumam",
        "Paldies, gaidīšu grāmatvedības atbildi.",
    )
    shop.answer(minutes(8900), vat, "Bela", "Pielikumā jaunais rēķins.")
    done = shop.ask(
        minutes(20000),
        sanne,
        "Support",
        "Wanneer komen de kindermatten weer?",
        "Zijn ze er voor de herfst?",
    )
    shop.answer(
        minutes(19000), done, "Bela", "Vanaf maandag liggen ze in de winkel.", then="resolved"
    )
    shop.at(minutes(13000), lambda: actions.close(done, by=CLOCK))


def _put_aside(shop: Shop, main: Ticket) -> tuple[Ticket, Ticket, Ticket]:
    """A ticket that rests, marked and linked; one that was merged into another; one that was thrown away."""
    jan = customer_for("jw@bergsport.example")
    mara = customer_for("orders@alpinklub.example")
    vanda, tomas = shop.by("Vanda"), shop.by("Tomáš")
    resting = shop.ask(
        timedelta(hours=30),
        jan,
        "Wholesale",
        "Winter catalogue: when do the samples come?",
        "Hello, we would like to show the new sleeping bags in November.",
    )
    shop.at(timedelta(hours=29), lambda: actions.take(resting, by=vanda))
    shop.at(timedelta(hours=28), lambda: actions.prioritise(resting, 3, by=vanda))
    shop.at(
        timedelta(hours=28), lambda: actions.tag(resting, by=vanda, add=("wholesale", "winter"))
    )
    shop.at(
        timedelta(hours=28),
        lambda: actions.describe(resting, by=vanda, description="Six bags, two of each size."),
    )
    shop.at(timedelta(hours=27), lambda: actions.add_check(resting, "Ask the mill", by=vanda))
    shop.at(timedelta(hours=27), lambda: actions.add_check(resting, "Book a courier", by=vanda))
    first = state_of(Ticket.objects.get(pk=resting.pk)).checklist[0].text_id
    shop.at(timedelta(hours=26), lambda: actions.check_off(resting, first, by=vanda))
    shop.at(timedelta(hours=26), lambda: actions.link(resting, main, by=vanda))
    shop.at(timedelta(hours=26), lambda: actions.follow(resting, by=tomas))
    _ask_the_mill(shop, resting)
    shop.at(
        timedelta(minutes=4),
        lambda: actions.postpone(resting, shop.now + timedelta(days=3), by=vanda),
    )
    for who, words, hours in (
        ("Vanda", "The samples left the mill this morning.", 20),
        ("Tomáš", "The courier comes on Thursday, between nine and noon.", 44),
    ):
        plan = Plan(shop.now + timedelta(hours=hours))
        scheduled.schedule(resting, Words(words), plan, by=shop.by(who))
    merged = shop.ask(
        timedelta(hours=2, minutes=40), mara, "Support", "Again: our order", "Did you get it?"
    )
    into = Ticket.objects.get(subject__plain="Our order in colours")
    shop.at(timedelta(minutes=130), lambda: actions.merge(merged, into, by=vanda))
    thrown = shop.ask(
        timedelta(hours=50), customer_for("win@bulk.example"), "Support", "You have won", "Click."
    )
    shop.at(timedelta(hours=49), lambda: actions.delete(thrown, by=vanda))
    return resting, merged, thrown


def _ask_the_mill(shop: Shop, ticket: Ticket) -> None:
    """A side thread: the mill is asked, and answers."""
    mill = _customer("orders@mill.example", "Hedvika of the mill", "")
    with time_machine.travel(shop.now - timedelta(hours=25), tick=False):
        asked = actions.forward(
            ticket,
            Content(
                "Hello Hedvika, when do you send the samples? Jan would like them for November."
            ),
            by=shop.by("Vanda"),
            to=[Recipient("to", mill.value, mill.name)],
        )
    asked.deliveries.update(state=Delivery.State.SENT, sent_at=asked.sent_at)
    with time_machine.travel(shop.now - timedelta(hours=20), tick=False):
        actions.receive_aside(
            ticket,
            Content("On Thursday; all six of them, and two are blue."),
            by=Actor.customer(mill.customer),
            address=mill,
            side=asked,
            recipients=(Recipient("to", "wholesale@lomnica.example"),),
        )


def _letters() -> Letter:
    """Three letters that made no ticket, and the one of them that is worth a look."""
    for sender, rcpt, state, what, reason, body in (
        (
            "",
            "support@lomnica.example",
            "ignored",
            "auto_reply",
            "auto_submitted",
            "Subject: Out of office",
        ),
        (
            "mailer@bulk.example",
            "billing@lomnica.example",
            "parked",
            "",
            "too_deep",
            "Subject: You have won",
        ),
        (
            "bounce@posta.example",
            "support@lomnica.example",
            "parked",
            "bounce",
            "bounce_unknown",
            "Subject: Undelivered Mail",
        ),
    ):
        raw = f"From: {sender or '<>'}\r\nTo: {rcpt}\r\n{body}\r\nMIME-Version: 1.0\r\n\r\nWhat it said.\r\n"
        kept = letters.keep(
            raw.encode(),
            source="smtp",
            peer_ip="203.0.113.7",
            helo="mx.bulk.example",
            mail_from=sender,
            rcpt=[rcpt],
        )
        Letter.objects.filter(pk=kept.pk).update(state=state, what=what, reason=reason)
    return Letter.objects.filter(reason="too_deep").get()


def _fetched() -> Source:
    """A mail box whose server does not answer for the moment, and waits to be started."""
    box = MailBox.objects.earliest("id")
    entry = sources.Entry("imap", "127.0.0.1", 1, "none", box.address, "secret")
    return sources.enter(box, entry)


def _question(ticket: Ticket) -> str:
    """The page where a customer says whether it is solved."""
    return solved_links.path(ticket.pk, state_of(ticket).resolved_step or 0) + "?answer=yes"


def _rate(shop: Shop, ticket: Ticket) -> None:
    """Let a customer say what they think of the answer that they got."""
    answer = ticket.messages.get(kind="reply")
    assert ticket.customer is not None
    by = Actor.customer(ticket.customer)
    shop.at(
        timedelta(minutes=70),
        lambda: actions.rate_answer(ticket, answer, by=by, score="good", words="That was quick!"),
    )


def _photo_of_poles() -> bytes:
    """A bag with three poles on a table, in the light of a window."""
    picture = Image.new("RGB", (1200, 900))
    draw = ImageDraw.Draw(picture)
    for line in range(900):
        draw.line(
            (0, line, 1200, line), fill=(196 - line // 12, 172 - line // 12, 140 - line // 14)
        )
    draw.rounded_rectangle((120, 560, 1080, 780), 60, fill=(38, 74, 66))
    for number in range(3):
        ends = (160, 250 + 90 * number, 1060, 190 + 90 * number)
        draw.line(ends, fill=(70, 74, 80), width=22)
        draw.line(ends, fill=(150, 156, 162), width=8)
    draw.rectangle((430, 620, 780, 720), fill=(240, 236, 224))
    draw.text((455, 640), "KRIVAN 3", fill=(30, 30, 30), font_size=60)
    kept = BytesIO()
    picture.save(kept, "PNG")
    return kept.getvalue()


def _portal(ticket: Ticket) -> str:
    """The customer's own page of a ticket."""
    party = state_of(ticket).customer_party
    assert party is not None
    return portal_links.path(Place(ticket.pk, party.address_id, clock.now()))


def _customer(email: str, name: str, company: str) -> Address:
    address = customer_for(email, name)
    if company:
        address.customer.company = Company.objects.get_or_create(name=company)[0]
        address.customer.save(update_fields=["company"])
    return address


if __name__ == "__main__":
    main()
