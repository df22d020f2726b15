"""A letter that an agent wrote in answer to what they were told: it becomes a note, or an answer, by their own right.

Called by read.py inside its transaction.  An address of replies.py proves that its holder was sent it; the letter
must also come from the address that the agent signs in with and not fail DMARC.  What cannot be taken is kept for a
look, and its agent is told why, once; what a machine wrote never becomes anything (docs/decisions/0017).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet

from deskbell import clock
from deskbell.channels.inbound import Inbound
from deskbell.channels.mail import marks, outbox, replies
from deskbell.channels.mail.models import Delivery, Letter
from deskbell.channels.mail.screen import Verdict
from deskbell.errors import DeskError, NotAllowed
from deskbell.notices.answering import becomes
from deskbell.people.actors import Actor
from deskbell.people.models import Account, Agent
from deskbell.tickets import actions
from deskbell.tickets.content import Content
from deskbell.tickets.models import Message, Ticket
from deskbell.tickets.queries import survivor_id

# How many letters a day say to one agent that theirs was not taken: two machines come to an end here.
REFUSALS, IN_A_DAY = 5, timedelta(days=1)

# Why no machine may answer a letter that a person may have written all the same (screen.py).
ASKS_FOR_SILENCE = ("asks_for_silence", "mailing_list")

# The line above what an answerable notice says (notices/letters.py), in whatever language, quoted or not.
_CUT = re.compile(r"^[> \t]*##- .{1,200} -##", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of such a letter; the fields are those of its row."""

    state: Letter.State
    what: Letter.What
    reason: str
    ticket: Ticket | None = None
    message: Message | None = None


def take(
    letter: Letter, address: str, inbound: Inbound, content: Content, verdict: Verdict, mute: str
) -> Outcome:
    """Make of a letter to `address` what its agent wished, or say why not.

    mute  why no machine may answer the letter; "" if one may

    1. Leave aside what a machine wrote.  2. Find whose address it is.  3. Ask whether they wrote.
    4. Take their own words.  5. Do it, by their right; tell them when it cannot be done.
    """
    if reason := _of_a_machine(inbound, verdict, mute):
        return Outcome(Letter.State.IGNORED, verdict.what, reason)
    named = replies.read(address)
    agent = _agent(named.agent_id) if named else None
    if named is None or agent is None:
        return Outcome(Letter.State.PARKED, verdict.what, "reply_address_unknown")
    ticket = Ticket.objects.filter(pk=survivor_id(named.ticket_id)).first()
    refused = _refused_because(agent, ticket, inbound)
    message = None
    if not refused and ticket is not None:
        answered = list(_letters_answered(inbound).values_list("pk", flat=True))
        message, refused = _do(agent, ticket, content, answered)
    if message is not None:
        reason = "agent_answered" if message.kind == Message.Kind.REPLY else "agent_noted"
        return Outcome(Letter.State.READ, verdict.what, reason, ticket, message)
    _tell_why(agent.account, letter, mute)
    return Outcome(Letter.State.PARKED, verdict.what, refused, ticket)


def answers_one_of_ours(
    letter: Letter, inbound: Inbound, verdict: Verdict, mute: str
) -> Outcome | None:
    """Return what becomes of a letter that answers one to an agent, at an address of customers; None if it does not.

    Its words are a colleague's: they must neither become a customer's message nor open a ticket.
    """
    delivery = _answered(inbound)
    if delivery is None or delivery.account is None:
        return None
    if reason := _of_a_machine(inbound, verdict, mute):
        return Outcome(Letter.State.IGNORED, verdict.what, reason, delivery.ticket)
    if inbound.proved == delivery.account.email:
        _tell_why(delivery.account, letter, mute)
    return Outcome(Letter.State.PARKED, verdict.what, "reply_elsewhere", delivery.ticket)


def is_answer_to_one_of_ours(inbound: Inbound) -> bool:
    """Whether it answers what the desk wrote to somebody of ours."""
    return _answered(inbound) is not None


def _answered(inbound: Inbound) -> Delivery | None:
    return _letters_answered(inbound).select_related("account", "ticket").first()


def _letters_answered(inbound: Inbound) -> QuerySet[Delivery]:
    """Return what it answers of what we wrote to somebody of ours; nothing is asked where it answers nothing."""
    return Delivery.objects.filter(rfc_message_id__in=inbound.answers).exclude(account=None)


def _of_a_machine(inbound: Inbound, verdict: Verdict, mute: str) -> str:
    """Return the code of what says that nobody wrote it; "" when somebody did."""
    if verdict.what != Letter.What.LETTER:
        return verdict.reason or "auto_generated"
    if mute in ("null_sender", "robot", "own_mail_box", "spam"):
        return "null_sender" if mute == "null_sender" else "auto_generated"
    return "auto_reply_subject" if marks.AWAY.match(inbound.subject) else ""


def _agent(number: int) -> Agent | None:
    return Agent.objects.select_related("account").filter(pk=number).first()


def _refused_because(agent: Agent, ticket: Ticket | None, inbound: Inbound) -> str:
    if inbound.proved != agent.account.email:
        return "reply_not_theirs"
    if inbound.authentication == "fail":
        return "reply_forged"
    if agent.archived_at is not None or not agent.account.is_active:
        return "reply_has_left"
    return "reply_no_ticket" if ticket is None or ticket.purged_at is not None else ""


def _do(
    agent: Agent, ticket: Ticket, content: Content, answered: list[int]
) -> tuple[Message | None, str]:
    """Write the note or the answer; return it, or the code of why it cannot be."""
    own = own_words(content)
    if own.is_empty:
        return None, "reply_empty"
    by = Actor.agent(agent)
    try:
        with transaction.atomic():
            if becomes(agent, ticket, answered) == "reply":
                return actions.reply(ticket, own, by=by), ""
            return actions.note(ticket, own, by=by), ""
    except NotAllowed:
        return None, "reply_not_allowed"
    except DeskError:
        return None, "reply_not_now"


def own_words(content: Content) -> Content:
    """Return what its writer wrote, plain, with the files and nothing of what it answers.

    HTML is left out: what a mail program repeats in it cannot be told from what was written with certainty.
    """
    cut = _CUT.search(content.text)
    text = content.text[: cut.start()] if cut else content.text
    # The line above what is repeated ("… wrote:") may hold the address, which is nobody else's.
    text = "\n".join(line for line in text.splitlines() if not replies.stand_in(line))
    files = tuple(replace(file, inline=False, content_id="") for file in content.files)
    facts = {name: told for name, told in content.facts.items() if name == "masked"}
    return Content(text=text.strip(), files=files, facts=facts, masked=content.masked)


def _tell_why(account: Account, letter: Letter, mute: str) -> None:
    """Tell somebody of ours by mail that their letter was not taken: once, and never a machine."""
    told = Delivery.objects.filter(account=account, purpose=Delivery.Purpose.NOT_TAKEN)
    today = told.filter(hold_until__gt=clock.now() - IN_A_DAY).count()
    if mute in ASKS_FOR_SILENCE or today >= REFUSALS or told.filter(letter=letter).exists():
        return
    outbox.write_to_account(account, Delivery.Purpose.NOT_TAKEN, about=letter)
