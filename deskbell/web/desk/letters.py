"""Letters that did not become tickets, and any letter as it came: why, what is in it, reading it again."""

from __future__ import annotations

from django.db.models import Prefetch
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_POST, require_safe

from deskbell.channels.mail import letters as kept
from deskbell.channels.mail import reasons
from deskbell.channels.mail.glimpse import Glimpse, glimpse_of
from deskbell.channels.mail.models import Letter
from deskbell.errors import NotFound
from deskbell.masking import rules
from deskbell.tickets.models import MessageRecipient
from deskbell.web.csp import HEADER
from deskbell.web.desk.page import page
from deskbell.web.visit import AgentRequest, may

ROWS = 50
# As much of a letter's source as a page shows; the file has all of it.
SHOWN_BYTES = 64_000
STATES = {
    "parked": (Letter.State.PARKED,),
    "ignored": (Letter.State.IGNORED, Letter.State.DUPLICATE),
    "read": (Letter.State.READ,),
    "waiting": (Letter.State.WAITING,),
}
# Whom a letter's message names as its writers; asked for all rows at once.
WRITERS = Prefetch(
    "message__recipients",
    MessageRecipient.objects.filter(role=MessageRecipient.Role.FROM),
    to_attr="writers",
)


@require_GET
@may("see_letters")
def letters(request: AgentRequest) -> HttpResponse:
    """List the letters of one sort, newest first; `what` leaves those of one kind, `before` leads on."""
    sort, what = request.GET.get("state", "parked"), request.GET.get("what", "")
    if sort not in STATES or what not in {"", *Letter.What.values}:
        raise NotFound
    found = (
        kept.visible_to(request.by)
        .filter(state__in=STATES[sort])
        .select_related("ticket", "message", "box")
        .prefetch_related(WRITERS)
        .order_by("-id")
    )
    if what:
        found = found.filter(what=what)
    before = request.GET.get("before", "")
    if before.isdecimal():
        found = found.filter(id__lt=int(before))
    shown, masking = list(found[: ROWS + 1]), rules.begin()

    def glimpse(one: Letter) -> Glimpse:
        """Return who wrote a letter that is no message, and about what, without what a rule masks."""
        seen = Glimpse() if one.message is not None else glimpse_of(one)
        return Glimpse(masking.text(seen.writer), masking.text(seen.subject))

    context = {
        "sort": sort,
        "may_block": request.standing.may("block_sender", None),
        "rows": [(one, reasons.sentence_of(one), glimpse(one)) for one in shown[:ROWS]],
        "what": what,
        "kinds": Letter.What.choices,
        "more": f"?state={sort}&what={what}&before={shown[ROWS - 1].pk}"
        if len(shown) > ROWS
        else "",
    }
    return page(request, "desk/letters/list.html", context, here="letters")


@require_GET
@may("see_letters")
def letter(request: AgentRequest, number: int) -> HttpResponse:
    """Show a letter: what became of it and why, its envelope, its source.

    `again`: it was to be read once more, and its reader waits for what comes of it.
    """
    found = _letter(request, number)
    start = b"" if found.sealed_at else _beginning_of(found)
    masking = rules.begin()
    head = masking.text(start.decode("utf-8", errors="replace"))
    context = {
        "letter": found,
        "sentence": reasons.sentence_of(found),
        "proved": reasons.AUTHENTICATIONS.get(found.authentication, ""),
        "mute": reasons.MUTES.get(found.mute, ""),
        "head": head,
        "is_veiled": bool(masking.told),
        "is_cut": found.size_bytes > len(start),
        "again": "again" in request.GET,
        "is_waiting": found.state == Letter.State.WAITING,
        "may_read_again": request.standing.may("retry_letter", None)
        and found.sealed_at is None
        and found.state in (Letter.State.PARKED, Letter.State.IGNORED),
    }
    return page(request, "desk/letters/show.html", context, here="letters")


@require_POST
@may("retry_letter")
def reading(request: AgentRequest, number: int) -> HttpResponseBase:
    """Read a letter once more; `anyway` makes a ticket of it even if it cannot be read."""
    found = _letter(request, number)
    kept.read_again(found, anyway=bool(request.POST.get("anyway")))
    return redirect(f"/letters/{found.pk}?again")


@require_safe
@may("see_letters")
def source(request: AgentRequest, number: int) -> HttpResponse:
    """Give a letter's bytes as they came, as a download; a sealed one has none, though they may lie there a moment."""
    found = _letter(request, number)
    if found.sealed_at is not None:
        raise NotFound
    response = HttpResponse(content_type="application/octet-stream")
    response.headers["Content-Disposition"] = (
        content_disposition_header(as_attachment=True, filename=f"letter-{found.pk}.eml")
        or "attachment"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers[HEADER] = "sandbox; default-src 'none'"
    response.headers["X-Deskbell-File"] = str(kept.path_of(found))
    return response


def _beginning_of(letter: Letter) -> bytes:
    """Return the first bytes of a letter; none when its file is gone, which its reason says."""
    try:
        with kept.path_of(letter).open("rb") as file:
            return file.read(SHOWN_BYTES)
    except FileNotFoundError:
        return b""


def _letter(request: AgentRequest, number: int) -> Letter:
    """Return a letter that this agent may see.  Raises NotFound."""
    found = (
        kept.visible_to(request.by).select_related("ticket", "message").filter(pk=number).first()
    )
    if found is None:
        raise NotFound
    return found
