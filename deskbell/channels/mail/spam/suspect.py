"""Whether a letter is taken for spam, and by whose word.

Called by read.py for a letter that would open a ticket.  Only strangers are judged by filters: whoever was answered
here before, continues a thread of ours, or is one of us, is trusted over them.  Reads tables, changes none.
"""

from __future__ import annotations

from dataclasses import dataclass

from deskbell.channels.inbound import Inbound
from deskbell.channels.mail import authentic, precautions
from deskbell.channels.mail.models import Delivery, Letter, MailBox, SpamWord
from deskbell.channels.mail.spam import learn
from deskbell.channels.mail.spam.score import Counts, score
from deskbell.channels.mail.spam.trusted import Word
from deskbell.channels.mail.spam.words import numbers_of, shown, words_of
from deskbell.people.models import Account, Address
from deskbell.tickets.models import Message

# The filter is silent until it has learned of so many letters of both sorts.
FEWEST_LESSONS = 20
_SHOWN = 5

_STRICT = frozenset({"reject", "quarantine"})


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Why it is spam: a code that reasons.py words, and what goes into its sentence."""

    reason: str
    detail: str = ""


def suspect(inbound: Inbound, letter: Letter, word: Word, mute: str) -> Suspicion | None:
    """Return why the letter is spam, or None.

    word  what is known of its sender and of other filters
    1. A domain that wants forged mail refused.  2. A filter of ours in front, or else what was learned here; of
    somebody known, neither counts.
    """
    # First, for whoever forges a letter forges one of somebody known.
    if _is_forged(inbound, letter, word):
        return Suspicion("spam_forged", inbound.sender_address.rpartition("@")[2])
    found = Suspicion("spam_checked", word.spam) if word.spam else _by_words(inbound, mute)
    # Asked last: most letters are suspected by nobody, known or not.
    return None if found is None or is_known(inbound.proved) else found


# Whom an agent wrote to.
WRITTEN_BY_US = (Delivery.Purpose.REPLY, Delivery.Purpose.FORWARD)


def is_known(address: str) -> bool:
    """Whether somebody is trusted over every filter: one of us, or whom an agent has answered."""
    value = address.lower()
    if (
        MailBox.objects.filter(address=value).exists()
        or Account.objects.filter(email=value).exists()
    ):
        return True
    customers = Address.objects.filter(kind="mail", value=value).values("customer")
    answers = Message.objects.filter(kind=Message.Kind.REPLY, taken_back_at=None)
    return (
        answers.filter(ticket__customer__in=customers).exclude(ticket__status="spam").exists()
        or Delivery.objects.filter(
            address=value, purpose__in=WRITTEN_BY_US, state=Delivery.State.SENT
        ).exists()
    )


def _is_forged(inbound: Inbound, letter: Letter, word: Word) -> bool:
    """Whether our own door found that the letter is none of the domain that wants such letters put aside."""
    is_ours_to_say = letter.source == "smtp" and word.policy in _STRICT
    return (
        is_ours_to_say
        and inbound.authentication == "fail"
        and authentic.is_direct(letter.peer_ip)
        and not is_forwarded(inbound, letter)
    )


def is_forwarded(inbound: Inbound, letter: Letter) -> bool:
    """Whether a server on the way seems to have handed it on: it breaks such proofs, and nobody is to blame."""
    written_to = {address for address, _name in (*inbound.to, *inbound.cc)}
    came_to = {address.lower() for address in letter.rcpt}
    rewritten = letter.mail_from.lower().startswith(("srs0", "srs1", "prvs="))
    return rewritten or (bool(inbound.delivered_to) and not came_to & written_to)


def _by_words(inbound: Inbound, mute: str) -> Suspicion | None:
    if not precautions.current().filters:
        return None
    learned = learn.learned()
    if min(learned.spam, learned.ham) < FEWEST_LESSONS:
        return None
    words = words_of(
        subject=inbound.subject,
        text=inbound.text,
        html=inbound.html,
        sender=inbound.sender_address,
        signs=(inbound.authentication, mute),
    )
    numbers = numbers_of(words)
    seen = SpamWord.objects.in_bulk(list(numbers))
    # In the letter's order, so that of words that tell as much the same ones are shown on any database.
    counts = {
        word: Counts(seen[number].spam, seen[number].ham)
        for number, word in numbers.items()
        if number in seen
    }
    found = score(counts, learned)
    if not found.is_spam:
        return None
    because = list(dict.fromkeys(shown(word) for word in found.because if ":" not in word))
    return Suspicion("spam_learned", f"{learned.spam}|{', '.join(because[:_SHOWN])}")
