"""What a ticket's page shows, read in a number of queries that does not grow with its thread."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import groupby
from urllib.parse import urlsplit

from django.db.models import Q
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from deskbell import access, clock
from deskbell.access import roles
from deskbell.access.roles import Reach
from deskbell.channels.mail.models import Delivery, Letter
from deskbell.channels.mail.outbox import box_for
from deskbell.channels.mail.reasons import AUTHENTICATIONS, reason_in_words
from deskbell.database.prepared import Prepared
from deskbell.notices.reading import Unread
from deskbell.people.models import Address, Agent
from deskbell.sla.clocks import answer_clock
from deskbell.tickets import drafts, lifecycle
from deskbell.tickets.actions.fail_delivery import BY_ITSELF
from deskbell.tickets.actions.reply import to_customer
from deskbell.tickets.actions.undo import WITHIN
from deskbell.tickets.content import Recipient, line_of
from deskbell.tickets.mentions import called_on
from deskbell.tickets.models import (
    Attachment,
    Draft,
    Entry,
    Link,
    Message,
    Participant,
    Tag,
    Text,
    Ticket,
)
from deskbell.tickets.queries import urgency_of
from deskbell.tickets.state import Clock, Rating, TicketState, state_of
from deskbell.tickets.thread import Item, earlier, thread
from deskbell.tickets.thread import items as things
from deskbell.web.desk import kept_here, taking_back, written
from deskbell.web.desk.handed_on import CUSTOMERS
from deskbell.web.desk.moments import presets
from deskbell.web.desk.page import page
from deskbell.web.desk.taking_back import Act
from deskbell.web.desk.their_clock import clock_of
from deskbell.web.desk.ticket_words import priority_words, relation_words, relations
from deskbell.web.forms import Form
from deskbell.web.visit import AgentRequest

ASKED_OF_TICKETS = tuple(verb for verb in lifecycle.TABLE if verb in roles.TABLE)
OTHER_TICKETS = 5
# As many tags are offered while one types.
# Of letters that made no message, the side shows so many.
MOST_BESIDES = 5
KNOWN_TAGS = 300
# The newest files stand in the side, a few of them at once.
MOST_ATTACHED = 100
# What leaves as mail, and what comes by one.
LEAVE = frozenset({Message.Kind.REPLY, Message.Kind.FORWARD})
COME = frozenset({Message.Kind.CUSTOMER, Message.Kind.OUTSIDE})
# Digits; a ticket of a billion steps is none.
LONGEST_STEP = 9
# Pages that list tickets: from a ticket one goes back to the one that one came from.
LISTS = ("/", "/find")
SAVED_VIEW = re.compile(r"/views/[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Said:
    """What the page has to say beside the ticket itself.

    form    what was typed, with what is wrong about it
    notice  a sentence about something that was refused
    came    steps that came while the writer was writing; the answer waits for a second yes
    asked   words that speak of a file where none goes along; they are asked about once
    """

    form: Form = field(default_factory=Form)
    notice: str = ""
    came: tuple[int, ...] = ()
    asked: tuple[str, ...] = ()


def show(
    request: AgentRequest,
    ticket: Ticket,
    said: Said | None = None,
    status: int = 200,
    unread: Unread | None = None,
    before: Entry | None = None,
) -> HttpResponse:
    """Return the page of `ticket`.

    unread  what this agent has not read yet, for who has asked already
    before  an entry of its thread, of which what stands above that is shown
    """
    items = thread(ticket, before=before)
    context = {
        **pieces(request, ticket, items),
        **empty_composer(),
        "earlier": earlier(ticket, items),
        "before": before,
        "said": said or Said(),
        "written": "written" in request.GET,
        "begun": "begun" in request.GET,
        "instead": request.GET.get("begun", ""),
    }
    if before is not None:
        context["asked_back"] = False  # the last word is not among these
    if said is not None and said.form.values:
        to, cc = context["usual_to"], context["usual_cc"]
        context["writing"] = _to_whom_now(said.form, str(to), str(cc))
    if said is not None and said.came:
        context["news"] = _news(ticket, items, said.came)
    return page(
        request, "desk/ticket/show.html", context, here="ticket", unread=unread, status=status
    )


def _news(ticket: Ticket, items: Iterable[Item], came: Collection[int]) -> list[Item]:
    """Return what came, as far as it stands: what another of them brought about, or was taken back, says no more."""
    own = [item for item in items if item.ticket_id == ticket.pk and item.step in came]
    told = [item for item in own if item.cause_step not in came and not item.undone]
    return told or own


def empty_composer() -> dict[str, object]:
    """Return what a composer needs into which nobody has written: a token of its own, nothing to say."""
    return {
        "said": Said(),
        "once": secrets.token_urlsafe(16),
        "written": False,
        "begun": False,
        "instead": "",
    }


def pieces(request: AgentRequest, ticket: Ticket, items: tuple[Item, ...]) -> dict[str, object]:
    """Return what the pieces of the page need: head, side, banners and the given part of the thread."""
    told = [item.message for item in items if item.message is not None]
    state = state_of(ticket)
    participants = _participants(ticket.pk)
    colleagues, able = access.agents_of(ticket.department_id, "see", "reply")
    with_parts = (ticket.pk, *state.sources)
    acts = _acts(request, with_parts, items)
    last_act = next(reversed(acts.values()), None)
    sees_letters = request.standing.may("see_letters", None)
    begun = drafts.begun_on(ticket, request.agent, state.sources)
    addresses = _addresses(ticket.customer_id) if ticket.customer_id else []
    letters, besides = _letters(told, ticket.pk) if sees_letters else ({}, [])
    return {
        "before": None,
        "ticket": ticket,
        "state": state,
        "me": request.agent.pk,
        "back": list_before(request),
        "items": items,
        "days": _first_of_day(items),
        "origins": _origins(ticket, items),
        "may": rights(request, ticket),
        "acts": acts,
        "last_act": last_act,
        "last_done": _item_of(last_act, items) if last_act else None,
        "deliveries": deliveries(told),
        "questions": _questions(items),
        "ratings": ratings(state),
        "letters": letters,
        "came_besides": besides,
        "participants": participants,
        **_writing(request, ticket, begun.mine, participants),
        "beginners": begun.beginners,
        "leaving": begun.leaving,
        "changing": begun.changing,
        "still_here": begun.mine,
        "why_kept": kept_here.about_kept(begun.mine),
        "strangers": {p.address_id: p for p in participants if not p.accepted},
        "asked_back": _answers_the_question(ticket, told),
        "agents": able,
        "colleagues": [agent for agent in colleagues if agent.pk != request.agent.pk],
        "departments": request.working,
        "addresses": addresses,
        "their_clock": clock_of(addresses),
        "attached": list(_attached(with_parts)),
        "most_attached": MOST_ATTACHED,
        "called": called_on(with_parts),
        "links": [(link, relation_words(link, ticket)) for link in _links(request, ticket)],
        "others": _others(request, ticket),
        "presets": presets(),
        "promised": _promised(request, ticket, state),
        "priorities": priority_words(),
        "relations": relations(),
        **_said_of(state),
    }


def _writing(
    request: AgentRequest, ticket: Ticket, draft: Draft | None, participants: list[Participant]
) -> dict[str, object]:
    """Return what the composer shows: what was begun before, whom an answer goes to, from where it may leave."""
    to, cc = _usual(ticket, participants)
    kept: dict[str, str | Sequence[str]] = {"to": to, "cc": cc}
    if draft is not None:
        kept.update(draft.fields)
        kept.update(text=draft.text, html=draft.html, version=str(draft.version))
    own = written.senders(request)
    return {
        "writing": _to_whom_now(Form(kept), to, cc),
        "draft_files": list(draft.files.all()) if draft else [],
        "usual_to": to,
        "usual_cc": cc,
        "senders": own if len(own) > 1 else [],
        "sender": box_for(ticket) if len(own) > 1 else None,
    }


def _to_whom_now(form: Form, to: str, cc: str) -> Form:
    """Return what was typed, going to whom answers go now where it was to go to whom they went then."""
    then = {"to": form.value("usual_to"), "cc": form.value("usual_cc")}
    if not any(then.values()):
        return form
    now = {"to": to, "cc": cc}
    as_usual = {role: now[role] for role in now if form.value(role) == then[role]}
    values = {name: form.all(name) for name in form.values}
    return replace(form, values={**values, **as_usual})


def _usual(ticket: Ticket, participants: list[Participant]) -> tuple[str, str]:
    """Return whom an answer goes to and who has a copy, as a line of addresses each."""
    named = [
        Recipient(
            "to" if party.role == "customer" else "cc",
            party.address.value,
            party.address.name or party.address.customer.name,
        )
        for party in participants
        if party.accepted and party.address.kind == "mail"
    ]
    if ticket.customer_id and not any(one.role == "to" for one in named):
        known = next((one for one in _addresses(ticket.customer_id) if one.kind == "mail"), None)
        named += to_customer(known)
    return line_of(named, "to"), line_of(named, "cc")


@dataclass(frozen=True, slots=True)
class Promised:
    """The clock of the answer as the head shows it, with why it says so.

    urgency  calm, soon or overdue; "" while it rests
    rested   whether it was postponed meanwhile
    """

    clock: Clock
    department: str
    urgency: str
    rested: bool


def _promised(request: AgentRequest, ticket: Ticket, state: TicketState) -> Promised | None:
    if not (ticket.due_at or ticket.status == "postponed"):
        return None
    found = answer_clock(state)
    if found is None:
        return None
    names = {one.pk: one.name for one in (*request.working, ticket.department)}
    promised = timedelta(minutes=found.minutes)
    return Promised(
        clock=found,
        department=names.get(found.department_id, ticket.department.name),
        urgency=urgency_of(ticket.due_at, ticket.warns_at, clock.now()),
        rested=found.due_at is None or found.due_at != found.since + promised,
    )


def _acts(
    request: AgentRequest, tickets: tuple[int, ...], items: tuple[Item, ...]
) -> dict[int, Act]:
    """Return what this agent may take back; a ticket without parts whose newest entry is old is not searched."""
    if len(tickets) == 1 and items and items[-1].at < clock.now() - WITHIN:
        return {}
    return taking_back.acts(request.by, tickets)


def _item_of(act: Act, items: Iterable[Item]) -> Item:
    """Return the thing of the thread that an act left, also where only a later part of the thread is shown."""
    found = next((one for one in items if one.id == act.entry.pk), None)
    return found or things([act.entry])[0]


def read_only(request: AgentRequest, ticket: Ticket, items: tuple[Item, ...]) -> dict[str, object]:
    """Return what a thread needs in which nothing can be done: a page of the past."""
    return {
        "items": items,
        "days": _first_of_day(items),
        "origins": _origins(ticket, items),
        "may": dict.fromkeys(
            (*ASKED_OF_TICKETS, "send_and_resolve", "send_and_postpone", "block_sender"), False
        ),
        "acts": {},
        "deliveries": {},
        "questions": {},
        "ratings": {},
        "letters": {},
        "strangers": {},
        "priorities": priority_words(),
    }


def rights(request: AgentRequest, ticket: Ticket) -> Mapping[str, bool]:
    """Return for each verb whether this agent may do it to `ticket` as it stands now."""
    may = {
        verb: request.standing.may(verb, ticket)
        and (ticket.merged_into_id is None or verb in lifecycle.TO_A_PART)
        and lifecycle.allows(verb, ticket.status, "agent")
        for verb in ASKED_OF_TICKETS
    }
    # Whoever answers a ticket that nobody owns becomes its assignee, and may then resolve it.
    may["send_and_resolve"] = (
        may["reply"]
        and (
            may["resolve"]
            or (ticket.assignee_id is None and request.standing.reach("resolve") >= Reach.OWN)
        )
        and lifecycle.allows("resolve", ticket.status, "agent")
    )
    may["block_sender"] = request.standing.may("block_sender", None)
    may["send_and_postpone"] = may["reply"] and may["postpone"]
    may["unmerge"] = may["unmerge"] and ticket.merged_into_id is not None
    may["take"] = may["take"] and ticket.assignee_id != request.agent.pk
    return may


def deliveries(told: Iterable[Message]) -> Mapping[int, list[Delivery]]:
    """Return how far the mails of each answer or forward got, by the number of the message; one query."""
    ids = [message.pk for message in told if message.kind in LEAVE]
    found: dict[int, list[Delivery]] = {}
    for delivery in _deliveries(ids):
        found.setdefault(delivery.message_id or 0, []).append(delivery)
    return found


def ratings(state: TicketState) -> Mapping[int, Rating]:
    """Return how answers were rated, by the number of the message."""
    return {one.message_id: one for one in state.ratings if one.message_id is not None}


def _questions(items: tuple[Item, ...]) -> Mapping[int, list[Delivery]]:
    """Return the mails that the desk wrote by itself, by the number of the entry that tells of each."""
    told = {int(str(one.data["delivery_id"])): one.id for one in items if one.kind in BY_ITSELF}
    found: dict[int, list[Delivery]] = {}
    for delivery in Delivery.objects.filter(pk__in=told) if told else ():
        found.setdefault(told[delivery.pk], []).append(delivery)
    return found


@dataclass(frozen=True, slots=True)
class Came:
    """The letter that a message came by, and why it came to lie here, as a sentence; "" for no more than a letter.

    warning    what to know before one believes it or calls it spam, as a sentence; "" for nothing
    is_sealed  whether its bytes are gone, by our will
    """

    number: int
    reason: str
    warning: str
    is_sealed: bool


@dataclass(frozen=True, slots=True)
class Beside:
    """A letter about the ticket that made no message: an automatic answer, a delivery report, a receipt."""

    number: int
    what: str
    at: datetime


def _letters(told: Iterable[Message], ticket: int) -> tuple[Mapping[int, Came], list[Beside]]:
    """Return by which letters messages came, and the newest of those that made none; one query."""
    ids = [message.pk for message in told if message.kind in COME]
    came, besides = dict[int, Came](), list[Beside]()
    for message, number, reason, detail, proof, what, at, sealed_at in _letter_numbers(ids, ticket):
        if message is None:
            besides.append(Beside(number, Letter.What(what).label if what else "", at))
        else:
            warning = _warning(reason, detail, proof)
            words = reason_in_words(reason, detail)
            came[message] = Came(number, words, warning, sealed_at is not None)
    return came, besides[:MOST_BESIDES]


def _warning(reason: str, detail: str, authentication: str) -> str:
    if reason.startswith("spam_"):
        return reason_in_words(reason, detail)
    return str(AUTHENTICATIONS["fail"]) if authentication == "fail" else ""


def _answers_the_question(ticket: Ticket, told: list[Message]) -> bool:
    """Whether the last word is a customer's, in answer to "is it solved?", on a ticket that opened by it."""
    last = next((m for m in reversed(told) if m.kind in CUSTOMERS), None)
    return bool(last and last.answers_question and ticket.status == "open")


@dataclass(frozen=True, slots=True)
class Day:
    """The heading of a day in a thread.

    word      "Today"; "" for what its moment says
    is_quiet  it has no message, so that its heading goes with its lines
    """

    word: str
    is_quiet: bool


def _first_of_day(items: tuple[Item, ...]) -> Mapping[int, Day]:
    """Return the heading of each item that begins a day, by the number of its entry."""
    today, found = timezone.localdate(clock.now()), dict[int, Day]()
    for day, those in groupby(items, lambda item: timezone.localdate(item.at)):
        first, *rest = those
        is_quiet = all(one.is_quiet for one in (first, *rest))
        found[first.id] = Day(_("Today") if day == today else "", is_quiet)
    return found


def _origins(ticket: Ticket, items: tuple[Item, ...]) -> Mapping[int, Ticket]:
    """Return the tickets that were merged into this one, by their numbers, as far as they are shown."""
    numbers = {*(item.ticket_id for item in items), *state_of(ticket).sources} - {ticket.pk}
    return Ticket.objects.select_related("subject").in_bulk(numbers) if numbers else {}


def _said_of(state: TicketState) -> dict[str, object]:
    """Return the words that stand beside the ticket: description, tags, checklist, followers."""
    numbers = [one.text_id for one in state.checklist] + [state.description_id or 0]
    texts = (
        dict(Text.objects.filter(pk__in=numbers).values_list("pk", "plain")) if any(numbers) else {}
    )
    return {
        "description": texts.get(state.description_id or 0, ""),
        "checks": [
            (one.text_id, texts.get(one.text_id, ""), one.done_step is not None)
            for one in state.checklist
        ],
        "tags": _tags(state.tags),
        "known_tags": _known_tags(),
        "followers": (
            list(Agent.objects.filter(pk__in=state.followers)) if state.followers else []
        ),
    }


# Asked on every page, so their SQL is worked out once.
_participants = Prepared(
    lambda ticket: (
        Participant.objects.filter(ticket=ticket).select_related("address__customer").order_by("id")
    )
)
_addresses = Prepared(lambda customer: Address.objects.filter(customer=customer).order_by("id"))
_attached = Prepared(
    lambda tickets: (
        Attachment.objects.filter(message__ticket__in=tickets, inline=False)
        .select_related("message")
        .order_by("-id")[:MOST_ATTACHED]
    )
)
_deliveries = Prepared(lambda messages: Delivery.objects.filter(message__in=messages))
_letter_numbers = Prepared(
    lambda messages, ticket: (
        Letter.objects.filter(Q(message__in=messages) | Q(ticket=ticket, message=None))
        .exclude(state=Letter.State.DUPLICATE)
        .order_by("-id")
        .values_list(
            "message_id",
            "id",
            "reason",
            "detail",
            "authentication",
            "what",
            "received_at",
            "sealed_at",
        )
    )
)
_tags = Prepared(lambda numbers: Tag.objects.filter(pk__in=numbers))
_known_tags = Prepared(
    lambda: Tag.objects.filter(archived_at=None).values_list("name", flat=True)[:KNOWN_TAGS]
)
_link_numbers = Prepared(
    lambda ticket, other: Link.objects.filter(Q(ticket=ticket) | Q(other=other)).values_list(
        "pk", flat=True
    )
)


def _links(request: AgentRequest, ticket: Ticket) -> list[Link]:
    """Return the links to tickets that this agent may see: a subject says enough."""
    # Most tickets have none, and joining four tables to find that out is dear.
    numbers = _link_numbers(ticket.pk, ticket.pk)
    if not numbers:
        return []
    found = Link.objects.filter(pk__in=numbers).order_by("id")
    return [
        link
        for link in found.select_related("ticket__subject", "other__subject")
        if all(request.standing.may("see", one) for one in (link.ticket, link.other))
    ]


@dataclass(frozen=True, slots=True)
class Other:
    """Another ticket of the same customer, as the side names it."""

    code: str
    status: str
    subject: str


def _others(request: AgentRequest, ticket: Ticket) -> list[Other]:
    if ticket.customer_id is None:
        return []
    return [Other(*values) for values in _newest(request.by, ticket.customer_id, ticket.pk)]


_newest = access.PreparedVisible(
    lambda seen, customer, ticket: (
        seen(Ticket.objects.filter(customer=customer).exclude(pk=ticket))
        .exclude(status__in=("spam", "deleted"))
        .order_by("-last_activity_at")
        .values_list("code", "status", "subject__plain")[:OTHER_TICKETS]
    )
)


def list_before(request: AgentRequest) -> str:
    """Return the list that the reader came from, the inbox when they came from elsewhere.

    The browser remembers the list for the time of their stay (js/elements/back.js).
    """
    came_from = urlsplit(request.headers.get("Referer", ""))
    if came_from.netloc != request.get_host():
        return "/"
    if SAVED_VIEW.fullmatch(came_from.path):
        return came_from.path
    is_list = came_from.path in LISTS and came_from.query
    return f"{came_from.path}?{came_from.query}" if is_list else "/"
