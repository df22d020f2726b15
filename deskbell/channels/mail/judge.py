"""What a letter is, who wrote it and where it belongs, before anything is done about it.

Reads tables, changes none: read.py acts on it, explain.py tells it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from deskbell.channels.inbound import Inbound, Named
from deskbell.channels.mail import blocking, facts, ids, match, recipients, screen, senders
from deskbell.channels.mail.models import Letter, Source
from deskbell.channels.mail.parse import Parsed
from deskbell.people.models import Agent, Desk

# A letter that lay on its server for longer is answered by a person, never by "we have got it".
OLD = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the server knew of a letter beside its bytes.

    mail_from  "" is the null sender, None is unknown
    is_old     it lay on the server that it was fetched from for days, or before anything was fetched
    """

    mail_from: str | None = None
    rcpt: Sequence[str] = ()
    is_old: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """What is known of a letter before it is acted on.

    inbound  with who wrote it, as far as may be believed where it goes
    mute     why no machine may answer it, as a code; "" if one may
    """

    inbound: Inbound
    writer: senders.Writer
    verdict: screen.Verdict
    mute: str
    found: match.Match
    is_blocked: bool


def judge(parsed: Parsed, inbound: Inbound, envelope: Envelope) -> Judged:
    """Return what there is to know of a letter.

    inbound  of `parsed`, with its sender filled in and how far it is proved
    1. Ask who wrote it, now that we know which addresses are ours.  2. Ask what it is.
    3. Find the ticket.  4. Into a ticket comes only who is proved, never who is claimed.
    """
    writer = _writer(parsed)
    if writer.address and writer.address != inbound.sender_address:
        inbound = replace(
            inbound,
            sender_address=writer.address,
            sender_name=writer.name,
            proved_address=writer.proved,
        )
    if writer.rule in ("sender", "reply_to", "return_path"):
        # Without From there is nobody whom a server could vouch for: as good as forged.
        inbound = replace(inbound, authentication="fail")
    verdict = screen.screen(
        replace(parsed, inbound=inbound),
        is_ours=_is_ours(inbound),
        mail_from=envelope.mail_from,
    )
    mute = screen.mute_because(
        inbound,
        verdict,
        mail_from=envelope.mail_from,
        is_own=bool(recipients.own([inbound.sender_address])),
        is_old=envelope.is_old,
    )
    found = match.find(inbound, envelope.rcpt)
    if found.ticket is not None and inbound.proved != inbound.sender_address:
        inbound = replace(inbound, sender_address=inbound.proved, sender_name=writer.through[1])
    inbound = replace(inbound, facts=facts.facts_of(parsed, writer, _inside(parsed, inbound), mute))
    blocked = {inbound.sender_address, inbound.proved, writer.address or inbound.sender_address}
    is_blocked = any(blocking.is_blocked(address) for address in sorted(blocked))
    return Judged(inbound, writer, verdict, mute, found, is_blocked)


def _writer(parsed: Parsed) -> senders.Writer:
    heads = parsed.heads
    if not heads.reply_to:  # without it, it makes no difference which addresses are ours
        return senders.writer_of(heads)
    named = [address for address, _name in (*heads.author, *heads.reply_to)]
    return senders.writer_of(heads, recipients.own(named))


def _inside(parsed: Parsed, inbound: Inbound) -> Named | None:
    """Return who wrote the letter that an agent hands on to the desk; None when it is no agent, or nobody's."""
    if not parsed.inside or inbound.authentication == "fail" or not _is_agent(inbound.proved):
        return None
    ours = recipients.own([address for address, _name in parsed.inside])
    others = (one for one in parsed.inside if one[0] not in ours)
    return next((one for one in others if not _is_agent(one[0])), None)


def _is_agent(address: str) -> bool:
    return Agent.objects.filter(account__email=address, archived_at=None).exists()


def _is_ours(inbound: Inbound) -> bool:
    if ids.read_token(inbound.message_id) is not None:
        return True
    marks = inbound.headers_of_interest.get("x-deskbell-installation", ())
    return bool(marks) and Desk.get().installation in marks


def envelope_of(letter: Letter) -> Envelope:
    """Return the envelope of a letter; only by SMTP an empty sender is the null sender, else nobody's knowledge."""
    return Envelope(
        letter.mail_from if letter.source == "smtp" else None,
        letter.rcpt,
        is_old=_is_old(letter),
    )


def _is_old(letter: Letter) -> bool:
    """Whether it lay for days on the server that it was fetched from, or since before anything was fetched."""
    if letter.came_at is None or letter.box_id is None:
        return False
    if letter.received_at - letter.came_at > OLD:
        return True
    began = Source.objects.filter(box=letter.box_id).values_list("started_at", flat=True).first()
    # Servers tell whole seconds: what came in the second in which fetching began may have come after it.
    return began is not None and letter.came_at < began.replace(microsecond=0)


def arrived_at(letter: Letter) -> datetime:
    """Return when it reached our door: where it was fetched, when it came to that server, if that can be."""
    return min(letter.came_at or letter.received_at, letter.received_at)
