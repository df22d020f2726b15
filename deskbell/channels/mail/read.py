"""The job that reads a letter: from bytes on disk to a message on a ticket, or a reason why not.

All that is decided about a letter is committed in one transaction with what it does to a ticket, so
running the job twice, or killing it anywhere, loses and doubles nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import structlog
from django.db import Error as DatabaseError
from django.db import transaction

from deskbell import clock
from deskbell.channels import intake
from deskbell.channels.inbound import Inbound, InboundFile, Named
from deskbell.channels.mail import (
    authentic,
    bounces,
    copied,
    facts,
    from_agents,
    ids,
    judge,
    letters,
    opening,
    plus,
    precautions,
    reader,
    receipts,
    recipients,
    replies,
    screen,
    sealing,
)
from deskbell.channels.mail.addresses import bare
from deskbell.channels.mail.feedback import Feedback
from deskbell.channels.mail.models import Letter
from deskbell.channels.mail.parse import Parsed, Refused
from deskbell.channels.mail.spam import trusted
from deskbell.channels.mail.spam.suspect import Suspicion, suspect
from deskbell.channels.mail.spam.trusted import Word
from deskbell.channels.masked import masked
from deskbell.errors import OutsideFailure
from deskbell.masking import rules
from deskbell.masking.masks import Masking
from deskbell.tickets.content import Content
from deskbell.tickets.masked import telling
from deskbell.tickets.models import Message, Ticket
from deskbell.work import jobs

log = structlog.get_logger(__name__)

# A letter that killed so many readers is not given to another one.
MAX_KILLS = 2
# How long an answer waits for the letter that it answers, and how often it looks.
PATIENCE = timedelta(minutes=2)
LOOK_AGAIN = timedelta(seconds=1)
NO_DEPARTMENT_YET = timedelta(minutes=1)

State, What = Letter.State, Letter.What


@dataclass(frozen=True, slots=True)
class _Decision:
    """What becomes of a letter."""

    state: Letter.State
    what: Letter.What
    reason: str = ""
    ticket: Ticket | None = None
    message: Message | None = None
    mute: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class _Said:
    """The words of a letter as they may be kept, with its files on disk; `masking` knows what it has masked."""

    inbound: Inbound
    content: Content
    masking: Masking


@jobs.job("read_letter", lease=timedelta(minutes=3), lane=jobs.LETTERS)
def read_letter(letter_id: int, *, anyway: bool = False) -> None:
    """Read a letter that waits.

    anyway  a person wants a ticket of it, whatever it is
    1. Read it in a child.  2. Wait for a letter that it answers.  3. Ask whether its sender is real.
    4. Mask what must not be kept, and put its files on disk.  5. Decide and commit; what was masked seals the letter.
    """
    letter = Letter.objects.filter(pk=letter_id, state=State.WAITING).first()
    if letter is None:
        return
    try:
        with letters.passing_folder() as folder:
            _read(letter, folder, anyway=anyway)
    except (jobs.Later, OutsideFailure, DatabaseError, OSError):
        raise  # it will pass: the job is tried again
    except Exception as error:
        # One bad letter must not stand in the way nor vanish: it is parked and a person sees it.
        log.exception("letter.failed", letter=letter.pk)
        _park(letter, "unexpected", type(error).__name__)


def _read(letter: Letter, folder: Path, *, anyway: bool) -> None:
    parsed = _parsed(letter, folder, anyway=anyway)
    if parsed is None:
        return
    inbound = _with_sender(parsed.inbound, letter, anyway=anyway)
    if not inbound.sender_address:
        _park(letter, "no_sender")
        return
    _wait_for_what_it_answers(letter, inbound)
    word = _word_about(letter)
    inbound = replace(inbound, authentication=word.authentication)
    said = _said(inbound)
    try:
        with transaction.atomic():
            # Two workers may hold the same letter; the second one finds it read.
            fresh = Letter.objects.select_for_update().get(pk=letter.pk)
            if fresh.state == State.WAITING:
                fresh.conversation = inbound.conversation
                fresh.authentication = word.authentication
                whole = replace(parsed, inbound=inbound)
                _write(fresh, _decide(fresh, whole, said, word, anyway=anyway))
                if said.masking.told and fresh.state != State.PARKED:
                    sealing.seal_masked(fresh)
    except recipients.NoDepartment:
        raise jobs.Later(clock.now() + NO_DEPARTMENT_YET, "no_department") from None


def _said(inbound: Inbound) -> _Said:
    masking = rules.begin()
    said = masked(inbound, masking)
    return _Said(said, intake.content_of(said), masking)


def _parsed(letter: Letter, folder: Path, *, anyway: bool) -> Parsed | None:
    """Return what the letter says; None when it was parked because nobody can tell."""
    path = letters.path_of(letter)
    if anyway and letter.kills >= MAX_KILLS:
        return Parsed(_as_file_only(letter, folder))
    try:
        return reader.read(path, folder, keys=opening.keys_for(path))
    except Refused as refused:
        if anyway:
            return Parsed(_as_file_only(letter, folder))
        _park(letter, refused.reason)
    except reader.ReaderDied as died:
        _count_kill(letter, died.reason, anyway=anyway)
    except FileNotFoundError:
        _park(letter, "file_missing")
    return None


def _count_kill(letter: Letter, reason: str, *, anyway: bool) -> None:
    letter.kills += 1
    Letter.objects.filter(pk=letter.pk).update(kills=letter.kills)
    log.warning("letter.killed_its_reader", letter=letter.pk, reason=reason, kills=letter.kills)
    if letter.kills >= MAX_KILLS and not anyway:
        _park(letter, f"reader_{reason}")
        return
    raise jobs.Later(clock.now(), f"reader_{reason}")


def _as_file_only(letter: Letter, folder: Path) -> Inbound:
    """Return a letter that nobody can read as what it is: a file from somebody."""
    path = folder / "letter.eml"
    path.symlink_to(letters.path_of(letter))
    file = InboundFile("letter.eml", "message/rfc822", path, letter.size_bytes)
    return Inbound(
        channel="mail",
        sender_address=bare(letter.mail_from),
        files=(file,),
        message_id=letter.rfc_message_id,
        subject="letter.eml",
    )


def _with_sender(inbound: Inbound, letter: Letter, *, anyway: bool) -> Inbound:
    if inbound.sender_address:
        return inbound
    known = bare(letter.mail_from) or ("nobody@unknown.invalid" if anyway else "")
    return replace(inbound, sender_address=known)


def _wait_for_what_it_answers(letter: Letter, inbound: Inbound) -> None:
    """Put the job back while a letter that this one answers is still unread, for a while."""
    if not inbound.answers or clock.now() - letter.received_at > PATIENCE:
        return
    waiting = Letter.objects.filter(rfc_message_id__in=inbound.answers, state=State.WAITING)
    if waiting.exclude(pk=letter.pk).exists():
        raise jobs.Later(clock.now() + LOOK_AGAIN, "waits_for_what_it_answers")


def _word_about(letter: Letter) -> Word:
    """Return what can be known of its sender: asked of the DNS at our own door, else what a server of ours wrote."""
    decided = precautions.current()
    is_direct = letter.source == "smtp" and authentic.is_direct(letter.peer_ip)
    if not is_direct and not decided.checkers:
        return Word()
    raw = letters.path_of(letter).read_bytes()
    if not is_direct:
        return trusted.word_of(raw, decided.checkers)
    return authentic.prove(
        raw,
        peer_ip=letter.peer_ip,
        mail_from=letter.mail_from,
        helo=letter.helo,
        sealers=decided.sealers,
    )


def _decide(letter: Letter, parsed: Parsed, said: _Said, word: Word, *, anyway: bool) -> _Decision:
    # What it is and where it belongs is judged by what was written: a rule may cover the code of a ticket.
    judged = judge.judge(parsed, parsed.inbound, judge.envelope_of(letter))
    judged = replace(judged, inbound=_as_said(judged.inbound, said))
    content = telling(replace(said.content, facts=judged.inbound.facts), said.masking)
    if not anyway and (decision := _without_a_ticket(letter, parsed, judged, content)):
        return decision
    found = judged.found
    suspicion = None if anyway else _suspicion(letter, judged, word)
    taken = intake.take_in(
        judged.inbound,
        content,
        intake.Destination(
            ticket=found.ticket,
            trust=found.trust,
            linked=found.linked,
            department=recipients.department_for(judged.inbound, letter.rcpt, letter.box),
            copies=_copies(judged, letter),
            is_spam=suspicion is not None,
            side=found.side,
        ),
        arrived_at=judge.arrived_at(letter),
    )
    if suspicion is not None:
        return _Decision(
            State.READ,
            What.SPAM,
            suspicion.reason,
            taken.ticket,
            taken.message,
            judged.mute,
            suspicion.detail,
        )
    reason = judged.verdict.reason or (found.evidence and f"{found.evidence}_{found.grade}")
    return _Decision(
        State.READ, judged.verdict.what, reason, taken.ticket, taken.message, judged.mute
    )


def _as_said(inbound: Inbound, said: _Said) -> Inbound:
    """Return what was judged, with its words as they may be kept."""
    mask = said.masking.text
    return replace(
        said.inbound,
        sender_address=inbound.sender_address,
        sender_name=mask(inbound.sender_name),
        proved_address=inbound.proved_address,
        authentication=inbound.authentication,
        facts=facts.masked(inbound.facts, mask),
    )


def _suspicion(letter: Letter, judged: judge.Judged, word: Word) -> Suspicion | None:
    """Return why the letter is taken for spam; None for one that is not, or that belongs to a ticket of ours."""
    if judged.found.ticket is not None or judged.found.linked is not None:
        return None
    return suspect(judged.inbound, letter, word, judged.mute)


def _copies(judged: judge.Judged, letter: Letter) -> tuple[Named, ...]:
    """Return whom the letter copies in; nobody where no machine may answer, but for who only asks for silence."""
    silent = judged.mute and judged.mute != "asks_for_silence"
    return () if silent else copied.copied(judged.inbound, letter.rcpt)


def _without_a_ticket(
    letter: Letter, parsed: Parsed, judged: judge.Judged, content: Content
) -> _Decision | None:
    """Return what becomes of a letter that is no customer's news; None for any other."""
    verdict, found = judged.verdict, judged.found
    if decision := _of_ourselves(letter, judged.inbound, verdict) or _of_an_agent(
        letter, judged.inbound, content, verdict, judged.mute
    ):
        return decision
    match verdict.what:
        case What.BOUNCE | What.RECEIPT | What.COMPLAINT:
            return _of_a_report(letter, parsed, verdict)
        case _ if judged.is_blocked:
            return _Decision(State.IGNORED, What.SPAM, "blocked_sender", found.ticket)
        case What.AUTO_REPLY if found.ticket or verdict.reason in screen.NO_NEWS:
            # "I am away" says nothing: it must neither open a ticket again nor become one.
            return _Decision(State.IGNORED, What.AUTO_REPLY, verdict.reason, found.ticket)
        case _:
            return None


def _of_ourselves(letter: Letter, inbound: Inbound, verdict: screen.Verdict) -> _Decision | None:
    """Return what becomes of a letter of ours that came back; None for any other."""
    if verdict.what != What.BOUNCE and plus.note_arrival(letter.rcpt, inbound):
        return _Decision(State.IGNORED, What.LOOP, "probe_came_back")
    if verdict.what != What.LOOP:
        return None
    token = ids.read_token(inbound.message_id)
    ticket = token and Ticket.objects.filter(pk=token.ticket_id).first()
    return _Decision(State.IGNORED, What.LOOP, verdict.reason, ticket or None)


def _of_an_agent(
    letter: Letter, inbound: Inbound, content: Content, verdict: screen.Verdict, mute: str
) -> _Decision | None:
    """Return what becomes of a letter in answer to what one of ours was told; None for any other."""
    if verdict.what in (What.LOOP, What.BOUNCE, What.RECEIPT, What.COMPLAINT):
        return None
    if address := replies.named_by(letter.rcpt, inbound):
        outcome = from_agents.take(letter, address, inbound, content, verdict, mute)
    elif other := from_agents.answers_one_of_ours(letter, inbound, verdict, mute):
        outcome = other
    else:
        return None
    return _Decision(
        outcome.state, outcome.what, outcome.reason, outcome.ticket, outcome.message, mute
    )


def _of_a_report(letter: Letter, parsed: Parsed, verdict: screen.Verdict) -> _Decision | None:
    if parsed.feedback is not None:
        return _of_feedback(parsed.feedback, verdict)
    return _of_bounce(letter, parsed) if parsed.report is not None else None


def _of_bounce(letter: Letter, parsed: Parsed) -> _Decision:
    assert parsed.report is not None
    outcome = bounces.record(parsed.report, beside=(*parsed.inbound.answers, *letter.rcpt))
    match outcome.reason:
        case "bounce_recorded":
            state = State.READ
        case "bounce_unknown":
            # It may be about a letter that matters, or about one that somebody forged: a person looks.
            state = State.PARKED
        case _:
            state = State.IGNORED
    return _Decision(state, What.BOUNCE, outcome.reason, outcome.ticket)


def _of_feedback(feedback: Feedback, verdict: screen.Verdict) -> _Decision:
    outcome = receipts.record(feedback)
    # Whose letter it is that somebody complains of, a person should find out.
    is_a_riddle = outcome.reason == "complaint_unknown"
    state = State.PARKED if is_a_riddle else State.IGNORED
    return _Decision(state, verdict.what, outcome.reason, outcome.ticket)


def _park(letter: Letter, reason: str, detail: str = "") -> None:
    Letter.objects.filter(pk=letter.pk, state=State.WAITING).update(
        state=State.PARKED, reason=reason, detail=detail[:500], read_at=clock.now()
    )
    log.warning("letter.parked", letter=letter.pk, reason=reason)


def _write(letter: Letter, decision: _Decision) -> None:
    letter.state = decision.state
    letter.what = decision.what
    letter.reason = decision.reason
    letter.ticket = decision.ticket
    letter.message = decision.message
    letter.mute = decision.mute
    letter.detail = decision.detail[:500]
    letter.read_at = clock.now()
    letter.save(
        update_fields=(
            "state",
            "authentication",
            "detail",
            "what",
            "reason",
            "ticket",
            "message",
            "mute",
            "conversation",
            "read_at",
        )
    )
    # What came again before this one was read: who may see it is decided by the same ticket.
    again = Letter.objects.filter(first=letter, state=State.DUPLICATE)
    again.update(what=letter.what, ticket=letter.ticket, message=letter.message)
