"""The page behind "Yes, solved" and "Not yet": it asks once more, since mail scanners open every link.

The token in the address is all that is needed, and it is about one resolution: answered, outdated or
expired, the page kindly says what is the case.  A GET changes nothing.
"""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from deskbell import clock
from deskbell.channels.mail import solved_question
from deskbell.notices import solved_links
from deskbell.notices.solved_links import Question
from deskbell.people.actors import Actor
from deskbell.people.models import Desk
from deskbell.security import throttle
from deskbell.security.throttle import Limit
from deskbell.tickets import actions, ratings
from deskbell.tickets.actions.rate import LONGEST_WORDS, SCORES
from deskbell.tickets.models import Entry, Ticket
from deskbell.tickets.state import state_of
from deskbell.tickets.timeline import lock
from deskbell.web.forms import Form
from deskbell.web.public.broken import broken_question
from deskbell.web.public.private import in_the_language_of, private, see_other

# A comment is a few sentences; whoever has more to say answers the letter.
LONGEST_COMMENT = 20_000

# How often somebody may think better of it.
RATINGS = Limit("ratings", 20, throttle.FORGOTTEN_AFTER / 4)

YES, NO, RATE = "yes", "no", "rate"

# What became of the question.
OPEN, CONFIRMED, DENIED, ASKED_AGAIN, CLOSED, TAKEN_UP, EXPIRED, GONE = (
    "open",
    "confirmed",
    "denied",
    "asked_again",
    "closed",
    "taken_up",
    "expired",
    "gone",
)


# Without CSRF tokens: the signed token in the address says more than a cookie could, no account stands
# behind the page, and the cookie would be missing wherever the link opens in a mail program's own browser.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def solved(request: HttpRequest, token: str) -> HttpResponse:
    """Show the question, or take the answer to it."""
    question = solved_links.read(token)
    if question is None:
        return private(broken_question(request))
    if request.method == "POST":
        if request.POST.get("answer") == RATE:
            _rate(question, request.POST.get("score", ""), request.POST.get("words", ""))
        else:
            _take(question, request.POST.get("answer", ""), request.POST.get("comment", ""))
        return private(see_other(request.path))
    return private(_show(request, question))


def fate_of(ticket: Ticket, question: Question) -> str:
    """Return what became of `question`: OPEN while it may be answered."""
    if ticket.merged_into_id is not None or ticket.status in ("spam", "deleted"):
        return GONE
    if not solved_question.is_still_theirs(ticket, question.step):
        return GONE
    if _stands(ticket, question):
        return _fate_of_standing(ticket, question)
    return _fate_of_past(ticket, question)


def _fate_of_standing(ticket: Ticket, question: Question) -> str:
    """Return the fate while no later step has undone the resolution that was asked about."""
    asked = Entry.objects.get(ticket=ticket, step=question.step)
    if clock.now() >= asked.at + solved_links.GOOD_FOR:
        return CLOSED if ticket.status == "closed" else EXPIRED
    if ticket.status == "closed":
        return CONFIRMED if state_of(ticket).confirmed_at else CLOSED
    return OPEN


def _fate_of_past(ticket: Ticket, question: Question) -> str:
    """Return the fate of a question about a resolution that stands no more."""
    if ticket.status in ("resolved", "closed"):
        return ASKED_AGAIN if ticket.status == "resolved" else CLOSED
    later = Entry.objects.filter(ticket=ticket, step__gt=question.step)
    first = later.filter(kind__in=("resolution.denied", "ticket.reopened", "message.received"))
    kinds = first.order_by("step").values_list("kind", flat=True)
    return DENIED if kinds.first() == "resolution.denied" else TAKEN_UP


def _take(question: Question, answer: str, comment: str) -> None:
    """Confirm or deny for the customer, when the question is still open; else nothing happens."""
    with transaction.atomic():
        try:
            ticket = lock(question.ticket_id)
        except Ticket.DoesNotExist:
            return
        # Under the lock: two presses at once, or an agent's, and only one of them counts.
        if fate_of(ticket, question) != OPEN or ticket.customer is None:
            return
        by = Actor.customer(ticket.customer)
        if answer == YES:
            actions.confirm(ticket, by=by)
        elif answer == NO:
            said = comment.replace("\x00", "").strip()[:LONGEST_COMMENT]
            actions.deny(ticket, by=by, comment=said)


def _rate(question: Question, score: str, words: str) -> None:
    """Take how satisfied the customer is with what they have just called solved; a form without a face says nothing."""
    ticket = Ticket.objects.select_related("customer").filter(pk=question.ticket_id).first()
    if ticket is None or ticket.customer is None or not may_rate(ticket, question):
        return
    if score in SCORES:
        throttle.count((RATINGS, str(ticket.pk)))
        said = words.replace("\x00", "")
        actions.rate(ticket, by=Actor.customer(ticket.customer), score=score, words=said)


def may_rate(ticket: Ticket, question: Question) -> bool:
    """Return whether the resolution that was asked about stands closed, and may be rated here."""
    if fate_of(ticket, question) not in (CONFIRMED, CLOSED) or not _stands(ticket, question):
        return False
    asked = Entry.objects.get(ticket=ticket, step=question.step)
    return clock.now() < asked.at + solved_links.GOOD_FOR


def _stands(ticket: Ticket, question: Question) -> bool:
    return state_of(ticket).resolved_step == question.step


def _show(request: HttpRequest, question: Question) -> HttpResponse:
    related = ("subject", "customer", "department")
    ticket = Ticket.objects.select_related(*related).filter(pk=question.ticket_id).first()
    if ticket is None:
        return broken_question(request)
    fate = fate_of(ticket, question)
    context = {
        "team": Desk.get().name,
        "ticket": ticket if fate != GONE else None,
        "fate": fate,
        "answers": (NO, YES) if request.GET.get("answer") == NO else (YES, NO),
        "longest_comment": LONGEST_COMMENT,
        "may_rate": may_rate(ticket, question),
        "rated": ratings.of_tickets([ticket]).get(ticket.pk),
        "longest_words": LONGEST_WORDS,
        "form": Form(),
        "path": request.path,
    }
    with in_the_language_of(ticket.customer):
        return render(request, "public/solved.html", context)
