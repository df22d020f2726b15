"""How an agent wishes to be told: kinds of news and ways, on a page of their own."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from deskbell.notices.telling import wishes_of
from deskbell.notices.wishes import AT_ONCE, GATHERINGS, Way, Why
from deskbell.notices.wishing import keep_wish
from deskbell.web.desk.page import page
from deskbell.web.forms import Form, tried
from deskbell.web.visit import AgentRequest, for_agents

# The ways that are ticked, and those of which one is chosen.
TICKED = (Way.PAGE, Way.BROWSER, Way.SOUND)
MAILED = (Way.MAIL, Way.GATHERED)
MINUTE = 60


@require_http_methods(["GET", "HEAD", "POST"])
@for_agents
def wishes(request: AgentRequest) -> HttpResponseBase:
    """Show and change how this agent is told.  `kept`: it was changed just now."""

    def act() -> HttpResponseBase:
        minutes = request.POST.get("gather_minutes", "")
        keep_wish(
            request.agent,
            ways={why: _ways_sent(request, why) for why in Why.values},
            gather_minutes=int(minutes) if minutes in {str(one) for one in GATHERINGS} else 0,
            answer=request.POST.get("answer") == "reply",
        )
        answer = redirect("my_notices")
        answer["Location"] += "?kept"
        return answer

    if request.method == "POST":
        return tried(request, act, lambda form, status: _show(request, form, status))
    return _show(request, _form_of(request))


def _ways_sent(request: AgentRequest, why: str) -> list[str]:
    mail = request.POST.get(f"mail_{why}", "")
    return [*request.POST.getlist(f"ways_{why}"), *([mail] if mail else [])]


def _form_of(request: AgentRequest) -> Form:
    [wish] = wishes_of([request.agent.pk]).values()
    values: dict[str, str | list[str]] = {
        "gather_minutes": str(wish.gather_minutes),
        "answer": "reply" if wish.answer else "note",
    }
    for why in Why:
        values[f"ways_{why}"] = [way for way in TICKED if wish.wants(why, way)]
        values[f"mail_{why}"] = next((way for way in MAILED if wish.wants(why, way)), "")
    return Form(values)


def _show(request: AgentRequest, form: Form, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "kinds": Why.choices,
        "ticked": [(way.value, way.label) for way in TICKED],
        "mailed": [("", _("No mail")), *((way.value, way.label) for way in MAILED)],
        "gatherings": [(str(minutes), words) for minutes, words in GATHERINGS.items()],
        "minutes": AT_ONCE.seconds // MINUTE,
        "is_kept": "kept" in request.GET,
        "may_reply": request.standing.reach("reply") > 0,
    }
    return page(request, "me/wishes.html", context, here="me", status=status)
