"""What an agent has begun to write: kept by the page while they type, with files that are sent ahead.

The page asks with fetch and is answered in JSON; without scripts the form itself carries everything.
"""

from __future__ import annotations

from django.db import transaction
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.views.decorators.http import require_http_methods, require_POST

from deskbell import access
from deskbell.errors import BadInput, DeskError, NotFound
from deskbell.tickets import drafts, queries
from deskbell.tickets.drafts import WrittenElsewhere
from deskbell.tickets.models import Draft, Ticket
from deskbell.tickets.state import state_of
from deskbell.web.desk import written
from deskbell.web.visit import AgentRequest, for_agents, verb_of

LONGEST_WRITER = 32
LONGEST_VERSION = 9


@require_http_methods(["GET", "HEAD", "POST"])
@for_agents
def draft(request: AgentRequest, code: str) -> HttpResponseBase:
    """Give what is kept, and whether `writer` wrote it; post keeps what the form holds, DELETE forgets it."""
    return _keep(request, queries.ticket_for(request.by, code))


@require_http_methods(["GET", "HEAD", "POST"])
@for_agents
def new_draft(request: AgentRequest) -> HttpResponseBase:
    """The same for the mail with which a ticket is to begin, in the form `once`; tells also whether that was sent."""
    return _keep(request, None)


@require_POST
@for_agents
def draft_files(request: AgentRequest, code: str) -> HttpResponseBase:
    """Keep the file `file` with the draft; with `inline=1` it is a picture among the words."""
    return _attach(request, queries.ticket_for(request.by, code))


@require_POST
@for_agents
def new_draft_files(request: AgentRequest) -> HttpResponseBase:
    """The same for the mail with which a ticket is to begin."""
    return _attach(request, None)


@require_POST
@for_agents
def draft_file(request: AgentRequest, token: str) -> HttpResponseBase:
    """DELETE takes a file away from the draft that it was sent ahead for."""
    if verb_of(request) != "DELETE":
        raise NotFound
    drafts.detach(request.agent, token)
    return HttpResponse(status=204)


def _keep(request: AgentRequest, ticket: Ticket | None) -> HttpResponseBase:
    if verb_of(request) == "DELETE":
        drafts.drop(request.agent, ticket, parts_of(ticket), written.once(request))
        return HttpResponse(status=204)
    require_may_write(request, ticket)
    if request.method != "POST":
        once = request.GET.get("once", "")
        there = drafts.of(request.agent, ticket, parts_of(ticket), once)
        is_own = there is not None and there.writer == request.GET.get("writer", "")
        told = _told(there) | {"own": is_own}
        if ticket is None:
            told["sent"] = drafts.was_sent(request.agent, once)
        return JsonResponse(told)
    version = request.POST.get("version", "0")
    try:
        kept = drafts.keep(
            request.agent,
            ticket,
            written.words(request),
            version=int(version) if version.isdecimal() and len(version) <= LONGEST_VERSION else 0,
            writer=writer_of(request),
            parts=parts_of(ticket),
            once=written.once(request),
        )
    except WrittenElsewhere as error:
        return JsonResponse({**_told(error.draft), "sentence": error.sentence}, status=error.status)
    except DeskError as error:
        return JsonResponse({"sentence": error.sentence}, status=error.status)
    return JsonResponse({"version": kept.version if kept else 0})


def _attach(request: AgentRequest, ticket: Ticket | None) -> HttpResponseBase:
    require_may_write(request, ticket)
    sent = request.FILES.get("file")
    try:
        if sent is None or not sent.name:
            raise BadInput("file", "file must be a file")
        token = written.keep_file(
            request,
            ticket,
            sent,
            inline=request.POST.get("inline") == "1",
            writer=writer_of(request),
        )
    except DeskError as error:
        return JsonResponse({"sentence": error.sentence}, status=error.status)
    found = drafts.file_of(request.agent, token)
    return JsonResponse(
        {
            "token": token,
            "name": found.name,
            "size_bytes": found.size_bytes,
            "version": found.draft.version,
        },
        status=201,
    )


def require_may_write(request: AgentRequest, ticket: Ticket | None) -> None:
    """Let whoever may write something here keep it.  Raises NotAllowed."""
    if ticket is None:
        access.require(request.by, "open")
    elif not any(request.standing.may(verb, ticket) for verb in ("reply", "forward")):
        access.require(request.by, "note", ticket)


def keep_form(request: AgentRequest, ticket: Ticket | None) -> Draft:
    """Make what a form holds the draft, with the files that came along; for browsers without scripts.

    Raises BadInput.
    """
    with transaction.atomic():
        written.keep_files(request, ticket)
        return drafts.put(
            request.agent,
            ticket,
            written.words(request),
            parts=parts_of(ticket),
            once=written.once(request),
        )


def writer_of(request: AgentRequest) -> str:
    """Return the window that a form is typed in; "" for a form without scripts."""
    return request.POST.get("writer", "")[:LONGEST_WRITER]


def _told(draft: Draft | None) -> dict[str, object]:
    """Return a draft as another window is told of it; version 0 when it was sent or dropped."""
    if draft is None:
        return {"version": 0, "text": "", "html": ""}
    return {"version": draft.version, "text": draft.text, "html": draft.html}


def parts_of(ticket: Ticket | None) -> tuple[int, ...]:
    """Return the numbers of the tickets that were merged into one; none while there is no ticket."""
    return state_of(ticket).sources if ticket is not None else ()
