"""The people of our tests.

Anna owns the desk.  Bela is an agent in Support, Cecil a light agent there.  Dora works in Billing and sees
nothing of Support.  Emil and Frida of Acme are customers; Mallory is nobody's friend.
"""

from __future__ import annotations

from dataclasses import dataclass

from deskbell import clock
from deskbell.people.actors import Actor
from deskbell.people.customers import customer_for
from deskbell.people.models import Account, Address, Agent, Company, Department, Desk, Membership

PASSWORD = "brass bell on the counter"


@dataclass(frozen=True)
class Cast:
    """Everybody, met once a test."""

    support: Department
    billing: Department
    anna: Agent
    bela: Agent
    cecil: Agent
    dora: Agent
    acme: Company
    emil: Address
    frida: Address
    mallory: Address


def meet() -> Cast:
    """Make everybody, in a desk that is set up."""
    desk = Desk.get()
    desk.name, desk.set_up_at, desk.setup_token_hash = "Lomnica Outdoor", clock.now(), ""
    desk.save(update_fields=("name", "set_up_at", "setup_token_hash"))
    support, billing = (Department.objects.create(name=name) for name in ("Support", "Billing"))
    acme = Company.objects.create(name="Acme")
    return Cast(
        support=support,
        billing=billing,
        anna=hire("Anna van der Meulen", "anna@desk.example", "owner", support, billing),
        bela=hire("Bela Kerekes", "bela@desk.example", "agent", support),
        cecil=hire("Cecil Day", "cecil@desk.example", "light", support),
        dora=hire("Dora Lind", "dora@desk.example", "agent", billing),
        acme=acme,
        emil=_customer("emil@acme.example", "Emil Novák", acme),
        frida=_customer("frida@acme.example", "Frida Berg", acme),
        mallory=_customer("mallory@elsewhere.example", "Mallory", None),
    )


def hire(name: str, email: str, role: str, *departments: Department) -> Agent:
    """Return an agent with an account whose password is PASSWORD."""
    account = Account(email=email, name=name)
    account.set_password(PASSWORD)
    account.save()
    agent = Agent.objects.create(account=account, role=role, name=name)
    for department in departments:
        Membership.objects.create(agent=agent, department=department)
    return agent


def by(person: Agent | Address) -> Actor:
    """Return the actor that a person is."""
    return Actor.agent(person) if isinstance(person, Agent) else Actor.customer(person.customer)


def _customer(email: str, name: str, company: Company | None) -> Address:
    address = customer_for(email, name)
    address.customer.company = company
    address.customer.save(update_fields=("company",))
    return address
