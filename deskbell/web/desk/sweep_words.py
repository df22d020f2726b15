"""Words for sweeps: what one does, how far it is, what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from deskbell import languages
from deskbell.people.models import Agent, Department
from deskbell.sweeps import reading
from deskbell.sweeps.acts import UNDO, Values
from deskbell.sweeps.models import Sweep
from deskbell.tickets.models import Ticket
from deskbell.web.desk.ticket_words import priority_words


@dataclass(frozen=True, slots=True)
class Told:
    """A sweep as pages tell of it.

    line      what it does, and to how many
    percent   how far it is
    came      what came of it so far
    may_undo  whether taking it back is worth offering
    """

    sweep: Sweep
    line: str
    percent: str
    came: str
    may_undo: bool

    @property
    def may_stop(self) -> bool:
        """Whether it can be stopped: what takes another one back goes on."""
        return self.sweep.act != UNDO


def told(sweeps: Iterable[Sweep]) -> list[Told]:
    """Return sweeps as pages tell of them; three queries at most."""
    found = list(sweeps)
    names = _names([one.values for one in found])
    return [_told(one, names) for one in found]


def act_words(act: str, values: Values) -> str:
    """Return what is done, as a button says it."""
    return _words(act, values, _names([values]))


Names = Mapping[tuple[str, object], str]


def _told(sweep: Sweep, names: Names) -> Told:
    words = _words(sweep.act, sweep.values, names)
    line = ngettext("%(act)s: %(num)s ticket", "%(act)s: %(num)s tickets", sweep.total)
    return Told(
        sweep=sweep,
        line=line % {"act": words, "num": sweep.total},
        percent=_("%(n)s %%") % {"n": sweep.percent},
        came=_came(sweep),
        may_undo=reading.may_be_taken_back(sweep),
    )


def _came(sweep: Sweep) -> str:
    """Return what came of the tickets that had their turn, in a line."""
    pieces = [ngettext("%(num)s done", "%(num)s done", sweep.done) % {"num": sweep.done}]
    if sweep.same:
        same = ngettext("%(num)s was so already", "%(num)s were so already", sweep.same)
        pieces.append(same % {"num": sweep.same})
    if sweep.refused:
        refused = ngettext("%(num)s refused", "%(num)s refused", sweep.refused)
        pieces.append(refused % {"num": sweep.refused})
    return " · ".join(pieces)


def _words(act: str, values: Values, names: Names) -> str:
    if act in _WORDED:
        return _WORDED[act](values, names)
    return _plain()[act]


def _assign(values: Values, names: Names) -> str:
    name = names.get(("agent", values.get("agent")))
    return _("Assign to %(name)s") % {"name": name} if name else _("Assign to nobody")


def _transfer(values: Values, names: Names) -> str:
    name = names.get(("department", values.get("department")), "")
    return _("Transfer to %(name)s") % {"name": name}


def _resolve(values: Values, _names: Names) -> str:
    return _("Resolve") if values.get("silent", True) else _("Resolve, and ask the customers")


def _postpone(values: Values, _names: Names) -> str:
    local = timezone.localtime(datetime.fromisoformat(values["until"]))
    when = f"{languages.day(local, with_year=False)} {languages.time_of_day(local)}"
    return _("Postpone until %(when)s") % {"when": when}


def _prioritise(values: Values, _names: Names) -> str:
    return _("Set the priority to %(word)s") % {"word": priority_words()[values["priority"]]}


def _merge(values: Values, names: Names) -> str:
    return _("Merge into %(code)s") % {"code": names.get(("into", values.get("into")), "")}


_WORDED: dict[str, Callable[[Values, Names], str]] = {
    "assign": _assign,
    "transfer": _transfer,
    "resolve": _resolve,
    "postpone": _postpone,
    "prioritise": _prioritise,
    "tag": lambda values, _names: _("Tag “%(tag)s”") % {"tag": values["tag"]},
    "merge": _merge,
    "untag": lambda values, _names: _("Take the tag “%(tag)s” away") % {"tag": values["tag"]},
}


def _plain() -> dict[str, str]:
    return {
        "take": _("Take"),
        "close": _("Close"),
        "reopen": _("Reopen"),
        "note": _("Note"),
        "spam": _("Spam"),
        "not_spam": _("No spam"),
        "delete": _("Delete"),
        "restore": _("Restore"),
        "mark_answered": _("Mark as answered"),
        "wake": _("Fetch back"),
        "resign": _("Hand it back"),
        "follow": _("Follow it"),
        "unfollow": _("Follow no longer"),
        UNDO: _("Undo"),
    }


def _names(values: Iterable[Values]) -> Names:
    """Return the names of all agents and departments, and the codes of all tickets, that some values point at."""
    wanted: dict[str, set[int]] = {"agent": set(), "department": set(), "into": set()}
    for one in values:
        for kind, numbers in wanted.items():
            if one.get(kind) is not None:
                numbers.add(one[kind])
    found: dict[tuple[str, object], str] = {}
    if wanted["agent"]:
        for agent in Agent.objects.filter(pk__in=wanted["agent"]).select_related("account"):
            found["agent", agent.pk] = agent.name
    if wanted["department"]:
        for department in Department.objects.filter(pk__in=wanted["department"]):
            found["department", department.pk] = department.name
    if wanted["into"]:
        for ticket in Ticket.objects.filter(pk__in=wanted["into"]).only("code"):
            found["into", ticket.pk] = ticket.code
    return found
