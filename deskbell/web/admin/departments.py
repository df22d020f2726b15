"""The departments, and what each decides about the life of its tickets."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Count, Q
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from deskbell.errors import BadInput, NotFound
from deskbell.people import departments as people
from deskbell.people.departments import Decisions
from deskbell.people.models import Agent, Department
from deskbell.web.desk import chosen
from deskbell.web.desk.page import page
from deskbell.web.forms import Form, tried
from deskbell.web.visit import AgentRequest, may, verb_of


@require_safe
@may("administer")
def departments(request: AgentRequest) -> HttpResponse:
    """List the departments, the closed ones at the end."""
    works = Q(agents__archived_at=None)
    found = Department.objects.annotate(people=Count("agents", filter=works)).prefetch_related(
        "mail_boxes"
    )
    context = {
        "departments": sorted(found, key=lambda one: (one.archived_at is not None, one.name))
    }
    return page(request, "admin/departments.html", context, here="settings")


@require_http_methods(["GET", "HEAD", "POST"])
@may("administer")
def new_department(request: AgentRequest) -> HttpResponseBase:
    """Add a department."""

    def act() -> HttpResponseBase:
        with transaction.atomic():
            made = people.add_department(
                name=request.POST.get("name", ""), decisions=_decisions(request)
            )
            people.set_members(made, chosen.agents(request, "members"))
        return redirect("departments")

    if request.method == "POST":
        return tried(request, act, lambda form, status: _show(request, None, form, status))
    return _show(request, None, _form_of(Department()))


@require_http_methods(["GET", "HEAD", "POST"])
@may("administer")
def department(request: AgentRequest, number: int) -> HttpResponseBase:
    """Show and change one department."""
    found = _department(number)

    def act() -> HttpResponseBase:
        with transaction.atomic():
            people.change_department(
                found, name=request.POST.get("name", ""), decisions=_decisions(request)
            )
            people.set_members(found, chosen.agents(request, "members"))
        return redirect("departments")

    if request.method == "POST":
        return tried(
            request,
            act,
            lambda form, status: _show(request, _department(number), form, status),
        )
    return _show(request, found, _form_of(found))


@require_POST
@may("administer")
def archive(request: AgentRequest, number: int) -> HttpResponseBase:
    """Close a department; DELETE opens it again."""
    found = _department(number)

    def act() -> HttpResponseBase:
        if verb_of(request) == "DELETE":
            people.bring_back_department(found)
        else:
            people.archive_department(found)
        return redirect("departments")

    return tried(
        request,
        act,
        lambda form, status: _show(
            request, found, Form(_form_of(found).values, notice=form.notice), status
        ),
    )


def _decisions(request: AgentRequest) -> Decisions:
    closes = request.POST.get("closes", "after")
    return Decisions(
        close_after_days=None if closes == "never" else _days(request, "close_after_days"),
        reopens_resolved=request.POST.get("reopens_resolved") == "yes",
        reopen_days=_days(request, "reopen_days"),
        answer_within_minutes=_minutes(request),
        strangers=request.POST.get("strangers", ""),
        acknowledges=request.POST.get("acknowledges") == "yes",
    )


def _days(request: AgentRequest, field: str) -> int:
    text = request.POST.get(field, "").strip()
    if not text.isdecimal() or len(text) > len(str(people.MOST_DAYS)):
        raise BadInput(field, _("Between 0 and %(n)d days.") % {"n": people.MOST_DAYS})
    return int(text)


def _minutes(request: AgentRequest) -> int | None:
    """Return what is promised; an empty field promises nothing."""
    text = request.POST.get("answer_within_minutes", "").strip()
    if not text:
        return None
    if not text.isdecimal() or len(text) > len(str(people.MOST_MINUTES)):
        raise BadInput(
            "answer_within_minutes",
            _("Between 1 and %(n)d minutes.") % {"n": people.MOST_MINUTES},
        )
    return int(text)


def _department(number: int) -> Department:
    found = Department.objects.filter(pk=number).first()
    if found is None:
        raise NotFound
    return found


def _form_of(found: Department) -> Form:
    days = found.close_after_days
    return Form(
        {
            "name": found.name,
            "closes": "never" if days is None else "after",
            "close_after_days": "4" if days is None else str(days),
            "reopens_resolved": "yes" if found.reopens_resolved else "no",
            "reopen_days": str(found.reopen_days),
            "answer_within_minutes": str(found.answer_within_minutes or ""),
            "strangers": str(found.strangers),
            "members": [str(one.pk) for one in found.agents.all()] if found.pk else [],
            "acknowledges": "yes" if found.acknowledges else "no",
        }
    )


def _show(
    request: AgentRequest, found: Department | None, form: Form, status: int = 200
) -> HttpResponse:
    working = Agent.objects.filter(archived_at=None).order_by("name")
    context = {
        "department": found,
        "form": form,
        "agents": [(one.pk, one.name) for one in working],
    }
    return page(request, "admin/department.html", context, here="settings", status=status)
