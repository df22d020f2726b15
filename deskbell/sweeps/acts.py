"""What a sweep may do to each of its tickets: the table, by the name under which pages and programs ask for it.

Each act is one action of the heart, with its right and its place in the life of a ticket; nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from deskbell.errors import BadInput
from deskbell.people.models import Agent, Department
from deskbell.tickets import actions
from deskbell.tickets.actions.postpone import require_ahead
from deskbell.tickets.actions.prioritise import require_priority
from deskbell.tickets.actions.transfer import require_open
from deskbell.tickets.content import Content
from deskbell.tickets.models import Entry, Ticket
from deskbell.tickets.queries import survivor_id
from deskbell.tickets.tags import tags_for

if TYPE_CHECKING:
    from deskbell.people.actors import Actor

# What an act needs beside the ticket, as JSON: numbers of agents and departments, moments as ISO, words.
Values = Mapping[str, Any]

LONGEST_NOTE = 10_000


def _nothing(values: Values) -> dict[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class Act:
    """One line of the table.

    verb   the right that it needs, and the action in tickets/lifecycle.py
    do     does it to one ticket, by one action; returns the step of the entry that it left, None where it left none
    check  returns the values that it needs, cleaned; raises BadInput
    """

    verb: str
    do: Callable[[Ticket, Values, Actor], int | None]
    check: Callable[[Values], dict[str, Any]] = _nothing


def _checked_agent(values: Values) -> dict[str, Any]:
    number = values.get("agent", 0)  # None leaves them to nobody, and has to be said
    if number is not None and not Agent.objects.filter(pk=number, archived_at=None).exists():
        raise BadInput("agent", _("Choose one of the agents."))
    return {"agent": number}


def _checked_department(values: Values) -> dict[str, Any]:
    number = values.get("department")
    found = None if number is None else Department.objects.filter(pk=number).first()
    if found is None:
        raise BadInput("department", _("Choose one of the departments."))
    require_open(found)
    return {"department": found.pk}


def _checked_moment(values: Values) -> dict[str, Any]:
    until = values.get("until")
    if not isinstance(until, datetime):
        raise BadInput("until", _("Choose one of the moments."))
    require_ahead(until)
    return {"until": until.isoformat()}


def _checked_tag(values: Values) -> dict[str, Any]:
    name = " ".join(str(values.get("tag", "")).split())
    try:
        tags_for([name], make=False)
    except BadInput as error:
        raise BadInput("tag", error.fields["reason"]) from error
    return {"tag": name}


def _checked_priority(values: Values) -> dict[str, Any]:
    require_priority(values.get("priority", 0))
    return {"priority": values["priority"]}


def _checked_silence(values: Values) -> dict[str, Any]:
    return {"silent": bool(values.get("silent", True))}


def _checked_text(values: Values) -> dict[str, Any]:
    text = str(values.get("text", "")).strip()
    if not text:
        raise BadInput("text", _("Write something before you keep it."))
    if len(text) > LONGEST_NOTE:
        raise BadInput("text", _("This is too long for a note on many tickets."))
    return {"text": text}


def _checked_ticket(values: Values) -> dict[str, Any]:
    number = values.get("into")
    if number is None or not Ticket.objects.filter(pk=number).exists():
        raise BadInput("into", _("There is no ticket with this code."))
    return {"into": number}


def _step(entry: Entry | None) -> int | None:
    return None if entry is None else entry.step


def _simply(action: Callable[..., Entry | None]) -> Callable[[Ticket, Values, Actor], int | None]:
    """Return what does an action that needs nothing beside the ticket."""

    def do(ticket: Ticket, _values: Values, by: Actor) -> int | None:
        return _step(action(ticket, by=by))

    return do


def _assign(ticket: Ticket, values: Values, by: Actor) -> int | None:
    number = values["agent"]
    agent = None if number is None else Agent.objects.get(pk=number)
    return _step(actions.assign(ticket, agent, by=by))


def _transfer(ticket: Ticket, values: Values, by: Actor) -> int | None:
    department = Department.objects.get(pk=values["department"])
    return _step(actions.transfer(ticket, department, by=by))


def _resolve(ticket: Ticket, values: Values, by: Actor) -> int | None:
    return _step(actions.resolve(ticket, by=by, silent=values["silent"]))


def _close(ticket: Ticket, _values: Values, by: Actor) -> int | None:
    """Close it, with nothing learned: no one text answers that for many.  Undone as one with what it resolves."""
    closed = actions.close(ticket, by=by)
    return _step(closed.cause or closed)


def _postpone(ticket: Ticket, values: Values, by: Actor) -> int | None:
    return _step(actions.postpone(ticket, datetime.fromisoformat(values["until"]), by=by))


def _tag(ticket: Ticket, values: Values, by: Actor) -> int | None:
    return _step(actions.tag(ticket, by=by, add=[values["tag"]]))


def _untag(ticket: Ticket, values: Values, by: Actor) -> int | None:
    return _step(actions.tag(ticket, by=by, remove=[values["tag"]]))


def _prioritise(ticket: Ticket, values: Values, by: Actor) -> int | None:
    return _step(actions.prioritise(ticket, values["priority"], by=by))


def _note(ticket: Ticket, values: Values, by: Actor) -> int | None:
    message = actions.note(ticket, Content(values["text"]), by=by)
    written = Entry.objects.filter(ticket=ticket, kind="note.added").order_by("-step")
    return next(one.step for one in written if one.data["message_id"] == message.pk)


def _merge(ticket: Ticket, values: Values, by: Actor) -> int | None:
    into = survivor_id(values["into"])
    if ticket.pk == into:  # it was picked with those that become a part of it
        return None
    return _step(actions.merge(ticket, Ticket(pk=into), by=by))


ACTS: dict[str, Act] = {
    "take": Act("take", _simply(actions.take)),
    "assign": Act("assign", _assign, _checked_agent),
    "transfer": Act("transfer", _transfer, _checked_department),
    # Silent unless it was chosen otherwise: nobody writes to a thousand customers by a slip.
    "resolve": Act("resolve", _resolve, _checked_silence),
    "close": Act("close", _close),
    "postpone": Act("postpone", _postpone, _checked_moment),
    "reopen": Act("reopen", _simply(actions.reopen)),
    "tag": Act("tag", _tag, _checked_tag),
    "untag": Act("tag", _untag, _checked_tag),
    "prioritise": Act("prioritise", _prioritise, _checked_priority),
    "note": Act("note", _note, _checked_text),
    "spam": Act("spam", _simply(actions.spam)),
    "not_spam": Act("not_spam", _simply(actions.not_spam)),
    "delete": Act("delete", _simply(actions.delete)),
    "restore": Act("restore", _simply(actions.restore)),
    "mark_answered": Act("mark_answered", _simply(actions.mark_answered)),
    "wake": Act("wake", _simply(actions.wake)),
    "resign": Act("resign", _simply(actions.resign)),
    "follow": Act("follow", _simply(actions.follow)),
    "unfollow": Act("follow", _simply(actions.unfollow)),
    "merge": Act("merge", _merge, _checked_ticket),
}

# What a sweep that takes another one back does; nobody asks for it by this name (undoing.py).
UNDO = "undo"


def writes_to_customers(act: str, values: Values) -> bool:
    """Return whether letters leave by it, which nobody can fetch back once they are gone."""
    return act == "resolve" and not values.get("silent", True)
