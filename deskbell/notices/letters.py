"""The words of the letters that the desk sends, from the rows that they are about.

Called when a letter is about to leave (channels/mail/compose.py); the language is the recipient's, and
active before these are called.  Nothing here sends anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from deskbell import clock, languages
from deskbell.notices import on_ticket, portal_links, reading, solved_links
from deskbell.notices.models import Notice
from deskbell.notices.on_ticket import About
from deskbell.notices.rendering import Words, render
from deskbell.people import own_words
from deskbell.people.accounts import invitation_for
from deskbell.people.models import Account, Agent
from deskbell.tickets.messages import bare_subject
from deskbell.tickets.models import Entry, Message, Ticket

# As many things does one letter tell, the newest; for the others it leads to the page.
MOST_TOLD = 40

# Stands above what a letter that an agent may answer says: what comes back below it is not theirs.
CUT = "##- %s -##"


def answer(message: Message, team: str = "", portal: str = "") -> Words:
    """Return the words of an agent's answer.

    team    the desk's name; "" while it has none
    portal  the address of the recipient's page; "" when they have none
    """
    agent = agent_of(message.author_kind, message.author_id)
    about = _about(message.ticket, team, agent, "answer", "signature")
    return on_ticket.answer(about, message.text.plain, message.text.html, portal)


def forward(message: Message, team: str = "") -> Words:
    """Return the words of what an agent writes to somebody outside: signed, with nothing of the team's to customers."""
    agent = agent_of(message.author_kind, message.author_id)
    about = _about(message.ticket, team, agent, "signature")
    # The name would be the customer's.
    aside = replace(about, heading=message.subject, name="")
    return on_ticket.forward(aside, message.text.plain, message.text.html)


def acknowledgement(ticket: Ticket, team: str, portal: str = "") -> Words:
    """Return what tells a customer that their letter has come; team and portal as above."""
    about = _about(ticket, team, None, "acknowledgement")
    return on_ticket.acknowledgement(about, portal)


def ask_if_solved(ticket: Ticket, team: str, resolved: Entry, portal: str = "") -> Words:
    """Return the question "is it solved?" about the resolution that `resolved` recorded; team and portal as above."""
    link = settings.DESK_URL + solved_links.path(ticket.pk, resolved.step)
    about = _about(ticket, team, agent_of(resolved.by_kind, resolved.by_id), "ask_if_solved")
    return on_ticket.ask_if_solved(
        about,
        yes=f"{link}?{urlencode({'answer': 'yes'})}",
        no=f"{link}?{urlencode({'answer': 'no'})}",
        days=_days_left(ticket),
        portal=portal,
    )


def portal(ticket: Ticket, team: str, name: str, portal: str) -> Words:
    """Return the letter with a fresh link for somebody whose own has run out or was cut.

    name    theirs, "" while we know none
    portal  the address of their page; "" when they take part no longer
    """
    about = replace(_about(ticket, team, None, "portal"), name=name)
    return on_ticket.portal(about, portal, portal_links.GOOD_FOR.days)


def _about(ticket: Ticket, team: str, agent: Agent | None, *letters: str) -> About:
    """Return what a letter on `ticket` is about, with the team's own words of `letters`."""
    language = translation.get_language() or ""
    return About(
        heading=subject_of(ticket),
        subject=ticket.subject.plain,
        code=ticket.code,
        name=ticket.customer.name if ticket.customer else "",
        team=team,
        department=ticket.department.name,
        agent=agent.name if agent else "",
        signature=agent.signature if agent else "",
        own={one: own_words.words_for(one, ticket.department_id, language) for one in letters},
    )


@dataclass(frozen=True, slots=True)
class _OneTold:
    """One thing that a letter tells of a ticket; text is "" where nobody said anything."""

    sentence: str
    text: str


@dataclass(frozen=True, slots=True)
class _TicketTold:
    """What a letter tells of one ticket."""

    code: str
    subject: str
    link: str
    told: tuple[_OneTold, ...]


def of_notices(notices: Sequence[Notice], answer: str = "") -> Words:
    """Return what tells an agent of these, of one ticket after another; one at least.

    answer  what an answer by mail becomes: note or reply; "" where it cannot be answered
    """
    newest = notices[-MOST_TOLD:]
    told = {one.id: one for one in reading.worded(list(newest))}
    texts = reading.texts_of(newest)
    tickets: dict[int, list[Notice]] = {}
    for one in newest:
        tickets.setdefault(one.ticket_id, []).append(one)
    first = told[notices[-1].pk]
    heading = f"{first.sentence}: {first.subject} [{first.code}]"
    if len(tickets) > 1:
        heading = _("News of %(n)d tickets") % {"n": len({one.ticket_id for one in notices})}
    return render(
        "notice",
        heading=heading,
        tickets=[
            _TicketTold(
                code=ones[0].ticket.code,
                subject=ones[0].ticket.subject.plain,
                link=f"{settings.DESK_URL}/tickets/{ones[0].ticket.code}",
                told=tuple(_OneTold(told[one.pk].sentence, texts.get(one.pk, "")) for one in ones),
            )
            for ones in tickets.values()
        ],
        more=len(notices) - len(newest),
        all=f"{settings.DESK_URL}/notices",
        answer=answer,
        cut=CUT % _("Write above this line"),
        wishes=f"{settings.DESK_URL}/me/notices",
    )


def not_taken(account: Account, letter: int, why: str, code: str) -> Words:
    """Return what tells somebody of ours that a letter of theirs was not taken.

    letter  its number
    why     a sentence, in their language
    code    of the ticket that it was about; "" for none
    """
    return render(
        "not_taken",
        name=account.name,
        why=why,
        code=code,
        link=f"{settings.DESK_URL}/letters/{letter}",
    )


@dataclass(frozen=True, slots=True)
class Ending:
    """That a provider will let the desk into a mail box no more.

    at        None where nobody had said when
    box       the number of the mail box
    provider  whose secret of the desk's app runs out; "" where somebody is to connect again
    """

    address: str
    is_over: bool
    at: datetime | None
    box: int
    provider: str


def permission_ends(account: Account, endings: Sequence[Ending]) -> Words:
    """Return what tells somebody who administers that these mail boxes will not be fetched any more."""
    over = [one.address for one in endings if one.is_over]
    return render(
        "permission_ends",
        name=account.name,
        addresses=", ".join(over or [one.address for one in endings]),
        is_over=bool(over),
        endings=[(_what_ends(one), _how_renewed(one), _where_renewed(one)) for one in endings],
    )


def _what_ends(ending: Ending) -> str:
    day = languages.day(timezone.localtime(ending.at), with_year=True) if ending.at else ""
    if ending.is_over:
        words = _(
            "the provider no longer lets the desk into %(address)s. What people write there waits at the provider,"
            " and comes here once it is renewed."
        )
    elif ending.provider:
        words = _(
            "the secret by which the provider of %(address)s knows the desk runs out on %(day)s. Make a new one there"
            " and enter it before, and no letter has to wait."
        )
    else:
        words = _(
            "the provider lets the desk into %(address)s until %(day)s. Connect again before, and no letter has to"
            " wait."
        )
    return words % {"address": ending.address, "day": day}


def _how_renewed(ending: Ending) -> str:
    return _("Enter a new secret") if ending.provider else _("Connect again")


def _where_renewed(ending: Ending) -> str:
    page = f"mail-apps/{ending.provider}" if ending.provider else f"mailboxes/{ending.box}/source"
    return f"{settings.DESK_URL}/settings/{page}"


def probe(address: str) -> Words:
    """Return the letter by which the desk finds out whether it gets what is sent to a form of its own address.

    address  the plain one
    """
    return render("probe", address=address)


def to_account(purpose: str, account: Account, team: str) -> Words:
    """Return the words of a letter to somebody of ours, about no ticket; with a link that works once.

    purpose  "invitation" or "new_password"
    team     the desk's name; "" while it has none
    """
    return render(
        purpose,
        name=account.name,
        email=account.email,
        team=team or "Deskbell",
        link=settings.DESK_URL + invitation_for(account),
    )


def subject_of(ticket: Ticket) -> str:
    """Return the subject of a letter on this ticket: the thread's own, and the code once."""
    bare = bare_subject(ticket.subject.plain)
    whole = bare if ticket.code in bare else f"{bare} [{ticket.code}]".strip()
    return f"Re: {whole}" if _customer_began(ticket) else whole


def _customer_began(ticket: Ticket) -> bool:
    return ticket.messages.filter(kind=Message.Kind.CUSTOMER).exists()


def agent_of(kind: str, number: int | None) -> Agent | None:
    """Return the agent who did it; None when no agent did."""
    return Agent.objects.filter(pk=number or 0).first() if kind == "agent" else None


def _days_left(ticket: Ticket) -> int | None:
    """Return in how many days the ticket closes by itself; None when it does not."""
    if ticket.closes_at is None:
        return None
    return max(1, round((ticket.closes_at - clock.now()).total_seconds() / 86400))
