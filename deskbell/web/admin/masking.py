"""What is masked in whatever comes in: card numbers, the team's own patterns, and a text to try them on."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from deskbell.errors import BadInput, NotFound
from deskbell.masking import masks, patterns, rules
from deskbell.masking.masks import Mask, Piece
from deskbell.masking.models import MaskingRule
from deskbell.web.desk.page import page
from deskbell.web.forms import Form, tried
from deskbell.web.visit import AgentRequest, may, verb_of

# Of a text that somebody tries rules on; a letter says what it says within less.
LONGEST_SAMPLE = 20_000
BEGINNING = "•••••"


@sensitive_post_parameters("sample")
@require_http_methods(["GET", "HEAD", "POST"])
@may("administer")
def masking(request: AgentRequest) -> HttpResponseBase:
    """List the rules; a POST decides about card numbers, or tries all rules that hold on a text."""

    def act() -> HttpResponseBase:
        if "try" in request.POST:
            return _list(request, Form(request.POST), pieces=_pieces(request, rules.current()))
        rules.mask_cards(on=bool(request.POST.get("cards")), by=request.by)
        return redirect("masking")

    if request.method == "POST":
        return tried(request, act, lambda form, status: _list(request, form, status))
    return _list(request, Form())


@sensitive_post_parameters("sample")
@require_http_methods(["GET", "HEAD", "POST"])
@may("administer")
def new_rule(request: AgentRequest) -> HttpResponseBase:
    """Make a rule, or try it first."""

    def act() -> HttpResponseBase:
        if "try" in request.POST:
            return _try(request, None)
        rules.make(**_typed(request), by=request.by)
        return redirect("masking")

    if request.method == "POST":
        return tried(request, act, lambda form, status: _show(request, None, form, status))
    return _show(request, None, Form({"put": BEGINNING}))


@sensitive_post_parameters("sample")
@require_http_methods(["GET", "HEAD", "POST"])
@may("administer")
def rule(request: AgentRequest, number: int) -> HttpResponseBase:
    """Show a rule, change it, or try another pattern before."""
    found = _rule(number)

    def act() -> HttpResponseBase:
        if "try" in request.POST:
            return _try(request, found)
        rules.change(found, **_typed(request), by=request.by)
        return redirect("masking")

    if request.method == "POST":
        return tried(request, act, lambda form, status: _show(request, _rule(number), form, status))
    kept = {"name": found.name, "pattern": found.pattern, "put": found.put}
    return _show(request, found, Form(kept))


@require_POST
@may("administer")
def switch(request: AgentRequest, number: int) -> HttpResponseBase:
    """Let a rule hold; DELETE lets it hold no more."""
    found = _rule(number)

    def act() -> HttpResponseBase:
        rules.switch(found, on=verb_of(request) != "DELETE", by=request.by)
        return redirect("masking")

    def again(form: Form, status: int) -> HttpResponse:
        notice = next(iter(form.errors.values()), form.notice)
        return _list(request, Form(notice=notice), status)

    return tried(request, act, again)


def _typed(request: AgentRequest) -> dict[str, str]:
    return {name: request.POST.get(name, "") for name in ("name", "pattern", "put")}


def _try(request: AgentRequest, found: MaskingRule | None) -> HttpResponse:
    """Show what the rule as it is typed would mask.  Raises BadInput."""
    typed = _typed(request)
    patterns.checked(typed["pattern"], typed["put"])
    mask = Mask(-1, typed["name"], patterns.finder_of(typed["pattern"], typed["put"]))
    return _show(request, found, Form(request.POST), pieces=_pieces(request, [mask]))


def _pieces(request: AgentRequest, wanted: Sequence[Mask]) -> list[Piece]:
    """Return the typed text as those rules would leave it.  Raises BadInput."""
    sample = request.POST.get("sample", "").replace("\r\n", "\n")
    if not sample.strip():
        raise BadInput("sample", _("Write or paste a text first."))
    if len(sample) > LONGEST_SAMPLE:
        raise BadInput(
            "sample", _("Try it on a text of at most {most} characters."), most=LONGEST_SAMPLE
        )
    return list(masks.tried(sample, wanted))


def _rule(number: int) -> MaskingRule:
    found = MaskingRule.objects.filter(pk=number, kind=MaskingRule.Kind.PATTERN).first()
    if found is None:
        raise NotFound
    return found


def _list(
    request: AgentRequest, form: Form, status: int = 200, *, pieces: Sequence[Piece] = ()
) -> HttpResponse:
    found = MaskingRule.objects.filter(kind=MaskingRule.Kind.PATTERN)
    context = {
        "form": form,
        "cards": rules.are_cards_masked(),
        "rules": found.order_by("off_since", "name", "id").select_related("changed_by"),
        "pieces": pieces,
    }
    return page(request, "admin/masking.html", context, here="settings", status=status)


def _show(
    request: AgentRequest,
    found: MaskingRule | None,
    form: Form,
    status: int = 200,
    *,
    pieces: Sequence[Piece] = (),
) -> HttpResponse:
    context = {
        "rule": found,
        "form": form,
        "pieces": pieces,
        "longest": patterns.LONGEST_PATTERN,
        "longest_put": patterns.LONGEST_PUT,
        "longest_name": rules.LONGEST_NAME,
    }
    return page(request, "admin/masking_rule.html", context, here="settings", status=status)
