"""Who works here: adding agents, changing what they are, letting them go."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from deskbell import access
from deskbell.channels.mail import to_accounts
from deskbell.channels.mail.models import Delivery
from deskbell.errors import BadInput, NotFound
from deskbell.people import accounts
from deskbell.people import agents as people
from deskbell.people.models import Agent, CustomRole, Department
from deskbell.tickets import handover, leaving, scheduled
from deskbell.web.admin.left_behind import count_left
from deskbell.web.desk.page import page
from deskbell.web.forms import Form, tried
from deskbell.web.visit import AgentRequest, may, verb_of

ROLES = (
    (Agent.Role.OWNER, gettext_noop("Everything, also who else owns the desk.")),
    (Agent.Role.ADMIN, gettext_noop("Sees and does everything, and these settings.")),
    (Agent.Role.AGENT, gettext_noop("Answers in their departments, resolves what is theirs.")),
    (Agent.Role.LIGHT, gettext_noop("Reads in their departments and writes notes.")),
)


@require_safe
@may("administer")
def agents(request: AgentRequest) -> HttpResponse:
    """List everybody, those who have left at the end."""
    found = Agent.objects.select_related("account", "custom_role").prefetch_related("departments")
    context = {"agents": sorted(found, key=lambda one: (one.archived_at is not None, one.name))}
    return page(request, "admin/agents.html", context, here="settings")


@require_http_methods(["GET", "HEAD", "POST"])
@may("administer")
def new_agent(request: AgentRequest) -> HttpResponseBase:
    """Add an agent; a letter invites them to choose a password, and the next page shows its link, too."""
    if request.method == "POST":
        return tried(
            request, lambda: _add(request), lambda form, status: _show(request, None, form, status)
        )
    every = [str(one.pk) for one in Department.objects.filter(archived_at=None)]
    return _show(request, None, Form({"role": Agent.Role.AGENT, "departments": every}))


@require_http_methods(["GET", "HEAD", "POST"])
@may("administer")
def agent(request: AgentRequest, number: int) -> HttpResponseBase:
    """Show and change one agent."""
    found = _agent(number)
    if request.method == "POST":
        return tried(
            request,
            lambda: _change(request, found),
            lambda form, status: _show(request, _agent(number), form, status),
        )
    return _show(request, found, _form_of(found))


@require_http_methods(["GET", "HEAD", "POST"])
@may("administer")
def archive(request: AgentRequest, number: int) -> HttpResponseBase:
    """Ask whose an agent's tickets become, and let them go; DELETE brings them back."""
    found = agent_to_let_go(request, number)
    if verb_of(request) == "DELETE":
        people.bring_back_agent(found)
        return redirect("agents")
    if request.method == "POST":
        return tried(
            request,
            lambda: _let_go(request, found),
            lambda form, status: show_leaving(request, found, form, status),
        )
    return show_leaving(request, found, Form())


@require_POST
@may("administer")
def invitation(request: AgentRequest, number: int) -> HttpResponseBase:
    """Send an agent a link through which they choose a password, once, and show it."""
    found = _agent(number)
    _require_reach(request, found.role)
    if found.archived_at is not None:
        raise NotFound
    to_accounts.invite(found.account)
    return _show_link(request, found)


def _add(request: AgentRequest) -> HttpResponseBase:
    role = request.POST.get("role", "")
    _require_reach(request, role)
    with transaction.atomic():
        made = people.add_agent(
            name=request.POST.get("name", ""),
            email=request.POST.get("email", ""),
            role=role,
            departments=_departments(request),
        )
        to_accounts.invite(made.account)
    return _show_link(request, made)


def _change(request: AgentRequest, found: Agent) -> HttpResponseBase:
    role = request.POST.get("role", "")
    _require_reach(request, role, found.role)
    people.change_agent(
        found,
        name=request.POST.get("name", ""),
        email=request.POST.get("email", ""),
        role=role,
        departments=_departments(request),
    )
    return redirect("agents")


def _let_go(request: AgentRequest, found: Agent) -> HttpResponseBase:
    heir = _heir(request.POST.get("heir", ""), found)
    with transaction.atomic():
        people.archive_agent(found)
        handover.ask_to_hand_over(found, heir, by=request.by)
    leaves_something = count_left(found) or leaving.count_of(found)
    return redirect("left_behind", number=found.pk) if leaves_something else redirect("agents")


def _heir(number: str, leaver: Agent) -> Agent | None:
    """Return who gets the tickets; None for their departments.  Raises BadInput."""
    if not number:
        return None
    heirs = Agent.objects.filter(archived_at=None).exclude(pk=leaver.pk)
    found = heirs.filter(pk=number).first() if number.isdecimal() else None
    if found is None:
        raise BadInput("heir", _("Choose somebody who works here."))
    return found


def agent_to_let_go(request: AgentRequest, number: int) -> Agent:
    """Return an agent whom the caller may let go, or bring back.  Raises NotFound, NotAllowed."""
    found = _agent(number)
    _require_reach(request, found.role)
    return found


def show_leaving(
    request: AgentRequest, found: Agent, form: Form, status: int = 200
) -> HttpResponse:
    """Return the page that asks what becomes of an agent's tickets and letters."""
    others = Agent.objects.filter(archived_at=None).exclude(pk=found.pk)
    heirs = others.exclude(role=Agent.Role.LIGHT).order_by("name")
    context = {
        "agent": found,
        "form": form,
        "keeps": count_left(found),
        "letters": list(scheduled.seen_by(request.by).filter(agent=found)),
        "in_hand": handover.tickets_in_hand([found.pk]).count(),
        "heirs": [("", _("their departments")), *((one.pk, one.name) for one in heirs)],
    }
    return page(request, "admin/leaving.html", context, here="settings", status=status)


def _require_reach(request: AgentRequest, *roles: str) -> None:
    """Who is or becomes an owner is a matter for owners.  Raises NotAllowed."""
    if Agent.Role.OWNER in roles:
        access.require(request.by, "change_owner")


def _show_link(request: AgentRequest, found: Agent) -> HttpResponse:
    link = settings.DESK_URL + accounts.invitation_for(found.account)
    context = {"agent": found, "link": link}
    response = page(request, "admin/invitation.html", context, here="settings")
    # Not "no-referrer": a browser then sends the form with "Origin: null", which the CSRF check refuses.
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def _roles(found: Agent | None, *, may_own: bool) -> list[tuple[str, str, str]]:
    """Return what a form offers: value, word and a sentence about it."""
    offered = [
        (str(role.value), str(role.label), _(say))
        for role, say in ROLES
        if may_own or role != Agent.Role.OWNER
    ]
    made = CustomRole.objects.filter(archived_at=None)
    if found is not None and found.custom_role_id:
        made = CustomRole.objects.filter(Q(archived_at=None) | Q(pk=found.custom_role_id))
    return [*offered, *((f"custom-{one.pk}", one.name, _("Made to measure.")) for one in made)]


def _last_letter(found: Agent) -> Delivery | None:
    """Return the last letter with a link that went to them, while they have not come in by it."""
    if found.account.has_usable_password():
        return None
    return (
        found.account.deliveries.filter(purpose=Delivery.Purpose.INVITATION).order_by("-pk").first()
    )


def _departments(request: AgentRequest) -> list[Department]:
    wanted = [number for number in request.POST.getlist("departments") if number.isdecimal()]
    return list(Department.objects.filter(pk__in=wanted))


def _agent(number: int) -> Agent:
    found = Agent.objects.select_related("account").filter(pk=number).first()
    if found is None:
        raise NotFound
    return found


def _form_of(found: Agent) -> Form:
    return Form(
        {
            "name": found.name,
            "email": found.account.email,
            "role": found.role_key,
            "departments": [str(one.pk) for one in found.departments.all()],
        }
    )


def _show(
    request: AgentRequest, found: Agent | None, form: Form, status: int = 200
) -> HttpResponse:
    may_own = request.standing.may("change_owner", None)
    context = {
        "agent": found,
        "form": form,
        "roles": _roles(found, may_own=may_own),
        "may_change": may_own or found is None or found.role != Agent.Role.OWNER,
        "letter": _last_letter(found) if found else None,
        "departments": [(one.pk, one.name) for one in Department.objects.filter(archived_at=None)],
    }
    return page(request, "admin/agent.html", context, here="settings", status=status)
