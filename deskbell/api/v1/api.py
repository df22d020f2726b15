"""All of /api/v1, put together from one router for each resource."""

from __future__ import annotations

from ninja import NinjaAPI

from deskbell.api import openapi, problems
from deskbell.api.answers import answering
from deskbell.api.bearer import Bearer
from deskbell.api.v1 import (
    agents,
    assignment,
    attachments,
    closure,
    companies,
    customers,
    departments,
    keys,
    letters,
    mailboxes,
    messages,
    participants,
    resolution,
    tickets,
    timeline,
    transfer,
)

RESOURCES = (
    ("tickets", tickets.router),
    ("messages", messages.router),
    ("timeline", timeline.router),
    ("assignment", assignment.router),
    ("assignment", transfer.router),
    ("resolution", resolution.router),
    ("closure", closure.router),
    ("participants", participants.router),
    ("attachments", attachments.router),
    ("letters", letters.router),
    ("customers", customers.router),
    ("companies", companies.router),
    ("agents", agents.router),
    ("departments", departments.router),
    ("mail boxes", mailboxes.router),
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
