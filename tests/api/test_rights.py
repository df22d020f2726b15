"""Every address of the API × who asks: nobody, a light agent, an agent of another department.

A new address must find its place in these tables, or the walk fails.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from deskbell import clock
from deskbell.api import keys
from deskbell.api.urls import api
from deskbell.channels.mail import blocking, boxes, letters
from deskbell.channels.mail.models import Letter
from deskbell.knowledge import canned, ticket_templates
from deskbell.knowledge.canned import Said, Wanted
from deskbell.saved_views import keeping
from deskbell.saved_views.keeping import Wish
from deskbell.sweeps import beginning
from deskbell.sweeps.beginning import Wish as Sweeping
from deskbell.tickets import actions, scheduled
from deskbell.tickets.content import Content, NewFile
from deskbell.tickets.drafts import Words
from deskbell.tickets.files import keep
from deskbell.tickets.leaving import Plan
from deskbell.tickets.models import Attachment, Message, Tag, Ticket
from tests.api.conftest import Program
from tests.cast import Cast, by
from tests.desk import a_ticket

OPERATIONS = [
    (operation["operationId"], method.upper(), path)
    for path, operations in api.get_openapi_schema()["paths"].items()
    for method, operation in operations.items()
]

# Stands for the code of another ticket of Support in the bodies below.
OTHER = "OTHER"

TOMORROW = (clock.now() + timedelta(days=1)).isoformat()

# What is sent where something must be sent.
BODIES: dict[str, Any] = {
    "open_ticket": {"subject": "Zip", "department": "Support"},
    "write_message": {"kind": "note", "text": "Seen."},
    "assign_ticket": {"agent": "me"},
    "transfer_ticket": {"department": "Billing"},
    "change_ticket": {"priority": 4},
    "postpone_ticket": {"until": "2190-01-01T12:00:00Z"},
    "escalate_ticket": {"reason": "They wait in the rain."},
    "merge_ticket": {"into": OTHER},
    "split_ticket": {"message": 1},
    "link_tickets": {"other": OTHER},
    "redact_ticket": {"passage": "the zip"},
    "add_participant": {"email": "gina@acme.example"},
    "change_customer_of_ticket": {"email": "gina@acme.example"},
    "set_tags": {"tags": ["zip"]},
    "add_tag": {"name": "zip"},
    "add_check": {"text": "Ask the workshop"},
    "check_off": {"done": True},
    "add_customer": {"email": "gina@acme.example"},
    "add_agent": {"name": "Gus", "email": "gus@desk.example"},
    "change_agent": {"name": "Gus"},
    "add_department": {"name": "Repairs"},
    "change_department": {"name": "Repairs"},
    "add_mailbox": {"address": "help@desk.example", "department": "Support"},
    "change_customer": {"name": "Emil"},
    "block_sender": {"sender": "@spam.example"},
    "save_view": {"name": "New", "query": "status:new"},
    "change_view": {"name": "New"},
    "begin_sweep": {"act": "note", "text": "Seen.", "tickets": [OTHER]},
    "add_canned_answer": {"name": "Zip", "texts": {"en": {"text": "Sew."}}},
    "change_canned_answer": {"name": "Zip"},
    "add_ticket_template": {"name": "Repair"},
    "change_ticket_template": {"name": "Repair"},
    "schedule_letter": {"text": "Seen.", "send_at": TOMORROW},
    "schedule_mail": {
        "text": "Hello.",
        "subject": "Zip",
        "send_at": TOMORROW,
        "department": "Support",
        "customer": {"email": "gina@acme.example"},
    },
    "send_on": {"email": "gina@acme.example"},
    "make_key": {"name": "the shop", "agent": "bela@desk.example"},
}

# What a light agent of the department gets at each address; the rest is 200.
LIGHT = {
    "open_ticket": 403, "assign_ticket": 403, "unassign_ticket": 403, "transfer_ticket": 403,
    "resolve_ticket": 403, "reopen_resolved_ticket": 403, "close_ticket": 403,
    "reopen_closed_ticket": 403, "accept_participant": 403, "list_letters": 403,
    "show_letter": 403, "fetch_source": 403, "read_letter_again": 403, "add_customer": 403,
    "add_agent": 403, "change_agent": 403, "add_department": 403, "change_department": 403,
    "list_mailboxes": 403, "add_mailbox": 403, "show_mailbox": 403, "archive_mailbox": 403,
    "make_key": 403, "revoke_key": 404, "write_message": 201,
    "send_attachment_ahead": 201, "send_file_ahead": 201, "change_ticket": 403,
    "postpone_ticket": 403, "wake_ticket": 403, "mark_answered": 403, "mark_spam": 403,
    "mark_not_spam": 403, "delete_ticket": 403, "restore_ticket": 403, "purge_ticket": 403,
    "escalate_ticket": 403, "merge_ticket": 403, "unmerge_ticket": 403, "split_ticket": 403,
    "link_tickets": 403, "unlink_tickets": 403, "redact_ticket": 403, "add_participant": 403,
    "remove_participant": 403, "change_customer_of_ticket": 403, "set_tags": 403, "add_tag": 403,
    "remove_tag": 403, "add_check": 403, "check_off": 403, "remove_check": 403,
    "erase_customer": 403, "undo": 409, "follow_ticket": 201, "unfollow_ticket": 204,
    "remove_follower": 204, "change_customer": 403, "list_blocked_senders": 403,
    "block_sender": 403, "unblock_sender": 403, "save_view": 201, "show_view": 403,
    "count_view": 403, "change_view": 403, "delete_view": 403, "begin_sweep": 201, "show_sweep": 404,
    "list_refusals": 404, "stop_sweep": 404, "take_sweep_back": 404,
    "add_canned_answer": 201, "change_canned_answer": 403,
    "archive_canned_answer": 403, "add_ticket_template": 201, "change_ticket_template": 403,
    "archive_ticket_template": 403, "schedule_letter": 403, "schedule_mail": 403, "send_on": 403,
    "show_scheduled": 404, "keep_here": 404, "send_scheduled": 404, "read_notices": 204,
    "read_notices_of_ticket": 204,
}  # fmt: skip

# What an agent of another department gets; the rest is 404, as if nothing of it were there.
ELSEWHERE = {
    "list_tickets": 200, "open_ticket": 403, "list_letters": 200, "list_customers": 200,
    "show_customer": 200, "add_customer": 201, "list_companies": 200, "show_company": 200,
    "list_agents": 200, "show_me": 200, "show_agent": 200, "add_agent": 403, "change_agent": 403,
    "list_departments": 200, "show_department": 200, "add_department": 403,
    "change_department": 403, "list_mailboxes": 403, "add_mailbox": 403, "show_mailbox": 403,
    "archive_mailbox": 403, "list_keys": 200, "make_key": 403, "send_file_ahead": 201,
    "erase_customer": 403, "list_tags": 200, "change_customer": 200, "list_blocked_senders": 200,
    "block_sender": 201, "unblock_sender": 204, "list_views": 200, "save_view": 201, "show_view": 403,
    "count_view": 403, "change_view": 403, "delete_view": 403, "list_sweeps": 200, "begin_sweep": 422,
    "list_canned_answers": 200, "add_canned_answer": 201, "list_ticket_templates": 200,
    "add_ticket_template": 201, "list_scheduled": 200, "schedule_mail": 403, "list_notices": 200,
    "count_unread": 200, "read_notices": 204,
}  # fmt: skip


@pytest.fixture
def things(cast: Cast) -> dict[str, Any]:
    """A ticket of Support with a file and a new sender, and the letter that it came by."""
    ticket = a_ticket(cast.support, cast.emil)
    file = NewFile("zip.png", "image/png", keep(b"png"))
    message = actions.note(ticket, Content("See.", files=(file,)), by=by(cast.bela))
    actions.receive(
        ticket, Content("Me too."), by=by(cast.frida), address=cast.frida, trust="new_sender"
    )
    for agent in (cast.bela, cast.cecil):
        actions.follow(ticket, by=by(agent))
    actions.tag(ticket, by=by(cast.bela), add=["tent"])
    check = actions.add_check(ticket, "Sew", by=by(cast.bela))
    other = a_ticket(cast.support, cast.emil)
    actions.link(ticket, other, by=by(cast.bela))
    letter = letters.keep(b"Subject: Zip\r\n\r\nBroken.\r\n", source="smtp")
    Letter.objects.filter(pk=letter.pk).update(state="parked", ticket=ticket)
    return {
        "code": ticket.code,
        OTHER: other.code,
        "step": 1,
        "message": Message.objects.filter(ticket=ticket).order_by("pk")[0].pk,
        "tags": Tag.objects.get().pk,
        "checklist": check.data["text_id"],
        "followers": cast.bela.pk,
        "token": Attachment.objects.get().token,
        "messages": message.pk,
        "participants": cast.frida.pk,
        "letters": letter.pk,
        "customers": cast.emil.customer_id,
        "companies": cast.acme.pk,
        "agents": cast.bela.pk,
        "departments": cast.support.pk,
        "mailboxes": boxes.add_mailbox(address="a@desk.example", department="Support").pk,
        "blocked_senders": blocking.block("@cheap.example", by=by(cast.bela)).pk,
        "views": keeping.make(Wish("New", "status:new"), by=by(cast.bela)).pk,
        "sweeps": beginning.begin(
            Sweeping("take", beginning.picked(by(cast.bela), [ticket.code])), by=by(cast.bela)
        ).pk,
        "canned-answers": _canned_answer(cast),
        "ticket-templates": _ticket_template(cast),
        "scheduled": _scheduled(cast, ticket),
        "keys": keys.make(cast.bela, "the shop").row.pk,
    }


def _scheduled(cast: Cast, ticket: Ticket) -> int:
    plan = Plan(clock.now() + timedelta(days=1), files=())
    return scheduled.schedule(ticket, Words("Good morning."), plan, by=by(cast.bela)).pk


def _canned_answer(cast: Cast) -> int:
    wanted = Wanted("Zip", {"en": Said("Sew.")}, department=cast.support)
    return canned.make(wanted, by=by(cast.anna)).pk


def _ticket_template(cast: Cast) -> int:
    wanted = ticket_templates.Wanted("Repair", department=cast.support)
    return ticket_templates.make(wanted, by=by(cast.anna)).pk


def ask(program: Program, name: str, method: str, path: str, things: dict[str, Any]) -> int:
    noun = re.sub("/(source|reading|refusals|stop|sending|count)$", "", path).split("/")[-2]
    filled = path.format(
        code=things["code"],
        token=things["token"],
        step=things["step"],
        kind="related",
        other=things[OTHER],
        number=things.get(noun),
    )
    if name in ("send_file_ahead", "send_attachment_ahead"):
        return program.try_upload(filled)
    body = BODIES.get(name)
    if name == "split_ticket":
        body = {"message": things["message"]}
    elif body is not None:
        body = {key: _named(value, things[OTHER]) for key, value in body.items()}
    return program.send(method, filled, body).status_code


def _named(value: Any, other: str) -> Any:
    if isinstance(value, list):
        return [_named(one, other) for one in value]
    return other if value == OTHER else value


@pytest.mark.parametrize(("name", "method", "path"), OPERATIONS)
def test_nobody_gets_in_without_a_key(
    things: dict[str, Any], nobody: Program, name: str, method: str, path: str
) -> None:
    assert ask(nobody, name, method, path, things) == 401


@pytest.mark.parametrize(("name", "method", "path"), OPERATIONS)
def test_a_light_agent_reads_and_writes_notes(
    things: dict[str, Any], bela: Program, cecil: Program, name: str, method: str, path: str
) -> None:
    assert ask(cecil, name, method, path, things) == LIGHT.get(name, 200)


@pytest.mark.parametrize(("name", "method", "path"), OPERATIONS)
def test_an_agent_of_another_department_finds_nothing_of_ours(
    things: dict[str, Any], bela: Program, dora: Program, name: str, method: str, path: str
) -> None:
    assert ask(dora, name, method, path, things) == ELSEWHERE.get(name, 404)
