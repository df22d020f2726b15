"""Every address × every role × own, a department's and other objects: pages, API and live alike.

What each address needs stands here once, as a verb of the table of rights; what comes of it is derived from that
table.  A new address finds its place here, or the walk fails.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from deskbell import access
from deskbell.access import custom_roles
from deskbell.access.roles import ROLES
from deskbell.api import keys
from deskbell.api.urls import api
from deskbell.channels.mail import blocking, boxes, letters, opening
from deskbell.channels.mail.fetch import sources
from deskbell.channels.mail.models import Letter, MailApp, MailBox
from deskbell.knowledge import canned
from deskbell.knowledge.canned import Said, Wanted
from deskbell.knowledge.models import CannedAnswer
from deskbell.live import audience, sockets
from deskbell.live.tail import Change, Place
from deskbell.masking import rules
from deskbell.masking.models import MaskingRule
from deskbell.people import agents
from deskbell.people.models import Agent
from deskbell.tickets import actions
from deskbell.tickets.content import Content, NewFile
from deskbell.tickets.files import keep
from deskbell.tickets.models import Attachment, Message, Ticket
from tests.cast import PASSWORD, Cast, by, hire
from tests.desk import a_ticket
from tests.mails_of import MAILS

pytestmark = pytest.mark.django_db

ALL_ROLES = (*ROLES, "custom")
# What the role made to measure gives in this walk: it reads all of the desk and keeps what is its own going.
APPRENTICE = {"see": 3, "note": 3, "reply": 1, "resolve": 1, "tag": 2, "see_letters": 3}

# Needs no account: the door, and what customers are sent.
OPEN = {
    "solved", "set_up", "sign_in", "second_step", "passkey", "passkey_options", "lost_password",
    "sign_out", "invitation", "picture",
    # Opened by a signed token of one ticket: tests/web/public/test_portal_rights.py
    "portal", "portal_messages", "portal_answer", "portal_resolution", "portal_rating",
    "portal_file", "portal_letter",
}  # fmt: skip
# For everybody who works here: about themselves, or lists that show what they may see.
EVERYBODY = {
    "me", "my_picture", "my_signature", "my_availability", "my_token", "my_security", "my_password", "my_sessions",
    "my_session", "my_sureness", "faces", "settings", "inbox", "find", "find_count", "completions",
    "palette", "recent", "narrowed", "rows", "my_notices",
    "notices", "unread", "news", "leaving_later",
    # Who sees and keeps which: tests/web/desk/test_saved_views.py
    "saved_views", "new_view", "view_counters", "saved_view", "changed_view", "view_place",
    # One's own, and what is seen: tests/web/desk/test_sweeps.py
    "sweeps", "new_sweep", "sweep_acts", "sweep_progress", "sweep", "sweep_stop",
    # Who sees and keeps which: tests/web/desk/test_canned_answers.py
    "canned_answers", "new_canned_answer", "canned_answer", "archived_canned_answer", "canned_file", "canned_preview",
    "replacing",  # tests/web/desk/test_replacing.py
    # tests/web/desk/test_ticket_templates.py
    "ticket_templates", "new_ticket_template", "ticket_template", "archived_ticket_template",
}  # fmt: skip
# The same, but only a moment after the password was given (tests/web/me/test_factors.py).
WHEN_SURE = {
    "my_app", "my_new_app", "my_passkeys", "my_passkey_options", "my_passkey", "my_recovery_codes",
}  # fmt: skip

# About the desk: the verb that the address needs, or the two that looking and changing need.
DESK: dict[str, str | tuple[str, str]] = {
    **dict.fromkeys(
        (
            "first_steps", "agents", "new_agent", "agent", "archived_agent",
            "agent_invitation", "roles", "new_role", "role", "archived_role", "signing_in",
            "signing_in_rule", "desk_time_zone", "lost_factor", "departments", "new_department", "department",
            "archived_department", "mailboxes", "new_mailbox", "mailbox", "archived_mailbox",
            "health", "nightly_backups", "source", "source_test", "source_look", "source_consent",
            "source_certificate", "mail_keys", "mail_key",
            "masking", "new_masking_rule", "masking_rule", "masking_switch",
            "granted", "mail_app", "unwanted_mail", "mailbox_plus", "mailbox_by_provider", "our_letters", "our_letter",
            "our_letter_preview", "left_behind", "leavers_letters",
        ),
        "administer",
    ),
    "new_ticket": "open",
    "new_draft": "open",
    "new_draft_files": "open",
    "canned_for_new": "open",
    "canned_offers_for_new": "open",
    "canned_into_new": "open",
    "people_known": "see_customers",
    "customer_card": ("see_customers", "change_customers"),
    "blocked_senders": "block_sender",
    "blocked_sender": "block_sender",
    "letters": "see_letters",
    "letter": "see_letters",
    "letter_source": "see_letters",
    "reading": "retry_letter",
}  # fmt: skip


# Addresses that name what they are about.
NAMED = {
    "mail_app": {"provider": "other"},
    "our_letter": {"letter": "acknowledgement"},
    "our_letter_preview": {"letter": "acknowledgement"},
}


@dataclass(frozen=True)
class Ask:
    """One thing that is asked of a ticket: at which address, how, with what, and the verb that it needs."""

    name: str
    verb: str
    method: str = "POST"
    body: dict[str, Any] = field(default_factory=dict)


def get(name: str, verb: str = "see") -> Ask:
    return Ask(name, verb, "GET")


def delete(name: str, verb: str, **body: Any) -> Ask:
    return Ask(name, verb, body={"_method": "DELETE", **body})


# Stand for the code of another ticket, and the number of a department, in the bodies below.
OTHER, DEPARTMENT, AGENT = "OTHER", "DEPARTMENT", "AGENT"

TICKETS = (
    get("ticket"), get("entries"), get("frame"), get("delivery"), get("history"), get("similar"), get("file"),
    get("closure", "close"), get("escalation", "escalate"), get("purge", "purge"),
    get("merging", "merge"), get("redaction", "redact"), get("message_redaction", "redact"),
    get("splitting", "split"),
    Ask("messages", "reply", body={"text": "Send it in."}),
    Ask("messages", "note", body={"text": "Seen.", "kind": "note"}),
    Ask("sent_on", "reply", body={"address": "emil@acme.example"}),
    Ask("messages", "forward", body={"text": "Known?", "kind": "forward", "outside_to": "gina@maker.example"}),
    Ask("shown", "see", body={"shown": "messages"}),
    get("draft", "note"), Ask("draft", "note", body={"text": "I begin.", "kind": "note"}), delete("draft", "see"),
    Ask("draft_files", "note"),
    get("canned_for_ticket", "note"), get("canned_offers", "note"), get("canned_fitting", "note"),
    Ask("canned_into_ticket", "note"),
    Ask("forwarding", "forward"), Ask("quotation", "note"),
    Ask("assignment", "assign", body={"agent": AGENT}),
    Ask("assignment", "take", body={"agent": "me"}),
    delete("assignment", "assign"),
    Ask("transfer", "transfer", body={"department": DEPARTMENT}),
    Ask("resolution", "resolve"), delete("resolution", "reopen"),
    Ask("closure", "close"),
    Ask("postponement", "postpone", body={"until": "tomorrow"}), delete("postponement", "wake"),
    Ask("priority", "prioritise", body={"priority": "4"}),
    Ask("answered", "mark_answered"), Ask("resignation", "resign"),
    Ask("escalation", "escalate", body={"reason": "They wait in the rain."}),
    Ask("spam", "spam"), delete("spam", "not_spam"),
    Ask("deletion", "delete"), delete("deletion", "restore"),
    Ask("purge", "purge"),
    Ask("merging", "merge", body={"into": OTHER}), delete("merging", "unmerge"),
    Ask("redaction", "redact", body={"passage": "the zip"}), Ask("message_redaction", "redact"),
    Ask("splitting", "split", body={"subject": "Poles"}),
    Ask("description", "describe", body={"subject": "Zips"}),
    Ask("tags", "tag", body={"tag": "zip"}), delete("tags", "tag", tag="zip"),
    Ask("customer", "change_customer", body={"customer": "gina@acme.example"}),
    Ask("following", "follow"), delete("following", "follow"),
    Ask("checklist", "check_off", body={"check": "Sew"}),
    delete("check", "check_off"), Ask("done", "check_off"), delete("done", "check_off"),
    Ask("links", "link", body={"other": OTHER}), delete("links", "unlink", other=OTHER),
    Ask("participants", "add_participant", body={"participant": "gina@acme.example"}),
    delete("unread_of_ticket", "see"),
    Ask("participant", "accept_sender"), delete("participant", "remove_participant"),
)  # fmt: skip

# Whose act or file it is decides, wherever the ticket lies
# (tests/tickets/test_undone.py, tests/web/desk/test_drafts.py, tests/web/desk/test_later.py,
# tests/web/admin/test_leaving.py).
BY_ITS_AUTHOR = {"act", "draft_file", "leaving_answer", "leaving_mail", "left_letter", "was_due"}

# Operation of the API → the verb that it needs; about a ticket unless the verb is one of the desk.
API = {
    **dict.fromkeys(
        (
            "show_ticket", "list_messages", "show_message", "list_entries", "list_attachments",
            "fetch_attachment", "list_participants", "list_links", "list_tags_of_ticket", "show_checklist",
            "list_followers", "show_entry", "list_similar", "list_scheduled_on_ticket",
            "read_notices_of_ticket",
        ),
        "see",
    ),
    "write_message": "reply", "schedule_letter": "reply", "send_on": "reply",
    "assign_ticket": "assign", "unassign_ticket": "assign",
    "transfer_ticket": "transfer", "change_ticket": "prioritise", "resolve_ticket": "resolve",
    "reopen_resolved_ticket": "reopen", "close_ticket": "close", "reopen_closed_ticket": "reopen",
    "postpone_ticket": "postpone", "wake_ticket": "wake", "mark_answered": "mark_answered",
    "mark_spam": "spam", "mark_not_spam": "not_spam", "delete_ticket": "delete",
    "restore_ticket": "restore", "purge_ticket": "purge", "escalate_ticket": "escalate",
    "merge_ticket": "merge", "unmerge_ticket": "unmerge", "redact_ticket": "redact",
    "add_participant": "add_participant", "change_customer_of_ticket": "change_customer",
    "set_tags": "tag", "add_tag": "tag", "add_check": "check_off", "follow_ticket": "follow",
}  # fmt: skip


def page_names() -> Iterator[str]:
    """Every address of a page that has a name; the API has its own list."""
    waiting: list[Any] = [get_resolver()]
    while waiting:
        for one in waiting.pop().url_patterns:
            if isinstance(one, URLResolver):
                if not str(one.pattern).startswith("api"):
                    waiting.append(one)
            elif isinstance(one, URLPattern) and one.name:
                yield one.name


def test_every_address_has_its_place() -> None:
    placed = (
        OPEN | EVERYBODY | WHEN_SURE | set(DESK) | {one.name for one in TICKETS} | BY_ITS_AUTHOR
    )
    assert set(page_names()) == placed


@dataclass
class Objects:
    """What the addresses are about: three tickets alike, one's own, one's department's, and elsewhere."""

    own: Ticket
    departments: Ticket
    others: Ticket
    other_code: str
    cast: Cast

    def each(self) -> Iterator[tuple[str, Ticket]]:
        yield "own", self.own
        yield "department's", self.departments
        yield "other", self.others


@pytest.fixture
def objects(cast: Cast) -> Objects:
    made = [
        _with_everything(cast, department)
        for department in (cast.support, cast.support, cast.billing)
    ]
    other = a_ticket(cast.support, cast.emil)
    canned.make(Wanted("Zip", {"en": Said("Sew it in.")}), by=by(cast.anna))
    return Objects(made[0], made[1], made[2], other.code, cast)


def _with_everything(cast: Cast, department: Any) -> Ticket:
    ticket = a_ticket(department, cast.emil)
    file = NewFile("zip.png", "image/png", keep(b"png"))
    actions.note(ticket, Content("See.", files=(file,)), by=by(cast.anna))
    actions.add_check(ticket, "Look", by=by(cast.anna))
    return ticket


def somebody(role: str, objects: Objects) -> Agent:
    """An agent of this role in Support, to whom one of the tickets belongs."""
    if role == "owner":
        _give(objects.own, objects.cast.anna)
        return objects.cast.anna
    person = hire("Probe", "probe@desk.example", role, objects.cast.support)
    if role == "custom":
        person.custom_role = custom_roles.add_role(name="Apprentice", rights=APPRENTICE)
        person.save(update_fields=["custom_role"])
    _give(objects.own, person)
    return person


def _give(ticket: Ticket, person: Agent) -> None:
    """Make it theirs whatever their role is, as an earlier role might have."""
    from deskbell.people.actors import MIGRATION
    from deskbell.tickets.actions.assign import TicketAssigned
    from deskbell.tickets.timeline import lock, record

    with transaction.atomic():
        record(lock(ticket.pk), TicketAssigned(agent_id=person.pk), by=MIGRATION)
    ticket.refresh_from_db()


def signed_in(person: Agent) -> Client:
    client = Client()
    client.force_login(person.account, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize("role", ALL_ROLES)
def test_tickets_on_pages(objects: Objects, role: str) -> None:
    person = somebody(role, objects)
    client = signed_in(person)
    wrong = []
    for whose, ticket in objects.each():
        sees = access.may(by(person), "see", ticket)
        for one in TICKETS:
            may = access.may(by(person), one.verb, ticket)
            status = _asked(client, one, ticket, objects)
            if not _fits(status, sees=sees, may=may):
                wrong.append((one.method, one.name, one.body, whose, status))
    assert wrong == []


def _fits(status: int, *, sees: bool, may: bool) -> bool:
    """What is not seen is not there, what may not be done is refused, all else is done or told why not now."""
    if not sees:
        return status == 404
    return status not in {401, 403, 404, 500} if may else status == 403


def _asked(client: Client, one: Ask, ticket: Ticket, objects: Objects) -> int:
    """Ask in a transaction that is taken back: the next question finds everything as it was."""
    address = _address(one.name, ticket, objects)
    stand_ins = {
        OTHER: objects.other_code,
        DEPARTMENT: str(objects.cast.billing.pk),
        AGENT: str(objects.cast.bela.pk),
    }
    body = {key: stand_ins.get(value, value) for key, value in one.body.items()}
    with transaction.atomic():
        answer = client.get(address) if one.method == "GET" else client.post(address, body)
        transaction.set_rollback(True)
    return answer.status_code


def _address(name: str, ticket: Ticket, objects: Objects) -> str:
    from django.urls import reverse

    message = Message.objects.filter(ticket=ticket).latest("pk")
    numbers = {
        "frame": message.pk,
        "delivery": message.pk,
        "message_redaction": message.pk,
        "sent_on": message.pk,
        "splitting": Message.objects.filter(ticket=ticket).earliest("pk").pk,
        "check": ticket.entries.get(kind="check.added").data["text_id"],
        "done": ticket.entries.get(kind="check.added").data["text_id"],
        "participant": objects.cast.emil.pk,
    }
    if name == "canned_into_ticket":
        extra = {"number": CannedAnswer.objects.get().pk}
        return reverse(name, kwargs={"code": ticket.code, **extra})
    if name == "file":
        return reverse(name, kwargs={"token": Attachment.objects.get(message=message).token})
    extra = {"number": numbers[name]} if name in numbers else {}
    return reverse(name, kwargs={"code": ticket.code, **extra})


def _masking_rule(objects: Objects) -> MaskingRule:
    return rules.make(name="card", pattern="K-[0-9]+", put="K", by=by(objects.cast.anna))


@pytest.mark.parametrize("role", ALL_ROLES)
def test_the_desk_on_pages(objects: Objects, role: str) -> None:
    from django.urls import reverse

    person = somebody(role, objects)
    client = signed_in(person)
    letter = letters.keep(b"Subject: Zip\r\n\r\nBroken.\r\n", source="smtp")
    Letter.objects.filter(pk=letter.pk).update(state="parked")
    numbers = {
        "agent": objects.cast.bela.pk,
        "archived_agent": objects.cast.bela.pk,
        "agent_invitation": objects.cast.bela.pk,
        "lost_factor": objects.cast.bela.pk,
        "left_behind": _a_leaver(objects).pk,
        "leavers_letters": objects.cast.bela.pk,
        "role": custom_roles.add_role(name="Another", rights={"see": 3}).pk,
        "department": objects.cast.billing.pk,
        "archived_department": objects.cast.billing.pk,
        "mailbox": boxes.add_mailbox(address="a@desk.example", department="Support").pk,
        "customer_card": objects.cast.emil.customer_id,
        "blocked_sender": blocking.block("@cheap.example", by=by(objects.cast.anna)).pk,
        "letter": letter.pk,
        "letter_source": letter.pk,
        "mail_key": opening.add_public_key((MAILS / "keys" / "emil.asc").read_bytes()).pk,
        "reading": letter.pk,
        "masking_rule": _masking_rule(objects).pk,
        "canned_into_new": CannedAnswer.objects.get().pk,
    }
    _fetch_for(numbers["mailbox"])
    numbers |= dict.fromkeys(
        (
            "source",
            "source_test",
            "source_look",
            "source_consent",
            "source_certificate",
            "mailbox_plus",
            "mailbox_by_provider",
        ),
        numbers["mailbox"],
    )
    numbers |= {"archived_role": numbers["role"], "archived_mailbox": numbers["mailbox"]}
    numbers["masking_switch"] = numbers["masking_rule"]
    wrong = []
    for name, verbs in DESK.items():
        kwargs = {"number": numbers[name]} if name in numbers else NAMED.get(name)
        address = reverse(name, kwargs=kwargs)
        looking, changing = verbs if isinstance(verbs, tuple) else (verbs, verbs)
        for method, verb in (("get", looking), ("post", changing)):
            status = _asked_of_the_desk(client, method, address)
            fits = {403, 405}.isdisjoint if access.may(by(person), verb) else {403, 405}.issuperset
            if status != 405 and not fits({status}):
                wrong.append((method, name, status))
            assert status not in {404, 500}, (method, name)
    assert wrong == []


def _a_leaver(objects: Objects) -> Agent:
    leaver = hire("Lea", "lea@desk.example", "agent", objects.cast.support)
    agents.archive_agent(leaver)
    return leaver


def _fetch_for(number: int) -> None:
    """Let the mail box be fetched, by a provider's sign-in, from a server that does not answer."""
    app = MailApp.objects.create(
        provider="other",
        authorize_url="https://login.example.com/",
        token_url="https://login.example.com/token",
        scopes="mail",
        client_id="desk",
    )
    entry = sources.Entry("imap", "127.0.0.1", 1, "none", "a@desk.example", app=app)
    sources.enter(MailBox.objects.get(pk=number), entry)


def _asked_of_the_desk(client: Client, method: str, address: str) -> int:
    with transaction.atomic():
        status: int = getattr(client, method)(address).status_code
        transaction.set_rollback(True)
    return status


@pytest.mark.parametrize("name", sorted(set(DESK) | EVERYBODY | WHEN_SURE))
def test_nobody_comes_in_without_signing_in(objects: Objects, name: str) -> None:
    from django.urls import reverse

    for kwargs in (
        {},
        {"number": 1},
        {"name": "x"},
        {"number": 1, "token": "x"},
        NAMED.get(name, {}),
    ):
        try:
            address = reverse(name, kwargs=kwargs or None)
        except Exception:
            continue
        for method in ("get", "post"):
            assert getattr(Client(), method)(address).status_code in {302, 405}, (method, address)
        return
    raise AssertionError(name)


def test_nobody_sees_a_ticket_without_signing_in(objects: Objects) -> None:
    for one in TICKETS:
        assert _asked(Client(), one, objects.own, objects) in {302, 405}, one


@pytest.mark.parametrize("role", ALL_ROLES)
def test_tickets_by_the_api(objects: Objects, role: str) -> None:
    person = somebody(role, objects)
    key = keys.make(person, "the walk").secret
    client = Client(headers={"authorization": f"Bearer {key}"})
    wrong = []
    for operation, method, path in _operations():
        if (verb := API.get(operation)) is None:
            continue
        for whose, ticket in objects.each():
            sees, may = (access.may(by(person), what, ticket) for what in ("see", verb))
            status = _asked_by_api(client, operation, method, path, ticket, objects)
            if not _fits(status, sees=sees, may=may):
                wrong.append((operation, whose, status))
    assert wrong == []


def _operations() -> Iterator[tuple[str, str, str]]:
    for path, operations in api.get_openapi_schema()["paths"].items():
        for method, operation in operations.items():
            yield operation["operationId"], method.upper(), path


def test_the_table_names_operations_that_there_are() -> None:
    assert set(API) <= {operation for operation, _method, _path in _operations()}


def _asked_by_api(
    client: Client, operation: str, method: str, path: str, ticket: Ticket, objects: Objects
) -> int:
    from tests.api.test_rights import BODIES

    message = Message.objects.filter(ticket=ticket).latest("pk")
    filled = path.format(
        code=ticket.code,
        number=message.pk,
        token=Attachment.objects.get(message=message).token,
        step=1,
    )
    body = BODIES.get(operation)
    if operation == "write_message":
        body = {"kind": "reply", "text": "Send it in."}
    elif operation == "assign_ticket":
        body = {"agent": objects.cast.bela.pk}
    if body is not None:
        body = {k: objects.other_code if v == "OTHER" else v for k, v in body.items()}
    with transaction.atomic():
        answer = client.generic(
            method,
            filled,
            data=json.dumps(body) if body is not None else "",
            content_type="application/json",
        )
        transaction.set_rollback(True)
    return answer.status_code


@pytest.mark.parametrize("role", ALL_ROLES)
def test_tickets_live(objects: Objects, role: str) -> None:
    person = somebody(role, objects)
    client = Client()
    assert (
        client.post("/sign-in", {"email": person.account.email, "password": PASSWORD}).status_code
        == 302
    )
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    listener = audience.listener_of(cookies)
    assert listener is not None
    for whose, ticket in objects.each():
        sees = access.may(by(person), "see", ticket)
        assert (audience.shown(listener, ticket.code) is not None) is sees, whose
        place = Place(ticket.department_id, ticket.assignee_id, ticket.customer_id or 0)
        change = Change(ticket.code, ticket.last_step, frozenset({place}))
        assert sockets._sees(listener, change) is sees, whose


def test_nobody_listens_without_signing_in() -> None:
    assert audience.listener_of("") is None
    assert audience.listener_of("deskbell_session=nobody") is None
