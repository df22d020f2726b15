"""Canned answers where somebody writes: what is offered, and putting one in, with its files.

The composer's list asks with fetch and is answered in JSON; what fits a ticket comes into the empty composer as a
piece.  Without scripts the same is a page of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.db import transaction
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from deskbell.errors import NotFound
from deskbell.knowledge import filling, uses
from deskbell.knowledge.canned import usable
from deskbell.knowledge.filling import About, Filled
from deskbell.knowledge.models import CannedAnswer
from deskbell.knowledge.offers import Offer, narrowed, offered, that_fit
from deskbell.knowledge.suggest import Suggestion
from deskbell.notices.paragraphs import html_of_text
from deskbell.people.customers import known_address
from deskbell.tickets import drafts, queries
from deskbell.tickets.drafts import Words
from deskbell.tickets.files import Kept
from deskbell.tickets.models import DraftFile, Ticket
from deskbell.web.desk import written
from deskbell.web.desk.drafts import keep_form, parts_of, require_may_write, writer_of
from deskbell.web.desk.page import page
from deskbell.web.visit import AgentRequest, for_agents

LONGEST_SEARCH = 100
# On the page without scripts; who has more searches.
MOST = 100
MOST_BECAUSE = 3


@require_safe
@for_agents
def offers(request: AgentRequest, code: str = "") -> HttpResponse:
    """Give what is offered for the words `q` that stand behind the slash; for none, what fits the ticket."""
    ticket = _ticket(request, code)
    about = filling.about_ticket(ticket) if ticket else About()
    found = offered(request.by, request.GET.get("q", "")[:LONGEST_SEARCH], ticket, about)
    return JsonResponse({"offers": [_told(one) for one in found]})


@require_safe
@for_agents
def fitting(request: AgentRequest, code: str) -> HttpResponse:
    """Give the piece with what fits the ticket; the page asks for it once it stands, for it takes its time."""
    ticket = queries.ticket_for(request.by, code)
    require_may_write(request, ticket)
    found = that_fit(request.by, ticket, filling.about_ticket(ticket))
    context = {"fitting": [(one.answer, _because(one.because)) for one in found]}
    return render(request, "desk/canned/_fitting.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_agents
def choose(request: AgentRequest, code: str = "") -> HttpResponseBase:
    """Show what may be put into what is being written; post keeps that first, as the form brought it."""
    ticket = _ticket(request, code)
    if request.method == "POST":
        keep_form(request, ticket)
        return redirect(_address(ticket, "/canned-answers", written.once(request)))
    asked, once = request.GET.get("q", "")[:LONGEST_SEARCH], request.GET.get("once", "")
    about = _about(request, ticket, once)
    if asked.strip():
        found = [Offer(one) for one in narrowed(request.by, asked)[:MOST]]
    else:
        first = offered(request.by, "", ticket, about)
        known = {one.answer.pk for one in first}
        rest = usable(request.by).exclude(pk__in=known)[: MOST - len(first)]
        found = first + [Offer(one) for one in rest]
    context = {
        "asked": asked,
        "once": once,
        "back": _back(request, ticket, once),
        "puts": _address(ticket, "/canned-answers"),
        "rows": [_row(request, one, about) for one in found],
    }
    return page(
        request, "desk/canned/choose.html", context, here="ticket" if ticket else "new_ticket"
    )


@require_POST
@for_agents
def put(request: AgentRequest, number: int, code: str = "") -> HttpResponseBase:
    """Say what an answer says here, in JSON, its files in the draft; for a page put it into the draft, too."""
    ticket = _ticket(request, code)
    answer = usable(request.by).filter(pk=number).first()
    if answer is None:
        raise NotFound
    by_script = "application/json" in request.headers.get("Accept", "")
    once = written.once(request)
    said = _said(request, answer, _about(request, ticket, once, from_form=by_script))
    html = said.html or str(html_of_text(said.plain))
    with transaction.atomic():
        if not by_script:
            _put_below(request, ticket, answer, Words(said.plain, html))
        kept = _files_into_draft(request, ticket, answer)
    if not by_script:
        return redirect(_back(request, ticket, once, "?begun"))
    files = [
        {
            "token": one.token,
            "name": one.name,
            "size_bytes": one.size_bytes,
            "version": one.draft.version,
        }
        for one in kept
    ]
    return JsonResponse({"text": said.plain, "html": html, "files": files})


@dataclass(frozen=True, slots=True)
class Row:
    """A canned answer that may be put in; because: why it fits, "" where nobody says so."""

    answer: CannedAnswer
    words: str
    because: str


def _row(request: AgentRequest, one: Offer, about: About) -> Row:
    return Row(one.answer, _said(request, one.answer, about).plain, _because(one.because))


def _told(one: Offer) -> dict[str, Any]:
    answer = one.answer
    shown = [f"/{answer.abbreviation}" if answer.abbreviation else "", answer.folder]
    says = _because(one.because) or " · ".join(part for part in shown if part)
    return {"number": answer.pk, "name": answer.name, "says": says}


def _because(found: Suggestion | None) -> str:
    if found is None:
        return ""
    if found.because:
        return _("fits: %(words)s") % {"words": ", ".join(found.because[:MOST_BECAUSE])}
    return _("answers such tickets")


def _said(request: AgentRequest, answer: CannedAnswer, about: About) -> Filled:
    text = filling.in_language(list(answer.texts.all()), about.languages)
    if text is None:
        raise NotFound
    return filling.fill(text.plain, text.html, text.language, about, request.agent)


def _about(
    request: AgentRequest, ticket: Ticket | None, once: str, *, from_form: bool = False
) -> About:
    """Return what the answer is about: the ticket, or what the form of a new one says so far.

    from_form  the form came along; else the draft holds what it said
    """
    if ticket is not None:
        return filling.about_ticket(ticket)
    kept = None if from_form else drafts.of(request.agent, None, once=once)
    fields = {name: next(iter(values), "") for name, values in kept.fields.items()} if kept else {}
    sent = request.POST if from_form else fields
    may_see = request.standing.may("see_customers", None)
    address = known_address(sent.get("customer", "")) if may_see else None
    customer = address.customer if address else None
    number = sent.get("department", "")
    department = next((one for one in request.working if str(one.pk) == number), None)
    return About(
        name=sent.get("name", "").strip() or (customer.name if customer else ""),
        company=filling.company_of(customer),
        subject=sent.get("subject", ""),
        department=filling.a_department(department),
        languages=filling.languages_for(customer),
    )


def _put_below(
    request: AgentRequest, ticket: Ticket | None, answer: CannedAnswer, said: Words
) -> None:
    """Put what an answer says below what was begun, as a draft."""
    parts, once = parts_of(ticket), written.once(request)
    kept = drafts.of(request.agent, ticket, parts, once)
    begun = Words(kept.text, kept.html, kept.fields) if kept else Words()
    fields = dict(begun.fields)
    fields[uses.FIELD] = [*fields.get(uses.FIELD, ()), str(answer.pk)]
    text = "\n\n".join(one for one in (begun.text, said.text) if one)
    html = (begun.html or str(html_of_text(begun.text))) + said.html
    drafts.put(request.agent, ticket, Words(text, html, fields), parts=parts, once=once)


def _files_into_draft(
    request: AgentRequest, ticket: Ticket | None, answer: CannedAnswer
) -> list[DraftFile]:
    return [
        drafts.attach(
            request.agent,
            ticket,
            Kept(one.sha256, one.size_bytes),
            name=one.name,
            content_type=one.content_type,
            writer=writer_of(request),
            once=written.once(request),
        )
        for one in answer.files.all()
    ]


def _ticket(request: AgentRequest, code: str) -> Ticket | None:
    """Return the ticket that is written on, None for one that is still to be opened.  Raises NotAllowed."""
    ticket = queries.ticket_for(request.by, code) if code else None
    require_may_write(request, ticket)
    return ticket


def _address(ticket: Ticket | None, then: str, once: str = "") -> str:
    """Return an address of what is written; of a form in which a ticket is to begin it says which."""
    if ticket is not None:
        return f"/tickets/{ticket.code}{then}"
    return f"/tickets/new{then}" + (f"?once={quote(once)}" if once else "")


def _back(request: AgentRequest, ticket: Ticket | None, once: str, then: str = "#composer") -> str:
    if ticket is not None:
        return f"/tickets/{ticket.code}{then}"
    kept = drafts.of(request.agent, None, once=once)
    return f"/tickets/new?draft={kept.pk}" if kept else "/tickets/new"
