"""Our addresses: what comes to one becomes tickets of its department, and answers leave from it."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from deskbell.channels.mail import boxes, outcomes, plus
from deskbell.channels.mail.models import MailBox, Source
from deskbell.errors import BadInput, NotFound
from deskbell.people.models import Department
from deskbell.web.desk.page import page
from deskbell.web.forms import Form, tried
from deskbell.web.visit import AgentRequest, may, verb_of

FETCHED = "fetched"


@require_safe
@may("administer")
def mailboxes(request: AgentRequest) -> HttpResponse:
    """List the mail boxes, with where their answers go."""
    found = MailBox.objects.select_related("department", "source")
    ordered = sorted(found, key=lambda box: (box.archived_at is not None, box.address))
    context = {"boxes": [(box, boxes.shown_relay(box), _source(box)) for box in ordered]}
    return page(request, "admin/mailboxes.html", context, here="settings")


@sensitive_post_parameters("relay")
@require_http_methods(["GET", "HEAD", "POST"])
@may("administer")
def new_mailbox(request: AgentRequest) -> HttpResponseBase:
    """Connect an address."""

    def act() -> HttpResponseBase:
        box = boxes.add_mailbox(
            address=request.POST.get("address", ""),
            department=_department(request),
            name=request.POST.get("name", ""),
            relay=request.POST.get("relay", ""),
            agents_answer=request.POST.get("agents_answer", MailBox.AgentsAnswer.AUTO),
            from_name=request.POST.get("from_name", MailBox.FromName.TEAM),
            is_plain=request.POST.get("letters") == "plain",
        )
        if request.POST.get("comes") == FETCHED:
            return redirect("source", number=box.pk)
        return redirect("mailboxes")

    if request.method == "POST":
        return tried(request, act, lambda form, status: _show(request, None, form, status))
    first = _form_of(MailBox())
    return _show(request, None, Form({**first.values, "comes": FETCHED}))


@sensitive_post_parameters("relay")
@require_http_methods(["GET", "HEAD", "POST"])
@may("administer")
def mailbox(request: AgentRequest, number: int) -> HttpResponseBase:
    """Show and change one mail box.  Its relay is never shown: an empty field leaves it as it is."""
    found = _box(number)

    def act() -> HttpResponseBase:
        forget = bool(request.POST.get("forget_relay"))
        boxes.change_mailbox(
            found,
            address=request.POST.get("address", ""),
            department=_department(request),
            name=request.POST.get("name", ""),
            relay="" if forget else request.POST.get("relay", "") or None,
            agents_answer=request.POST.get("agents_answer"),
            from_name=request.POST.get("from_name"),
            is_plain=request.POST["letters"] == "plain" if "letters" in request.POST else None,
        )
        return redirect("mailboxes")

    if request.method == "POST":
        return tried(request, act, lambda form, status: _show(request, _box(number), form, status))
    return _show(request, found, _form_of(found))


@require_POST
@may("administer")
def archive(request: AgentRequest, number: int) -> HttpResponseBase:
    """Take no more letters for an address; DELETE takes them again."""
    found = _box(number)
    if verb_of(request) == "DELETE":
        boxes.bring_back_mailbox(found)
    else:
        boxes.archive_mailbox(found)
    return redirect("mailboxes")


def _ways_to_come() -> list[tuple[str, str, str]]:
    return [
        (
            FETCHED,
            _("The desk fetches them"),
            _(
                "From your mail provider's server, by IMAP or POP3. Its name and password come next."
            ),
        ),
        (
            "handed",
            _("A mail server hands them on"),
            _("A server of your own sends them to the desk's SMTP port, or through a pipe."),
        ),
    ]


def _source(box: MailBox) -> Source | None:
    return getattr(box, "source", None)


@require_POST
@may("administer")
def by_provider(request: AgentRequest, number: int) -> HttpResponseBase:
    """Let answers leave at the provider whose permission fetches the letters."""
    found = _box(number)

    def act() -> HttpResponseBase:
        boxes.send_through_provider(found)
        return redirect("mailbox", number=number)

    return tried(request, act, lambda form, status: _show(request, found, form, status))


@require_POST
@may("administer")
def plus_address(request: AgentRequest, number: int) -> HttpResponseBase:
    """Find out anew whether the mail box gets letters with a "+" in its address."""
    plus.try_out(_box(number))
    return redirect("mailbox", number=number)


def _why_not_there(found: MailBox) -> str:
    """Return why the letter that a mail box wrote to itself has not left; "" when it has."""
    probe = plus.delivery_of(found)
    return outcomes.sentence_of(probe) if probe is not None and probe.reason else ""


def _department(request: AgentRequest) -> Department:
    asked = request.POST.get("department", "")
    found = Department.objects.filter(pk=asked).first() if asked.isdecimal() else None
    if found is None:
        raise BadInput("department", _("Choose one of the departments."))
    return found


def _box(number: int) -> MailBox:
    found = MailBox.objects.select_related("department").filter(pk=number).first()
    if found is None:
        raise NotFound
    return found


def _form_of(found: MailBox) -> Form:
    return Form(
        {
            "address": found.address,
            "department": str(found.department_id or ""),
            "name": found.name,
            "agents_answer": found.agents_answer,
            "from_name": found.from_name,
            "letters": "plain" if found.is_plain else "rich",
        }
    )


def _show(
    request: AgentRequest, found: MailBox | None, form: Form, status: int = 200
) -> HttpResponse:
    working = Department.objects.filter(archived_at=None)
    context = {
        "box": found,
        "relay": boxes.shown_relay(found) if found else None,
        "source": _source(found) if found else None,
        "form": form,
        "ways_to_come": _ways_to_come(),
        "ways_to_answer": MailBox.AgentsAnswer.choices,
        "names": MailBox.FromName.choices,
        "of_provider": boxes.relay_of_provider(found) if found else "",
        "plus": plus.state_of(found) if found else None,
        "why": _why_not_there(found) if found else "",
        "departments": [(one.pk, one.name) for one in working],
    }
    return page(request, "admin/mailbox.html", context, here="settings", status=status)
