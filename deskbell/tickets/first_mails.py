"""The mail with which a ticket begins, written now and leaving later: until then there is no ticket.

Its customer is met when it leaves, together with their ticket; nothing on the desk can come before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from deskbell import access
from deskbell.errors import BadInput
from deskbell.people import customers
from deskbell.people.models import Agent, Customer, Department
from deskbell.tickets import actions, drafts, leaving
from deskbell.tickets.actions.transfer import require_open
from deskbell.tickets.models import Draft, Message, Ticket

if TYPE_CHECKING:
    from deskbell.people.actors import Actor
    from deskbell.tickets.content import Content, Recipient
    from deskbell.tickets.drafts import Words
    from deskbell.tickets.leaving import Plan


def schedule(
    words: Words, plan: Plan, department: Department, *, by: Actor, once: str = ""
) -> Draft:
    """Let the mail that `by` has begun leave later, and its ticket begin then.

    words  as the form holds them: `subject` and `phone` stand in its fields
    plan   its first recipient with role to is the customer
    once   a token of the form that was sent: sent again, it gives back what the first made of it
    Raises NotAllowed, BadInput.
    """
    access.require(by, "open", Ticket(department=department))
    require_open(department)
    customers.phone_number(next(iter(words.fields.get("phone") or ()), ""))
    if not any(one.role == "to" for one in plan.to):
        raise BadInput("customer", _("Say to whom this goes."))
    with transaction.atomic():
        # The same form twice at once: the second waits here, and finds what the first has made.
        agent = Agent.objects.select_for_update().get(pk=by.id or 0)
        there = leaving.waiting().filter(agent=agent, ticket=None, once=once)
        if once and (earlier := there.first()) is not None:
            return earlier
        fields = {**words.fields, "kind": ["mail"], "department": [str(department.pk)]}
        begun = None if plan.files is not None else drafts.held(agent, None, once=once)
        said = drafts.Words(words.text, words.html, fields)
        return leaving.put_aside(begun, agent, None, said, plan, once)


def begin_ticket(
    draft: Draft, content: Content, to: tuple[Recipient, ...], *, by: Actor
) -> Message:
    """Begin the ticket of a mail whose moment has come, and return its message; scheduled.send calls it.

    Raises NotAllowed, BadInput.
    """
    first = next(one for one in to if one.role == "to")
    customer = customers.customer_for(first.address, first.name)
    if phone := customers.phone_number(draft.said("phone")):
        customers.also_reached_at(customer.customer, phone, kind="phone")
    ticket = actions.open_ticket(
        by=by,
        subject=draft.said("subject"),
        content=content,
        department=Department.objects.get(pk=department_of(draft)),
        customer=customer,
        recipients=to,
        copies=leaving.copies_of(draft),
        channel="mail",
        kind="reply",
        once=draft.once,
    )
    return ticket.messages.get(kind=Message.Kind.REPLY)


def department_of(draft: Draft) -> int:
    """Return the number of the department in which its ticket will begin."""
    return int(draft.said("department") or 0)


def forget_those_to(customer: Customer) -> None:
    """Forget what was begun or waits for a customer who is erased, with whom no ticket has begun yet."""
    theirs = set(customer.addresses.values_list("value", flat=True))
    found = [
        one.pk
        for one in Draft.objects.filter(ticket=None)
        if theirs & {one.said("customer").strip().lower(), *leaving.addresses_of(one)}
    ]
    if found:
        drafts.delete(Draft.objects.filter(pk__in=found))
