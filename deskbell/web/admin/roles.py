"""What each role may do, and roles made to measure."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from deskbell.access import custom_roles, roles
from deskbell.access.roles import Reach
from deskbell.errors import NotFound
from deskbell.people.models import Agent, CustomRole
from deskbell.web.desk.page import page
from deskbell.web.forms import Form, tried
from deskbell.web.visit import AgentRequest, may, verb_of

# What each right lets somebody do, in the groups in which pages show them.
WORDS: dict[str | Promise, dict[str, str | Promise]] = {
    _("Reading and writing"): {
        "see": _("see tickets"),
        "note": _("write notes"),
        "mention": _("call colleagues in a note"),
        "follow": _("follow tickets"),
        "open": _("open tickets for customers"),
        "reply": _("answer customers"),
        "forward": _("forward to somebody outside, and write to them"),
        "accept_sender": _("accept a new sender"),
        "add_participant": _("copy somebody in"),
        "remove_participant": _("copy somebody in no longer"),
    },
    _("Who sees to it"): {
        "take": _("take tickets"),
        "assign": _("assign tickets, or take an assignee away"),
        "resign": _("hand one's own ticket back"),
        "give_back": _("take a ticket off an agent's hands"),
        "transfer": _("transfer to another department"),
        "escalate": _("escalate, with a reason"),
    },
    _("Its life"): {
        "mark_answered": _("mark as answered without a message"),
        "postpone": _("postpone until a moment"),
        "wake": _("bring a postponed ticket back"),
        "resolve": _("resolve"),
        "close": _("close"),
        "reopen": _("open again"),
        "undo": _("take back what one did oneself"),
    },
    _("What it is"): {
        "describe": _("change subject and description"),
        "prioritise": _("set the priority"),
        "tag": _("tag, and take tags away"),
        "check_off": _("keep the checklist"),
        "change_customer": _("make it another customer's ticket"),
        "merge": _("merge tickets"),
        "unmerge": _("take a merge apart"),
        "split": _("split a message off"),
        "link": _("link tickets"),
        "unlink": _("take a link away"),
    },
    _("Away with it"): {
        "spam": _("mark as spam"),
        "not_spam": _("say that it is no spam"),
        "delete": _("delete"),
        "restore": _("restore a deleted ticket"),
        "redact": _("take words out, for good"),
        "purge": _("purge a deleted or spam ticket, for good"),
        "erase": _("forget a customer, for good"),
    },
    _("The desk"): {
        "see_customers": _("look at customers"),
        "change_customers": _("change what is known of customers"),
        "block_sender": _("block a sender"),
        "see_agents": _("look at colleagues"),
        "share_views": _("save views for a department or for everybody"),
        "share_canned_answers": _("keep canned answers for a department or for everybody"),
        "see_letters": _("look at letters as they came"),
        "retry_letter": _("have a letter read again"),
        "administer": _("change these settings, departments, mail boxes, agents"),
        "change_owner": _("make owners, and change them"),
    },
}

REACH_WORDS: dict[Reach, str | Promise] = {
    Reach.NONE: _("no"),
    Reach.OWN: _("their own"),
    Reach.DEPARTMENTS: _("their departments"),
    Reach.ALL: _("all"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """A role as the table of rights shows it."""

    name: str
    reaches: dict[str, Reach]


@require_safe
@may("administer")
def all_roles(request: AgentRequest) -> HttpResponse:
    """Show what each role may do, and who has which."""
    made = list(CustomRole.objects.all())
    columns = [
        Column(
            str(Agent.Role(role).label), {verb: roles.reach_of(role, verb) for verb in roles.TABLE}
        )
        for role in roles.ROLES
    ]
    columns += [
        Column(
            one.name, {verb: roles.read(one.rights).get(verb, Reach.NONE) for verb in roles.TABLE}
        )
        for one in made
        if one.archived_at is None
    ]
    context = {
        "made": sorted(made, key=lambda one: (one.archived_at is not None, one.name)),
        "columns": columns,
        "words": WORDS,
        "reach_words": REACH_WORDS,
    }
    return page(request, "admin/roles.html", context, here="settings")


@require_http_methods(["GET", "HEAD", "POST"])
@may("administer")
def new_role(request: AgentRequest) -> HttpResponseBase:
    """Make a role, beginning like one that there is."""

    def act() -> HttpResponseBase:
        custom_roles.add_role(name=request.POST.get("name", ""), rights=_rights(request))
        return redirect("roles")

    if request.method == "POST":
        return tried(request, act, lambda form, status: _show(request, None, form, status))
    like = request.GET.get("like", "")
    begins = {
        verb: str(int(roles.reach_of(like if like in roles.ROLES else "agent", verb)))
        for verb in roles.TABLE
    }
    return _show(request, None, Form(begins))


@require_http_methods(["GET", "HEAD", "POST"])
@may("administer")
def role(request: AgentRequest, number: int) -> HttpResponseBase:
    """Show and change one."""
    found = _role(number)

    def act() -> HttpResponseBase:
        custom_roles.change_role(found, name=request.POST.get("name", ""), rights=_rights(request))
        return redirect("roles")

    if request.method == "POST":
        return tried(request, act, lambda form, status: _show(request, _role(number), form, status))
    return _show(request, found, _form_of(found))


@require_POST
@may("administer")
def archive(request: AgentRequest, number: int) -> HttpResponseBase:
    """Offer a role no more; DELETE offers it again."""
    found = _role(number)
    if verb_of(request) == "DELETE":
        custom_roles.bring_back_role(found)
    else:
        custom_roles.archive_role(found)
    return redirect("roles")


def _rights(request: AgentRequest) -> dict[str, int]:
    """Return what the form gives; what it does not name is not given."""
    offered = {verb: request.POST.get(verb, "0") for verb in roles.TABLE if roles.choices_for(verb)}
    return {verb: int(figure) if figure.isdecimal() else -1 for verb, figure in offered.items()}


def _role(number: int) -> CustomRole:
    found = CustomRole.objects.filter(pk=number).first()
    if found is None:
        raise NotFound
    return found


def _form_of(found: CustomRole) -> Form:
    reaches = roles.read(found.rights)
    figures = {verb: str(int(reaches.get(verb, Reach.NONE))) for verb in roles.TABLE}
    return Form({"name": found.name, **figures})


def _show(
    request: AgentRequest, found: CustomRole | None, form: Form, status: int = 200
) -> HttpResponse:
    context = {
        "role": found,
        "form": form,
        "groups": [
            (
                title,
                [
                    (verb, words, [(int(one), REACH_WORDS[one]) for one in roles.choices_for(verb)])
                    for verb, words in rights.items()
                    if roles.choices_for(verb)
                ],
            )
            for title, rights in WORDS.items()
        ],
        "people": Agent.objects.filter(custom_role=found, archived_at=None).count() if found else 0,
    }
    return page(request, "admin/role.html", context, here="settings", status=status)
