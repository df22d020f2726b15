"""A customer's own page: their ticket as they may see it, and what they can do there.

The token in the address is all that is needed; it names one person on one ticket.  A GET changes nothing, for mail
scanners open every link.  What is decided here is only which action a form means.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import BinaryIO, Concatenate, ParamSpec, cast

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from deskbell import clock
from deskbell.channels.mail.outbox import box_for
from deskbell.channels.sent_files import safe_name, safe_type
from deskbell.errors import BadInput, DeskError
from deskbell.notices import portal_links
from deskbell.people.models import Department
from deskbell.people.zones import desk_zone
from deskbell.security import throttle
from deskbell.security.throttle import Limit
from deskbell.tickets import actions, files, portal
from deskbell.tickets.content import Content, NewFile, Recipient
from deskbell.tickets.models import Attachment, Ticket
from deskbell.tickets.timeline import lock
from deskbell.web.bridge import CUT
from deskbell.web.forms import Form, tried
from deskbell.web.giving import give
from deskbell.web.public.fresh_link import link_gone
from deskbell.web.public.portal_page import LONGEST_TEXT, MOST_FILES, Visit, letters_of, show
from deskbell.web.public.private import in_the_language_of, private, see_other
from deskbell.web.visit import verb_of
from deskbell.web.words import size

P = ParamSpec("P")

CHANNEL = "portal"

# Nobody writes and presses more often than this within an hour; later ones wait a little.
ACTS = Limit("portal", 60, throttle.FORGOTTEN_AFTER / 4)


class NotKept(DeskError):
    """The disk did not take a file."""

    code = "not_kept"
    status = 507
    template = _("The files could not be kept just now. Nothing was sent: try again in a while.")


View = Callable[Concatenate[HttpRequest, Visit, P], HttpResponseBase]


def for_whom_it_is(view: View[P]) -> Callable[..., HttpResponseBase]:
    """Let in whoever holds a good link of somebody who takes part; others may have a fresh one mailed.

    Without CSRF tokens: the signed token in the address says more than a cookie could, no account stands behind the
    page, and the cookie would be missing wherever the link opens in a mail program's own browser.
    """

    @csrf_exempt
    @wraps(view)
    def guarded(
        request: HttpRequest, token: str, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponseBase:
        place = portal_links.read(token)
        good = place is not None and place.is_good(clock.now())
        seat = portal.seat_of(place.ticket_id, place.address_id) if good and place else None
        if seat is None or place is None:
            return private(link_gone(request, token))
        with in_the_language_of(seat.customer), timezone.override(desk_zone()):
            response = view(request, Visit(token, place, seat), *args, **kwargs)
            return private(cast(HttpResponse, response))

    return guarded


@for_whom_it_is
@require_safe
def page(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show the ticket."""
    return show(request, visit, Form())


@for_whom_it_is
@require_POST
def messages(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """Take what they write, with files."""
    return _tried(request, visit, lambda: _receive(request, visit))


@for_whom_it_is
@require_POST
def resolution(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """Take that it is solved, or with DELETE that it is not."""
    says_no = verb_of(request) == "DELETE"
    return _tried(request, visit, lambda: _say(request, visit, is_solved=not says_no))


@for_whom_it_is
@require_POST
def rating(request: HttpRequest, visit: Visit, number: int | None = None) -> HttpResponseBase:
    """Take what they think of the answer `number`, or without one of the solution."""
    return _tried(request, visit, lambda: _rate(request, visit, number))


@for_whom_it_is
@require_safe
def file(request: HttpRequest, visit: Visit, file_token: str) -> HttpResponse:
    """Give a file of a letter that they see."""
    found = Attachment.objects.filter(token=file_token).first()
    shown = {item.message.pk for item in letters_of(visit.seat) if item.message is not None}
    if found is None or found.message_id not in shown:
        return link_gone(request, visit.token, what="file")
    return give(found, as_download="download" in request.GET)


def _tried(
    request: HttpRequest, visit: Visit, act: Callable[[], HttpResponseBase]
) -> HttpResponseBase:
    """Return what `act` answers, or the page once more with what was typed and why not."""

    def counted() -> HttpResponseBase:
        throttle.count((ACTS, f"{visit.seat.ticket.pk}-{visit.seat.address.pk}"))
        return act()

    return tried(request, counted, lambda form, status: show(request, visit, form, status))


def _receive(request: HttpRequest, visit: Visit) -> HttpResponse:
    if request.META.get(CUT):
        raise BadInput(
            "files",
            _(
                "Together these are larger than {most}. Nothing was kept of them: send fewer at once, or a link."
            ),
            most=size(settings.PORTAL_LIMIT_BYTES),
        )
    seat, text = visit.seat, _words(request, "text")
    if len(text) > LONGEST_TEXT:
        raise BadInput("text", _("This is too long. Shorten it, or send it as a file."))
    sent = [one for one in request.FILES.getlist("files") if one.name]
    if len(sent) > MOST_FILES:
        raise BadInput(
            "files", _("These are too many files. Send {most} at once."), most=MOST_FILES
        )
    if not text and not sent:
        raise BadInput("text", _("Write something before you send it."))
    came = actions.receive(
        seat.ticket,
        Content(text, files=_kept(sent)),
        by=seat.by,
        address=seat.address,
        subject=seat.ticket.subject.plain,
        channel=CHANNEL,
        recipients=(Recipient("from", seat.address.value, seat.address.name),),
        elsewhere=_working_department(seat.ticket),
        once=request.POST.get("once", "")[:64],
    )
    if not came.is_follow_up:
        return see_other(f"{visit.path}?done=sent#last")
    return see_other(f"{visit.path_of(came.ticket)}?done=follow_up")


def _working_department(ticket: Ticket) -> Department | None:
    """Return where a follow-up goes when the department of the ticket is archived: where its letters come from."""
    box = box_for(ticket)
    if box is not None and box.department.archived_at is None:
        return box.department
    return Department.objects.filter(archived_at=None).order_by("id").first()


def _kept(sent: list[UploadedFile[bytes]]) -> tuple[NewFile, ...]:
    """Return the files, on disk and synced, so that a row never points at nothing.  Raises NotKept."""
    try:
        return tuple(
            NewFile(
                safe_name(one.name or ""),
                safe_type(one.content_type or ""),
                # An uploaded file reads like any other; its type only does not say so.
                files.keep(cast(BinaryIO, one)),
            )
            for one in sent
        )
    except OSError as error:
        raise NotKept from error


def _say(request: HttpRequest, visit: Visit, *, is_solved: bool) -> HttpResponse:
    """Resolve or confirm, deny or reopen, as the ticket stands; nothing when it has moved on since they read it."""
    with transaction.atomic():
        ticket = lock(visit.seat.ticket.pk)
        if ticket.status != request.POST.get("status"):
            return see_other(f"{visit.path}?done=moved_on")
        match ticket.status, is_solved:
            case "resolved", True:
                actions.confirm(ticket, by=visit.seat.by)
            case "resolved", False:
                actions.deny(ticket, by=visit.seat.by)
            case _, True:
                # Their own word: nobody asks them once more.
                actions.resolve(ticket, by=visit.seat.by)
                actions.confirm(ticket, by=visit.seat.by)
            case _, False:
                actions.reopen(ticket, by=visit.seat.by)
    return see_other(f"{visit.path}?done={'solved' if is_solved else 'open'}")


def _rate(request: HttpRequest, visit: Visit, number: int | None) -> HttpResponse:
    by, score = visit.seat.by, request.POST.get("score", "")
    words = _words(request, "words")
    if number is None:
        actions.rate(visit.seat.ticket, by=by, score=score, words=words)
        return see_other(f"{visit.path}?done=rated#rating")
    answers = [item.message for item in letters_of(visit.seat)]
    answer = next((one for one in answers if one is not None and one.pk == number), None)
    if answer is None:
        raise BadInput("score", _("This answer is not here any more."))
    actions.rate_answer(visit.seat.ticket, answer, by=by, score=score, words=words)
    return see_other(f"{visit.path}?done=rated#rating-{number}")


def _words(request: HttpRequest, name: str) -> str:
    typed = request.POST.get(name, "")
    return typed.replace("\x00", "").replace("\r\n", "\n").strip()
