"""A process that does things to tickets and dies of it: `python acting_process.py DATABASE FOLDER`.

It reads lines `VERB TICKET OTHER STATEMENTS` and forks for each: the child does the verb and kills itself, with -9,
after so many statements, or right after the commit for 0.  What it prints for the line is how the child ended.
"""

import os
import signal
import sys
from typing import Any

database, folder = sys.argv[1], sys.argv[2]
os.environ["DJANGO_SETTINGS_MODULE"] = "deskbell.settings"
os.environ["DESKBELL_DATA"] = folder

import django  # noqa: E402

from deskbell import settings  # noqa: E402

settings.DATABASES["default"]["NAME"] = database
django.setup()

from django.db import connection, transaction  # noqa: E402

from deskbell.people.actors import Actor  # noqa: E402
from deskbell.people.models import Address, Agent, Department  # noqa: E402
from deskbell.tickets import actions  # noqa: E402
from deskbell.tickets.content import Content  # noqa: E402
from deskbell.tickets.models import Ticket  # noqa: E402


def die() -> None:
    """End as by a power cut."""
    os.kill(os.getpid(), signal.SIGKILL)


def act(verb: str, ticket: Ticket, other: Ticket) -> object:
    """Do one of the verbs as the owner of the desk."""
    anna = Actor.agent(Agent.objects.get(role="owner"))
    match verb:
        case "open":
            emil = Address.objects.get(value="emil@acme.example")
            return actions.open_ticket(
                by=Actor.customer(emil.customer),
                subject="Once more",
                content=Content("It came apart."),
                department=Department.objects.get(name="Support"),
                customer=emil,
                channel="mail",
            )
        case "reply":
            return actions.reply(ticket, Content("Look."), by=anna, then="resolved")
        case "merge":
            return actions.merge(ticket, other, by=anna)
        case "undo":
            return actions.undo(ticket, ticket.last_step, by=anna)
        case _:
            return actions.purge(ticket, by=anna)


def child(verb: str, ticket: int, other: int, statements: int) -> None:
    """Do it, and die where it was said."""
    left = statements

    def counted(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        nonlocal left
        result = execute(sql, params, many, context)
        left -= 1
        if left == 0 and statements > 0:
            die()
        return result

    with connection.execute_wrapper(counted), transaction.atomic():
        if statements == 0:
            transaction.on_commit(die)
        act(verb, Ticket.objects.get(pk=ticket), Ticket.objects.get(pk=other))


for line in sys.stdin:
    word, *numbers = line.split()
    pid = os.fork()
    if pid == 0:
        child(word, *(int(number) for number in numbers))
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    sys.stdout.write("killed\n" if os.WIFSIGNALED(status) else f"ended {os.WEXITSTATUS(status)}\n")
    sys.stdout.flush()
