"""All of /api/v1, put together from one router for each resource."""

from __future__ import annotations

from ninja import NinjaAPI

from deskbell.api import openapi, problems
from deskbell.api.answers import answering
from deskbell.api.bearer import Bearer
from deskbell.api.v1 import (
    agents,
    answer_mark,
    assignment,
    attachments,
    blocked_senders,
    canned_answers,
    checklist,
    closure,
    companies,
    customer,
    customers,
    deletion,
    departments,
    escalation,
    followers,
    keys,
    letters,
    links,
    mailboxes,
    merge,
    messages,
    notices,
    participants,
    postponement,
    purge,
    redactions,
    resolution,
    scheduled,
    similar,
    spam,
    splits,
    sweeps,
    tags,
    ticket_templates,
    tickets,
    timeline,
    transfer,
    views,
)

RESOURCES = (
    ("tickets", tickets.router),
    ("messages", messages.router),
    ("messages", scheduled.router),
    ("timeline", timeline.router),
    ("assignment", assignment.router),
    ("assignment", transfer.router),
    ("assignment", escalation.router),
    ("assignment", followers.router),
    ("status", answer_mark.router),
    ("status", postponement.router),
    ("status", resolution.router),
    ("status", closure.router),
    ("hiding", spam.router),
    ("hiding", deletion.router),
    ("hiding", purge.router),
    ("hiding", redactions.router),
    ("several tickets", merge.router),
    ("several tickets", splits.router),
    ("several tickets", links.router),
    ("several tickets", similar.router),
    ("several tickets", sweeps.router),
    ("participants", participants.router),
    ("participants", customer.router),
    ("tags", tags.router),
    ("blocked_senders", blocked_senders.router),
    ("checklist", checklist.router),
    ("attachments", attachments.router),
    ("letters", letters.router),
    ("customers", customers.router),
    ("companies", companies.router),
    ("agents", agents.router),
    ("departments", departments.router),
    ("mail boxes", mailboxes.router),
    ("notices", notices.router),
    ("views", views.router),
    ("canned answers", canned_answers.router),
    ("ticket templates", ticket_templates.router),
    ("keys", keys.router),
)


def build() -> NinjaAPI:
    """Return the API with all its addresses."""
    api = openapi.Described(
        title="Deskbell",
        version="1",
        description=openapi.DESCRIPTION,
        docs_url=None,
        openapi_url=None,
        urls_namespace="api-v1",
        auth=Bearer(),
    )
    problems.register(api)
    api.add_decorator(answering)
    for name, router in RESOURCES:
        api.add_router("", router, tags=[name])
    return api
