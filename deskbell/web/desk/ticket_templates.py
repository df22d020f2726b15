"""Ticket templates: the list, making, changing and archiving them; new_ticket.py begins with one."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from deskbell.knowledge import ticket_templates, whose
from deskbell.knowledge.models import TicketTemplate
from deskbell.knowledge.ticket_templates import Wanted
from deskbell.knowledge.whose import ChangedMeanwhile
from deskbell.web.desk import chosen, written
from deskbell.web.desk.meanwhile import Meanwhile, form_over, meanwhile, seen
from deskbell.web.desk.new_ticket import KINDS
from deskbell.web.desk.page import page
from deskbell.web.desk.ticket_words import priority_words
from deskbell.web.forms import Form, tried
from deskbell.web.visit import AgentRequest, for_agents, verb_of


@require_safe
@for_agents
def all_templates(request: AgentRequest) -> HttpResponse:
    """List the templates that this agent may look at."""
    shares = _shares(request)
    found = ticket_templates.listed(request.by, shares=shares).select_related(
        "department", "for_department"
    )
    rows = [(one, whose.keeps(one, request.by, shares=shares)) for one in found]
    gone = request.GET.get("archived", "")
    context = {
        "offered": [row for row in rows if row[0].archived_at is None],
        "archived": [row for row in rows if row[0].archived_at is not None],
        "just_archived": next((one for one, _may in rows if str(one.pk) == gone), None),
    }
    return page(request, "desk/templates/list.html", context, here="canned")


@require_http_methods(["GET", "HEAD", "POST"])
@for_agents
def new_template(request: AgentRequest) -> HttpResponseBase:
    """Show the form; post makes the template."""

    def act() -> HttpResponseBase:
        ticket_templates.make(_wanted(request), by=request.by)
        return redirect("ticket_templates")

    if request.method == "POST":
        return tried(request, act, lambda form, status: _show(request, None, form, status))
    return _show(request, None, Form({"audience": "mine", "channel": "mail", "priority": "2"}))


@require_http_methods(["GET", "HEAD", "POST"])
@for_agents
def template(request: AgentRequest, number: int) -> HttpResponseBase:
    """Show a template for who may change it; post changes it."""
    found = ticket_templates.one_of(request.by, number, shares=_shares(request))
    whose.require_change(found, request.by)

    def act() -> HttpResponseBase:
        wanted = _wanted(request)
        try:
            ticket_templates.change(found, wanted, by=request.by, seen=seen(request))
        except ChangedMeanwhile as error:
            return _show_both(request, found, wanted, error.status)
        return redirect("ticket_templates")

    if request.method == "POST":
        return tried(request, act, lambda form, status: _show(request, found, form, status))
    return _show(request, found, _form_of(found))


@require_POST
@for_agents
def archived(request: AgentRequest, number: int) -> HttpResponseBase:
    """Offer a template no more; DELETE offers it again."""
    found = ticket_templates.one_of(request.by, number, shares=_shares(request))
    if verb_of(request) == "DELETE":
        whose.bring_back(found, by=request.by)
        return redirect("ticket_templates")
    whose.archive(found, by=request.by)
    return redirect(f"{reverse('ticket_templates')}?archived={number}")


def _show_both(
    request: AgentRequest, found: TicketTemplate, typed: Wanted, status: int
) -> HttpResponse:
    """Show the form as it was typed, and how it differs from what a colleague has kept meanwhile."""
    kept = ticket_templates.as_it_is(found)
    said, theirs = _in_words(typed), _in_words(kept)
    fields = [(name, theirs[name], words) for name, words in said.items()]
    looks = _("Text") if typed.plain == kept.plain and typed.html != kept.html else ""
    told = meanwhile(request, found, fields, looks=looks)
    return _show(request, found, form_over(request, found), status, told)


def _in_words(one: Wanted) -> dict[str, str]:
    """Return what a template says, by the name of each field."""
    goes_to = one.for_department.name if one.for_department else _("Whoever opens it chooses")
    return {
        pgettext("of a thing", "Name"): one.name,
        _("For whom it is"): chosen.for_whom(one.owner, one.department),
        _("It begins with"): next(
            (str(kind.word) for kind in KINDS if kind.channel == one.channel), ""
        ),
        _("Subject"): one.subject,
        _("Text"): one.plain,
        _("Where it goes"): goes_to,
        _("Priority"): str(priority_words().get(one.priority, "")),
        _("Tags"): ", ".join(name.strip() for name in one.tags if name.strip()),
        _("Checklist"): "\n".join(line.strip() for line in one.checklist if line.strip()),
    }


def _wanted(request: AgentRequest) -> Wanted:
    sent, said = request.POST, written.words(request)
    audience, priority = sent.get("audience", "mine"), sent.get("priority", "2")
    own = audience == "mine"
    return Wanted(
        name=sent.get("name", ""),
        channel=sent.get("channel", ""),
        subject=sent.get("subject", ""),
        for_department=chosen.working(request, "for_department")
        if sent.get("for_department")
        else None,
        priority=int(priority) if priority in {"1", "2", "3", "4"} else 0,
        tags=sent.get("tags", "").split(","),
        checklist=sent.get("checklist", "").splitlines(),
        plain=said.text,
        html=said.html,
        owner=request.agent if own else None,
        department=chosen.working(request, "department") if audience == "department" else None,
    )


def _form_of(found: TicketTemplate) -> Form:
    return Form(
        {
            "version": str(found.version),
            "name": found.name,
            "audience": found.audience,
            "department": str(found.department_id or ""),
            "channel": found.channel,
            "subject": found.subject,
            "for_department": str(found.for_department_id or ""),
            "priority": str(found.priority),
            "tags": ", ".join(found.tags),
            "checklist": "\n".join(found.checklist),
            "text": found.plain,
            "html": found.html,
        }
    )


def _show(
    request: AgentRequest,
    found: TicketTemplate | None,
    form: Form,
    status: int = 200,
    told: Meanwhile | None = None,
) -> HttpResponse:
    departments = [(one.pk, one.name) for one in request.working]
    context = {
        "template": found,
        "form": form,
        "meanwhile": told,
        "files_lost": False,
        "audiences": chosen.audiences(shares=_shares(request)),
        "kinds": [(kind.channel, kind.word, "") for kind in KINDS],
        "departments": [("", _("Choose a department")), *departments],
        "for_departments": [("", _("Whoever opens it chooses")), *departments],
        "priorities": list(priority_words().items()),
        "places": ", ".join(f"{{{place}}}" for place in ticket_templates.PLACES),
    }
    return page(request, "desk/templates/form.html", context, here="canned", status=status)


def _shares(request: AgentRequest) -> bool:
    return request.standing.may("share_canned_answers", None)
