"""Writing first: a mail to a customer, a call or a visit that is logged, or something among colleagues."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from deskbell import access, clock
from deskbell.channels.mail import outbox
from deskbell.errors import BadInput, ForgottenFile, NotAllowed
from deskbell.knowledge import ticket_templates, uses
from deskbell.knowledge.models import TicketTemplate
from deskbell.people import customers
from deskbell.people.models import Address, Agent, Customer
from deskbell.tickets import actions, drafts, pressed
from deskbell.tickets.content import Content, Recipient
from deskbell.tickets.models import Draft, Ticket
from deskbell.web.desk import chosen, kept_here, later, moments, written
from deskbell.web.desk.page import page
from deskbell.web.desk.rail import department_list
from deskbell.web.desk.ticket_words import priority_words
from deskbell.web.forms import Form, tried
from deskbell.web.visit import AgentRequest, for_agents

# More than anybody looks through.
MOST_TEMPLATES = MOST_BEGUN = 50


@dataclass(frozen=True, slots=True)
class Kind:
    """What an agent begins.

    first_message  whose words the text is: "reply" leaves as a mail, "note" stays among colleagues
    """

    channel: str
    first_message: str
    word: str | Promise
    say: str | Promise


KINDS = (
    Kind("mail", "reply", gettext_lazy("A mail"), gettext_lazy("It leaves in ten seconds; the ticket is yours.")),
    Kind("call", "note", gettext_lazy("A call"), gettext_lazy("What was said on the phone.")),
    Kind("visit", "note", gettext_lazy("A visit"), gettext_lazy("What was said at the counter.")),
    Kind("internal", "note", gettext_lazy("Internal"), gettext_lazy("Among colleagues, about no customer.")),
)  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@for_agents
def new_ticket(request: AgentRequest) -> HttpResponseBase:
    """Show the form; open the ticket."""
    if not request.standing.may("open", None):
        raise NotAllowed(action="open")
    if request.method == "POST":
        return tried(
            request,
            lambda: _open_or_ask(request),
            lambda form, status: _show(request, form, status),
        )
    return _show(request, _begun(request))


def _open_or_ask(request: AgentRequest) -> HttpResponseBase:
    try:
        return _open(request)
    except ForgottenFile as error:
        return _show(request, Form(request.POST), error.status, asked=error.words)


def _open(request: AgentRequest) -> HttpResponseBase:
    sent = request.POST
    kind = _kind(sent.get("kind", ""))
    once, template = written.once(request), _template(request, sent.get("template", ""))
    if (sent_before := _sent_before(request, once)) is not None:
        return sent_before
    content = written.content(request, None)  # first: whatever is refused below, its files are kept
    department = chosen.department(request)
    access.require(request.by, "open", Ticket(department=department))
    _require_subject(request, kind, content)
    if kind.first_message == "reply":
        written.require_file(request, content)
    if kind.channel == "mail" and "later" in sent:
        addressee = Recipient("to", _mail(request).lower(), sent.get("name", "").strip())
        later.begin_later(request, department, addressee)
        return redirect("leaving_later")
    happened_at = _happened_at(request) if kind.channel in {"call", "visit"} else None
    with transaction.atomic():  # a customer is met only together with their ticket
        # The same form twice at once: the second waits here, and finds what the first has made.
        Agent.objects.select_for_update().get(pk=request.agent.pk)
        if (sent_before := _sent_before(request, once)) is not None:
            return sent_before
        customer = None if kind.channel == "internal" else _customer(request, kind)
        to = _recipients(request, customer) if kind.first_message == "reply" else ()
        ticket = actions.open_ticket(
            by=request.by,
            subject=sent.get("subject", ""),
            content=content,
            department=department,
            customer=customer,
            recipients=to,
            copies=outbox.copies(one for one in to if one.role == "cc"),
            channel=kind.channel,
            kind=kind.first_message,
            occurred_at=happened_at,
            once=once,
        )
        uses.count(written.canned(request), ticket.messages.earliest("pk"), by=request.by)
        if template is not None:
            ticket_templates.put_on(ticket, template, by=request.by)
        _go_on(request, ticket, kind)
        drafts.drop(request.agent, None, once=once)
    return redirect(f"/tickets/{ticket.code}")


def _sent_before(request: AgentRequest, once: str) -> HttpResponseBase | None:
    """Lead to what the same form has made before, by a double press or a reload; None for a new one."""
    if (opened := pressed.opened_before(once, by=request.by)) is not None:
        return redirect(f"/tickets/{opened.code}")
    return redirect("leaving_later") if drafts.was_sent(request.agent, once) else None


def _go_on(request: AgentRequest, ticket: Ticket, kind: Kind) -> None:
    """Leave what was logged as the form says: to the department, to whoever logged it, or solved on the spot."""
    then = request.POST.get("then", "")
    if kind.first_message == "reply" or then not in {"mine", "solved"}:
        return
    actions.take(ticket, by=request.by)
    if then == "solved":
        # They know it: they were on the phone, or stood there.
        actions.resolve(ticket, by=request.by, silent=True)


def _kind(name: str) -> Kind:
    found = next((kind for kind in KINDS if kind.channel == name), None)
    if found is None:
        raise BadInput("kind", _("Choose one of the four."))
    return found


def _require_subject(request: AgentRequest, kind: Kind, content: Content) -> None:
    """Ask once about a mail without a subject, for one may be meant; all else has one.  Raises BadInput."""
    if request.POST.get("subject", "").strip():
        return
    if kind.channel != "mail":
        raise BadInput("subject", _("Say in a few words what it is about."))
    if content.text and not request.POST.get("asked_subject"):
        raise BadInput("subject", _("This mail has no subject. Write one, or send it as it is."))


def _customer(request: AgentRequest, kind: Kind) -> Address:
    """Return the address of whom it is about, met now when they are new.  Raises BadInput."""
    sent = request.POST
    phone, name = customers.phone_number(sent.get("phone", "")), sent.get("name", "")
    if kind.channel == "mail" or sent.get("customer", "").strip():
        found = customers.customer_for(_mail(request), name)
        if phone:
            customers.also_reached_at(found.customer, phone, kind="phone")
        return found
    if not phone:
        raise BadInput("customer", _("Give a mail address or a phone number: who was it?"))
    return customers.customer_for(phone, name, kind="phone")


def _mail(request: AgentRequest) -> str:
    """Return the mail address of whom it is about.  Raises BadInput."""
    mail = request.POST.get("customer", "").strip()
    if not mail:
        raise BadInput("customer", _("Say to whom this goes."))
    try:
        validate_email(mail)
    except ValidationError as error:
        raise BadInput("customer", _("Write a mail address, like emil@acme.example.")) from error
    return mail


def _recipients(request: AgentRequest, customer: Address | None) -> tuple[Recipient, ...]:
    if customer is None:
        return ()
    name = customer.name or customer.customer.name
    return written.beside(request, Recipient("to", customer.value, name))


def _happened_at(request: AgentRequest) -> datetime | None:
    """Return when it was, None for just now.  Raises BadInput for a moment that is still to come."""
    typed = request.POST.get("when", "").strip()
    if not typed:
        return None
    try:
        moment = moments.typed(typed, moments.zone_of(request.POST.get("zone", "")))
    except BadInput as error:
        raise BadInput("when", error.sentence) from error
    if moment > clock.now():
        raise BadInput("when", _("This moment is still to come."))
    return moment


def _template(request: AgentRequest, number: str) -> TicketTemplate | None:
    """Return the template of this number that the agent may begin with; None for none."""
    found = ticket_templates.usable(request.by).select_related("for_department")
    return found.filter(pk=chosen.number_in(number) or 0).first()


def _by_template(request: AgentRequest, template: TicketTemplate) -> dict[str, str]:
    """Return what a template puts into the form."""
    said = ticket_templates.begins(template, request.agent)
    into = {
        "kind": template.channel,
        "subject": said.subject,
        "text": said.plain,
        "html": said.html,
    }
    may_choose = {one.pk for one in department_list(request)}
    if template.for_department_id in may_choose:
        into["department"] = str(template.for_department_id)
    return into | {"template": str(template.pk)}


def _begun(request: AgentRequest) -> Form:
    """Return the form as it begins, with what was taken back.

    In the address `customer` names whom it is about, `template` what it begins with, `draft` what was begun, by number.
    Without any it goes on with what was begun last, unless `another` is asked for, or a `kind`.
    """
    asked = request.GET.get("customer", "")
    may_see = request.standing.may("see_customers", None)
    found = Customer.objects.filter(pk=asked).first() if asked.isdecimal() and may_see else None
    mail = found and found.addresses.filter(kind="mail").order_by("id").first()
    own = department_list(request)
    template = _template(request, request.GET.get("template", ""))
    # Whoever comes to write to somebody begins anew; what was begun waits beside it.
    asks_for = {"another", "kind"} & request.GET.keys()
    begins_anew = bool(found or template or asks_for)
    kept = None if begins_anew else _last_begun(request)
    return Form(
        {
            "once": kept.once if kept else "",
            "kind": request.GET.get("kind", "mail"),
            "customer": mail.value if mail else "",
            "name": found.name if found else "",
            "department": str(own[0].pk) if own else "",
            "then": "mine",
            **({} if kept is None else {**kept.fields, "text": kept.text, "html": kept.html}),
            **({} if template is None else _by_template(request, template)),
        }
    )


def _last_begun(request: AgentRequest) -> Draft | None:
    begun = drafts.first_mails_of(request.agent)
    named = chosen.number_in(request.GET.get("draft", "")) or 0
    return begun.filter(pk=named).first() or begun.first()


def _show(
    request: AgentRequest, form: Form, status: int = 200, asked: Sequence[str] = ()
) -> HttpResponse:
    """Return the page.

    asked  words that speak of a file where none goes along; they are asked about once
    """
    once, senders = form.value("once") or secrets.token_urlsafe(16), written.senders(request)
    begun = list(drafts.first_mails_of(request.agent)[:MOST_BEGUN])
    kept = drafts.of(request.agent, None, once=once)
    context = {
        "form": form,
        "asked": asked,
        "first": "" if form.errors or form.notice or asked else _first_empty(form),
        "version": kept.version if kept else 0,
        "still_here": kept,
        "why_kept": kept_here.about_kept(kept),
        "presets": moments.presets(),
        "draft_files": list(kept.files.all()) if kept else [],
        "senders": senders if len(senders) > 1 else [],
        "once": once,
        "also_begun": [one for one in begun if one != kept],
        "kinds": [(kind.channel, kind.word, kind.say) for kind in KINDS],
        "departments": [(one.pk, one.name) for one in department_list(request)],
        "templates": list(ticket_templates.usable(request.by)[:MOST_TEMPLATES]),
        "template": _template(request, form.value("template")),
        "priorities": priority_words(),
    }
    return page(request, "desk/new_ticket.html", context, here="new_ticket", status=status)


def _first_empty(form: Form) -> str:
    """Return the field in which one begins to write; "" where all of them are filled."""
    asked = (
        ("subject", "text") if form.value("kind") == "internal" else ("customer", "subject", "text")
    )
    return next((name for name in asked if not form.value(name)), "")
