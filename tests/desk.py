"""A desk to test with: short words for what people do, on top of the real actions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deskbell.tickets import actions
from deskbell.tickets.content import Content
from tests.cast import by

if TYPE_CHECKING:
    from deskbell.people.models import Address, Department
    from deskbell.tickets.models import Ticket


def a_ticket(
    department: Department,
    customer: Address,
    *,
    subject: str = "The zip came apart",
    text: str = "After two nights the zip came apart.",
) -> Ticket:
    """Return a New ticket that a customer wrote by mail."""
    return actions.open_ticket(
        by=by(customer),
        subject=subject,
        content=Content(text),
        department=department,
        customer=customer,
        channel="mail",
    )


def writes_again(
    ticket: Ticket, customer: Address, text: str = "One more thing."
) -> actions.Received:
    """Let a customer write into a ticket."""
    return actions.receive(ticket, Content(text), by=by(customer), address=customer)
