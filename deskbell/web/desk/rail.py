"""The rail of the desk: where an agent may go, and how much waits there."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _

from deskbell.access.roles import Reach
from deskbell.channels.mail.fetch.sources import standing_still
from deskbell.channels.mail.models import Letter
from deskbell.database.prepared import Prepared
from deskbell.notices.reading import Unread, unread_of
from deskbell.people.models import Agent, Department
from deskbell.saved_views import counting, reading
from deskbell.tickets import leaving, queries, scheduled
from deskbell.web.visit import AgentRequest


@dataclass(frozen=True, slots=True)
class Way:
    """One way that the rail shows.

    counter  the name under which pages ask for `count` again; "" when nothing is counted
    alarm    something waits there that should not wait
    key      what to press to go there
    """

    word: str
    href: str
    sign: str = ""
    status: str = ""
    counter: str = ""
    count: int | str = ""
    is_here: bool = False
    alarm: bool = False
    key: str = ""


@dataclass(frozen=True, slots=True)
class Rail:
    """All that frames a page of the desk."""

    team: str
    faces: str  # names the pictures of agents as they are now; "" while nobody has one
    me: Agent
    views: tuple[Way, ...]
    saved: tuple[Way, ...]  # views; their numbers are asked for afterwards
    departments: tuple[Way, ...]
    desk: tuple[Way, ...]
    foot: tuple[Way, ...]  # of a phone; the bar's "More" leads to all of them
    unread: Unread
    still: tuple[str, ...]  # the addresses from which no mail comes, for who can mend it

    @property
    def counters(self) -> tuple[Way, ...]:
        """Those ways that count something, for pages that only want the numbers again."""
        return tuple(way for way in (*self.views, *self.departments, *self.desk) if way.counter)

    @property
    def uncounted(self) -> tuple[Way, ...]:
        """Those rooms of the desk that the foot of a phone does not show."""
        return tuple(way for way in self.desk if not way.counter)


def rail_for(
    request: AgentRequest,
    here: str,
    department_id: int | None = None,
    unread: Unread | None = None,
) -> Rail:
    """Return the rail as this agent sees it.

    here    the name of the view or room that the page shows: "mine", "letters", "settings" …
    unread  what this agent has not read yet, for who has asked already
    """
    unread = unread_of(request.by) if unread is None else unread
    counted = queries.counters(request.by)
    views = tuple(_views(counted, here if department_id is None else ""))
    desk = (_bell(unread, here), *_desk(request, here))
    return Rail(
        team=request.desk.name,
        faces=request.desk.faces,
        me=request.agent,
        views=views,
        saved=tuple(_saved(request, here)),
        departments=tuple(_departments(request, counted, department_id)),
        desk=desk,
        foot=(*views[:3], *(way for way in desk if way.counter)),
        unread=unread,
        still=tuple(standing_still()) if request.standing.may("administer", None) else (),
    )


def department_list(request: AgentRequest) -> list[Department]:
    """Return the departments whose tickets this agent may see."""
    if request.standing.reach("see") == Reach.ALL:
        return list(request.working)
    return [one for one in request.working if one.pk in request.standing.departments]


def view_address(view: str, department_id: int | None = None) -> str:
    """Return where the inbox shows this view."""
    asked = {} if view == "inbox" else {"view": view}
    if department_id is not None:
        asked["department"] = str(department_id)
    return reverse("inbox") + (f"?{urlencode(asked)}" if asked else "")


def view_words() -> dict[str, str]:
    """Return what each view is called, in the reader's language."""
    return {
        "inbox": _("Inbox"),
        "mine": _("Mine"),
        "unassigned": _("Unassigned"),
        "overdue": _("Overdue"),
        "new": _("New"),
        "open": _("Open"),
        "answered": _("Answered"),
        "postponed": _("Postponed"),
        "resolved": _("Resolved"),
        "closed": _("Closed"),
        "spam": _("Spam"),
        "deleted": _("Deleted"),
        "all": _("All"),
    }


SIGNS = {
    "inbox": "inbox",
    "mine": "mine",
    "unassigned": "nobody",
    "overdue": "clock",
    "all": "list",
}
KEYS = {"inbox": "g i", "mine": "g m"}


def _views(counted: queries.Counters, here: str) -> list[Way]:
    words = view_words()
    return [
        Way(
            word=words[name],
            href=view_address(name),
            sign=SIGNS.get(name, ""),
            status="" if name in SIGNS else name,
            counter=f"view-{name}" if name in counted.views else "",
            count=counted.views.get(name) or "",
            is_here=name == here,
            alarm=name == "overdue" and bool(counted.views["overdue"]),
            key=KEYS.get(name, ""),
        )
        for name in words
    ]


def _saved(request: AgentRequest, here: str) -> list[Way]:
    return [
        Way(
            word=view.name,
            href=reverse("saved_view", args=[view.pk]),
            sign="list",
            counter=f"saved-{view.pk}",
            count=counting.known(view.query, request.by),
            is_here=here == f"saved-{view.pk}",
        )
        for view in reading.of_rail(request.desk.views, request.standing)
    ]


def _departments(
    request: AgentRequest, counted: queries.Counters, department_id: int | None
) -> list[Way]:
    return [
        Way(
            word=department.name,
            href=view_address("inbox", department.pk),
            sign="dept",
            counter=f"department-{department.pk}",
            count=counted.departments.get(department.pk) or "",
            is_here=department.pk == department_id,
        )
        for department in department_list(request)
    ]


def _bell(unread: Unread, here: str) -> Way:
    return Way(
        _("Notices"),
        reverse("notices"),
        "bell",
        counter="notices",
        count=unread.shown,
        is_here=here == "notices",
        key="g n",
    )


def _desk(request: AgentRequest, here: str) -> list[Way]:
    ways = []
    if request.standing.may("open", None):
        address = reverse("new_ticket")
        here_now = here == "new_ticket"
        ways.append(Way(_("Write first"), address, "pencil", is_here=here_now, key="w"))
    ways += _later(request, here)
    answers = reverse("canned_answers")
    ways.append(Way(_("Canned answers"), answers, "bolt", is_here=here == "canned"))
    if request.standing.may("see_letters", None):
        parked = sum(_parked())
        ways.append(
            Way(
                _("Letters"),
                reverse("letters"),
                "mail",
                counter="letters",
                count=parked or "",
                is_here=here == "letters",
                alarm=bool(parked),
                key="g l",
            )
        )
    if request.standing.may("administer", None):
        ways.append(Way(_("Settings"), reverse("settings"), "sliders", is_here=here == "settings"))
    return ways


_parked = Prepared(
    lambda: (
        Letter.objects.filter(state=Letter.State.PARKED)
        .order_by()
        .values("state")
        .annotate(number=Count("pk"))
        .values_list("number", flat=True)
    )
)


def _later(request: AgentRequest, here: str) -> list[Way]:
    """Lead to what leaves later where there is some.

    While something stayed here it alarms its writer; once they are gone, who runs the desk.
    """
    found = leaving.outstanding()
    mine = [stayed for agent, _at, stayed, _gone in found if agent == request.agent.pk]
    runs_the_desk = request.standing.may("administer", None)
    # Nobody else sees what stayed here of somebody who is gone; of an owner's, owners do.
    stayed_of_leavers = any(send_at is None and gone for _who, send_at, _why, gone in found)
    left = runs_the_desk and stayed_of_leavers and scheduled.left_here(request.by).exists()
    waits = runs_the_desk and any(send_at is not None for _who, send_at, _why, _gone in found)
    if not (mine or left or waits):
        return []
    return [
        Way(
            _("Leaving later"),
            reverse("leaving_later"),
            "calendar",
            is_here=here == "later",
            alarm=left or any(mine),
        )
    ]
