"""What would be made of a letter, and why, line by line: `bin/deskbell mail explain FILE`.  It changes nothing.

In English, as all that operators type; the sentences of pages stand in it as they are.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from deskbell.channels.mail import (
    facts,
    from_agents,
    judge,
    match,
    opening,
    precautions,
    reader,
    reasons,
    recipients,
    replies,
    screen,
    senders,
)
from deskbell.channels.mail.models import Letter
from deskbell.channels.mail.parse import Parsed, Refused
from deskbell.channels.mail.spam import trusted
from deskbell.channels.mail.spam.suspect import suspect
from deskbell.channels.masked import masked
from deskbell.masking import rules

# Of a text, so much is shown.
_MOST_LINES = 12


def explain(path: Path) -> Iterator[str]:
    """Yield what would be made of the letter at `path`, a line each.  Raises OSError."""
    with tempfile.TemporaryDirectory(prefix="deskbell-explain-") as folder:
        try:
            parsed = reader.read(path, Path(folder), keys=opening.keys_for(path))
        except Refused as refused:
            yield f"Not read: {reasons.REASONS.get(refused.reason, refused.reason)} ({refused.reason})"
            return
        except reader.ReaderDied as died:
            yield f"Not read: {reasons.REASONS[f'reader_{died.reason}']} (reader_{died.reason})"
            return
        judged = judge.judge(parsed, parsed.inbound, judge.Envelope())
        yield from _who(parsed, judged)
        yield from _where(judged)
        yield from _what(judged)
        yield from _spam(path, judged)
        yield from _masked(parsed)


def _who(parsed: Parsed, judged: judge.Judged) -> Iterator[str]:
    writer, inbound = judged.writer, judged.inbound
    yield f"Subject: {inbound.subject}"
    yield f"Written by: {facts.named(writer.name, writer.address) or 'nobody'}"
    yield f"  for {_RULES[writer.rule]} ({writer.rule})"
    yield f"Proved, if at all: {writer.proved or 'nobody, for there is no From'}"
    if writer.through[0]:
        yield f"Through: {facts.named(writer.through[1], writer.through[0])}"
    if writer.answers_to:
        yield f"Asks for answers at: {writer.answers_to}"
    for kind, found in (("To", inbound.to), ("Cc", inbound.cc)):
        if found:
            yield f"{kind}: {', '.join(facts.named(name, address) for address, name in found)}"
    if inbound.delivered_to:
        yield f"Delivered to: {', '.join(inbound.delivered_to)}"
    if parsed.inside:
        handed = ", ".join(facts.named(name, address) for address, name in parsed.inside)
        offered = judged.inbound.facts.get("inside")
        yield f"Hands on a letter of: {handed}{' (offered as the customer)' if offered else ''}"


_RULES: dict[senders.Rule, str] = {
    "from": "it stands in From",
    "from_undone": "it stood in From before a forwarding server rewrote it",
    "google_group": "a Google Group has put itself into From",
    "list_in_from": "a mailing list has put itself into From",
    "own_address": "a form or program of ours wrote from one of our own addresses",
    "robot": "a form or program wrote from an address that nobody reads",
    "sender": "there is no From, and this one stands in Sender",
    "reply_to": "there is no From, and this one is to be answered",
    "return_path": "there is no From, and what cannot be delivered goes back to this one",
    "nobody": "no header names anybody",
}


def _where(judged: judge.Judged) -> Iterator[str]:
    inbound = judged.inbound
    try:
        department = recipients.department_for(inbound, ())
    except recipients.NoDepartment as none:
        yield f"Department: {none.sentence}"
    else:
        box = recipients.first_box(
            (*inbound.delivered_to, *(one for one, _name in (*inbound.to, *inbound.cc)))
        )
        why = (
            f"by its mail box {box.address}"
            if box
            else "the first one, for no address in it is ours"
        )
        yield f"Department: {department.name} ({why}; the envelope goes before, where there is one)"
    yield f"Ticket: {_ticket(judged.found)}"


def _ticket(found: match.Match) -> str:
    code = f"{found.evidence}_{found.grade}"
    evidence = f"{reasons.REASONS.get(code, '')} ({code})".lstrip()
    if found.side is not None and found.ticket is not None:
        return f"goes beside the customer's thread of {found.ticket.code}. {evidence}"
    if found.ticket is not None:
        return f"continues {found.ticket.code}. {evidence} {_TRUSTED[found.trust]} ({found.trust})"
    if found.linked is not None:
        return f"a new one, linked with {found.linked.code}. {evidence}"
    return "a new one (it answers nothing that we know)"


_TRUSTED = {
    "participant": "Its sender takes part.",
    "new_sender": "Its sender waits until an agent accepts them.",
}


def _what(judged: judge.Judged) -> Iterator[str]:
    verdict = judged.verdict
    sentence = reasons.REASONS.get(verdict.reason, "")
    yield f"What it is: {Letter.What(verdict.what).label}{f'. {sentence} ({verdict.reason})' if verdict.reason else ''}"
    yield f"What becomes of it: {_outcome(judged)}"
    yield f"A machine may answer: {f'no. {reasons.MUTES[judged.mute]} ({judged.mute})' if judged.mute else 'yes'}"


def _spam(path: Path, judged: judge.Judged) -> Iterator[str]:
    """Tell what filters say of a letter that opens a ticket; our own door is not asked, for nobody stands there."""
    if judged.found.ticket is not None or judged.found.linked is not None:
        yield "Taken for spam: no, it belongs to a ticket"
        return
    word = trusted.word_of(path.read_bytes(), precautions.current().checkers)
    found = suspect(judged.inbound, Letter(source="pipe"), word, judged.mute)
    if found is None:
        yield "Taken for spam: no"
        return
    yield f"Taken for spam: {reasons.reason_in_words(found.reason, found.detail)} ({found.reason})"


def _outcome(judged: judge.Judged) -> str:
    """Return what read.py would do, in its order."""
    what, inbound = judged.verdict.what, judged.inbound
    says_nothing = judged.found.ticket is not None or judged.verdict.reason in screen.NO_NEWS
    outcomes = {
        "a look is needed, for it names no sender": judged.writer.rule == "nobody",
        "nothing, it is our own": what == Letter.What.LOOP,
        "what it reports is noted on the delivery that it is about": what == Letter.What.BOUNCE,
        "what it tells is noted on the delivery that it is about": (
            what in (Letter.What.RECEIPT, Letter.What.COMPLAINT)
        ),
        "an agent's note or answer, if it is theirs": bool(replies.named_by((), inbound)),
        "a look is needed, for it answers what an agent was told": (
            from_agents.is_answer_to_one_of_ours(inbound)
        ),
        "nothing, its sender is blocked": judged.is_blocked,
        "nothing, it says nothing new": what == Letter.What.AUTO_REPLY and says_nothing,
    }
    return next((told for told, holds in outcomes.items() if holds), "a message on its ticket")


_REPAIRS = {
    "charset": "the charset that it names cannot be its own",
    "headers_mended": "its headers were not whole",
    "tnef_opened": "a winmail.dat of Outlook was unpacked",
    "tnef_broken": "a winmail.dat of Outlook is broken, and stays a file",
    "tnef_bomb": "a winmail.dat of Outlook holds more than a letter may, and stays a file",
}


def _masked(parsed: Parsed) -> Iterator[str]:
    """Tell what rules would mask, and what would be left of the words."""
    masking = rules.begin()
    said = masked(parsed.inbound, masking)
    yield from _says(replace(parsed, inbound=said))
    [sentence] = facts.sentences({"masked": masking.told}) or [""]
    yield f"Masked: {f'{sentence}; the letter would be sealed' if sentence else 'nothing'}"


def _says(parsed: Parsed) -> Iterator[str]:
    inbound = parsed.inbound
    for code, what in parsed.repairs:
        yield f"Set right: {_REPAIRS[code]}{f', {what}' if what else ''} ({code})"
    if parsed.encrypted:
        [sentence] = facts.sentences({"encrypted": parsed.encrypted})
        yield f"Encrypted: {sentence} ({parsed.encrypted})"
    if parsed.signature is not None:
        told = facts.facts_of(parsed, senders.writer_of(parsed.heads), None)["signature"]
        yield f"Signature: {facts.signature_words(told)} ({parsed.signature.result})"
    if parsed.invitation is not None:
        event = parsed.invitation
        title = facts.invitation_title({"answer": event.answer, "method": event.method})
        yield f"Calendar: {title}, {event.summary}, {event.starts or 'no time'} ({event.method})"
    yield from _block("New", inbound.text)
    yield from _block("Quoted", inbound.quoted)
    yield f"HTML: {f'{len(inbound.html)} characters, safe' if inbound.html else 'none'}"
    for file in inbound.files:
        where = "shown in the HTML" if file.inline else "a file"
        yield f"File: {file.name} ({file.content_type}, {file.size_bytes} bytes, {where})"


def _block(title: str, text: str) -> Iterator[str]:
    lines = text.strip().splitlines()
    yield f"{title}: {len(lines)} {'line' if len(lines) == 1 else 'lines'}"
    yield from (f"  | {line}" for line in lines[:_MOST_LINES])
    if len(lines) > _MOST_LINES:
        yield "  | …"
