"""Short words for tests of the desk's pages: what stands on one, and pressing what is offered there."""

from __future__ import annotations

from django.test import Client

from deskbell.tickets.models import Ticket


def fresh(ticket: Ticket) -> Ticket:
    """Return the ticket as it stands now."""
    return Ticket.objects.get(pk=ticket.pk)


def page_of(client: Client, ticket: Ticket) -> str:
    """Return the page of a ticket."""
    answer = client.get(f"/tickets/{ticket.code}")
    assert answer.status_code == 200
    return answer.content.decode()


def press(client: Client, ticket: Ticket, path: str, **form: str) -> None:
    """Send a form to an address of the ticket; it must be led back somewhere."""
    answer = client.post(f"/tickets/{ticket.code}/{path}", form)
    assert answer.status_code == 302, answer.content.decode()[:2000]


def take_away(client: Client, ticket: Ticket, path: str, **form: str) -> None:
    """Take a thing of the ticket away, as forms say it."""
    press(client, ticket, path, _method="DELETE", **form)


def refused(client: Client, ticket: Ticket, path: str, **form: str) -> tuple[int, str]:
    """Send a form that must be refused; return the status and the page that says why."""
    answer = client.post(f"/tickets/{ticket.code}/{path}", form)
    assert answer.status_code >= 400
    return answer.status_code, answer.content.decode()
