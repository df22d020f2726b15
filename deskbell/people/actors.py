"""Who did it: a person, a customer, a rule, the clock or a migration, as the two values an entry keeps.

Every action takes one as `by=`; it is never None and never a guess.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext as _

from deskbell.database.prepared import Prepared
from deskbell.people.models import Address, Agent, Customer

ActorKind = Literal["agent", "customer", "rule", "clock", "migration"]


@dataclass(frozen=True, slots=True)
class Actor:
    """The author of an entry.

    kind  what sort of author
    id    the agent's, customer's or rule's number; None for the clock and migrations
    """

    kind: ActorKind
    id: int | None = None

    @classmethod
    def agent(cls, agent: Agent) -> Actor:
        """Return this agent as an author."""
        return cls("agent", agent.pk)

    @classmethod
    def customer(cls, customer: Customer) -> Actor:
        """Return this customer as an author."""
        return cls("customer", customer.pk)

    @property
    def is_agent(self) -> bool:
        """Whether a person of the desk did it."""
        return self.kind == "agent"


CLOCK = Actor("clock")
MIGRATION = Actor("migration")


def names_of(actors: set[Actor]) -> dict[Actor, str]:
    """Return the name to show for each of `actors`, in the reader's language; three queries at the most."""
    agents = dict(_agents(_ids(actors, "agent")))
    customers = dict(_customers(_ids(actors, "customer")))
    if nameless := [number for number, name in customers.items() if not name]:
        customers |= _first_addresses(nameless)
    return {actor: _name(actor, agents, customers) for actor in actors}


_agents = Prepared(
    lambda ids: Agent.objects.filter(pk__in=ids).order_by().values_list("pk", "name")
)
_customers = Prepared(lambda ids: Customer.objects.filter(pk__in=ids).values_list("pk", "name"))


def _ids(actors: set[Actor], kind: str) -> list[int]:
    return [actor.id for actor in actors if actor.kind == kind and actor.id is not None]


def _first_addresses(customers: list[int]) -> dict[int, str]:
    found = Address.objects.filter(customer__in=customers).order_by("-id")
    return dict.fromkeys(customers, _("a customer")) | dict(
        found.values_list("customer_id", "value")
    )


def _name(actor: Actor, agents: dict[int, str], customers: dict[int, str]) -> str:
    match actor.kind:
        case "agent":
            return agents.get(actor.id or 0, _("a former agent"))
        case "customer":
            return customers.get(actor.id or 0, _("a customer"))
        case "rule":
            return _("a rule")
        case "clock":
            return _("the clock")
        case "migration":
            return _("the import")
