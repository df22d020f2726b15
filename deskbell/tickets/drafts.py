"""What agents have begun to write: kept on the desk while they type, so that nothing typed is lost.

A draft is no part of the ticket's timeline: nothing has happened yet.  It goes in the transaction of the message that
comes of it.  Called by the pages; messages are made by the actions alone.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from deskbell import clock
from deskbell.database.prepared import Prepared
from deskbell.errors import Conflict, NotFound
from deskbell.people.actors import Actor
from deskbell.people.models import Agent
from deskbell.tickets import files, pressed
from deskbell.tickets.content import Content, NewFile
from deskbell.tickets.files import Kept
from deskbell.tickets.models import Attachment, Draft, DraftFile, Ticket, new_token

if TYPE_CHECKING:
    from django.db.models import QuerySet


# Digits of the largest number that a database gives out.
LONGEST_NUMBER = 18

# What else a form holds: the values of each field, by its name.
Fields = Mapping[str, Sequence[str]]


class WrittenElsewhere(Conflict):
    """Another window of the same agent kept other words, sent them or dropped them; nothing was overwritten.

    draft  what is kept now; None when nothing is
    """

    code = "written_elsewhere"
    template = _("This was changed in another window of yours.")

    def __init__(self, draft: Draft | None) -> None:
        super().__init__()
        self.draft = draft


@dataclass(frozen=True, slots=True)
class Words:
    """What a form holds while somebody writes.

    text    plain
    html    the same with its looks, already safe; "" where it has none
    fields  all else: the values of each field, by its name
    """

    text: str = ""
    html: str = ""
    fields: Fields = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was written; who it would go to alone is worth no draft."""
        return not (self.text.strip() or self.html.strip())


def of(
    agent: Agent, ticket: Ticket | None, parts: Collection[int] = (), once: str = ""
) -> Draft | None:
    """Return what `agent` has begun to write on a ticket; None for nothing.

    ticket  None: the mail with which one is to begin
    parts   the numbers of the tickets that were merged into it: what was begun there goes on here
    once    where a ticket is to begin, the token of the form: each is a draft of its own
    """
    if ticket is None:
        return first_mails_of(agent).filter(once=once).first()
    found = _drafts(agent.pk, [ticket.pk, *parts])
    return next((one for one in found if one.ticket_id == ticket.pk), None) or next(
        iter(found), None
    )


def keep(
    agent: Agent,
    ticket: Ticket | None,
    words: Words,
    *,
    version: int,
    writer: str,
    parts: Collection[int] = (),
    once: str = "",
) -> Draft | None:
    """Keep what `agent` has written so far, and return it; None when nothing is left of it, or it was sent.

    version  of the draft that these words were made of; 0 for a new one
    writer   the window in which they are typed: it overwrites its own words only
    parts    the numbers of the tickets that were merged into it: what was begun there goes on here
    once     the token of the form, by which the mail with which a ticket is to begin is known; what comes late from
             one that was sent already is no draft
    Raises WrittenElsewhere.
    """
    with transaction.atomic():
        kept = held(agent, ticket, parts, once)
        if ticket is None and was_sent(agent, once):
            return None
        if kept is None and words.is_empty:
            return None
        if kept is None and version:
            raise WrittenElsewhere(None)
        if kept is not None and kept.version != version and kept.writer != writer:
            raise WrittenElsewhere(kept)
        if kept is None:
            return _begin(agent, ticket, words, writer, once)
        if words.is_empty and not kept.files.exists():
            kept.delete()
            return None
        _write(kept, ticket, words, writer)
        return kept


def was_sent(agent: Agent, once: str) -> bool:
    """Return whether the form with this token has begun its ticket, or waits to begin it later."""
    if not once:
        return False
    leaving = Draft.objects.filter(agent=agent, ticket=None, once=once)
    is_leaving = leaving.exclude(send_at=None).exists()
    return is_leaving or pressed.opened_before(once, by=Actor.agent(agent)) is not None


def put(
    agent: Agent,
    ticket: Ticket | None,
    words: Words,
    *,
    parts: Collection[int] = (),
    once: str = "",
) -> Draft:
    """Write over what `agent` writes, whatever is there, also with nothing but whom it goes to.

    ticket  None: the mail with which one is to begin, in the form whose token is `once`
    A window in which they write is told of it before it overwrites it.
    """
    with transaction.atomic():
        kept = held(agent, ticket, parts, once)
        if kept is None:
            return _begin(agent, ticket, words, "", once)
        _write(kept, ticket, words, "")
        return kept


def at_hand(agent: Agent, ticket: Ticket, parts: Collection[int] = ()) -> Draft:
    """Return what `agent` writes on a ticket, held; begins it where nothing is."""
    return held(agent, ticket, parts) or _begin(agent, ticket, Words(), "")


def drop(agent: Agent, ticket: Ticket | None, parts: Collection[int] = (), once: str = "") -> None:
    """Forget what `agent` has begun to write, on a ticket or in the form whose token is `once`; its files go with it.

    Call it in the transaction of the message that came of it.
    """
    numbers = [ticket.pk, *parts] if ticket is not None else []
    found = Draft.objects.filter(agent=agent, send_at=None)
    found = found.filter(ticket__in=numbers) if ticket else found.filter(ticket=None, once=once)
    # Most answers are the first word of a draft to the desk, too: then there is none.
    if ticket is None or _drafts(agent.pk, numbers):
        delete(found)


def first_mails_of(agent: Agent) -> QuerySet[Draft]:
    """Return the mails with which tickets are to begin that `agent` is writing, the latest first."""
    found = Draft.objects.filter(agent=agent, ticket=None, send_at=None)
    return found.order_by("-changed_at", "-pk")


def attach(
    agent: Agent,
    ticket: Ticket | None,
    kept: Kept,
    *,
    name: str,
    content_type: str,
    inline: bool = False,
    writer: str = "",
    once: str = "",
) -> DraftFile:
    """Put a file whose bytes are safe on disk to what `agent` is writing; begins the draft where none is.

    Raises NotFound when the form, whose token is `once`, was sent meanwhile.
    """
    with transaction.atomic():
        draft = held(agent, ticket, once=once)
        if ticket is None and was_sent(agent, once):
            raise NotFound
        draft = draft or _begin(agent, ticket, Words(), writer, once)
        Draft.objects.filter(pk=draft.pk).update(changed_at=clock.now())
        return DraftFile.objects.create(
            draft=draft,
            name=name[:255],
            content_type=content_type[:150],
            size_bytes=kept.size_bytes,
            sha256=kept.sha256,
            inline=inline,
        )


def detach(agent: Agent, token: str) -> None:
    """Take a file away from a draft of `agent`, which stays: its window goes on from there.

    From what waits to leave nothing is taken.  Raises NotFound.
    """
    with transaction.atomic():
        found = file_of(agent, token)
        if found.draft.send_at is not None:
            raise NotFound
        found.delete()
        files.shred_later(found.sha256)


def file_of(agent: Agent, token: str) -> DraftFile:
    """Return a file of a draft of `agent`.  Raises NotFound."""
    waiting = DraftFile.objects.select_related("draft")
    found = waiting.filter(token=token, draft__agent=agent).first()
    if found is None:
        raise NotFound
    return found


def files_named(agent: Agent, tokens: Sequence[str]) -> tuple[NewFile, ...]:
    """Return the files that a form names, as a message takes them, in its order; what is gone is left out.

    A form that is sent once more names files that went with its message: those are the same files.
    """
    if not tokens:
        return ()
    waiting = {
        one.token: one for one in DraftFile.objects.filter(draft__agent=agent, token__in=tokens)
    }
    sent = {
        one.token: one
        for one in Attachment.objects.filter(
            token__in=tokens, message__author_kind="agent", message__author_id=agent.pk
        )
    }
    found = [(waiting.get(token) or sent.get(token)) for token in dict.fromkeys(tokens)]
    return tuple(_to_go(one, is_new=one.token not in sent) for one in found if one is not None)


def files_of(draft: Draft) -> tuple[NewFile, ...]:
    """Return the files of a draft as a message takes them."""
    return tuple(_to_go(one, is_new=True) for one in draft.files.all())


def _to_go(one: DraftFile | Attachment, *, is_new: bool) -> NewFile:
    return NewFile(
        name=one.name,
        content_type=one.content_type,
        kept=Kept(one.sha256, one.size_bytes),
        content_id=cid_of(one.token) if one.inline else "",
        inline=one.inline,
        token=one.token if is_new else "",  # its address stays the same when it becomes a message's
    )


def cid_of(token: str) -> str:
    """Return the Content-ID of a picture among the words, without < >."""
    return f"{token}@deskbell"


@dataclass(frozen=True, slots=True)
class Beginner:
    """A colleague who has begun to write on a ticket.

    kind  reply, note or forward
    """

    name: str
    kind: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Begun:
    """What lies on a ticket that is not sent.

    mine       what the reader has begun to write; None for nothing
    beginners  who else has
    leaving    what waits to leave later, whosever it is, the next one first
    changing   what others are changing that was to leave later
    """

    mine: Draft | None
    beginners: list[Beginner]
    leaving: list[Draft]
    changing: list[Draft]


def begun_on(ticket: Ticket, agent: Agent, parts: Collection[int] = ()) -> Begun:
    """Return what lies on a ticket or its parts that is not sent, as `agent` may know of it; one query."""
    found = _begun([ticket.pk, *parts])
    begun = [one for one in found if one.send_at is None]
    mine = [one for one in begun if one.agent_id == agent.pk]
    here = next((one for one in mine if one.ticket_id == ticket.pk), None)
    others = [one for one in begun if one.agent_id != agent.pk]
    leaving = [(one.send_at, one.pk, one) for one in found if one.send_at is not None]
    return Begun(
        mine=here or next(iter(mine), None),
        beginners=[Beginner(one.agent.name, one.kind, one.begun_at) for one in others],
        leaving=[one for _at, _pk, one in sorted(leaving)],
        changing=[one for one in others if one.was_due_at is not None and not one.stayed],
    )


def forget_on(tickets: Collection[int]) -> None:
    """Forget all that was begun on tickets whose words are taken out for good."""
    delete(Draft.objects.filter(ticket__in=tickets))


def drop_empty(draft: Draft) -> None:
    """Forget a draft in which there is nothing: no word and no file."""
    if not (draft.text.strip() or draft.html.strip() or draft.files.exists()):
        draft.delete()


def delete(found: QuerySet[Draft]) -> None:
    """Delete drafts with their files, whose bytes go unless something else names them."""
    sums = set(DraftFile.objects.filter(draft__in=found).values_list("sha256", flat=True))
    found.delete()
    for sum_of_file in sorted(sums):
        files.shred_later(sum_of_file)


def held(
    agent: Agent, ticket: Ticket | None, parts: Collection[int] = (), once: str = ""
) -> Draft | None:
    """Return the draft, held until the transaction ends, whoever of the same agent begins one at the same moment.

    The same as of() otherwise.
    """
    if connection.features.has_select_for_update:
        list(Agent.objects.select_for_update(of=("self",), no_key=True).filter(pk=agent.pk))
    return of(agent, ticket, parts, once)


def as_content(words: Words, found: Sequence[NewFile]) -> Content:
    """Return words and files as a message, whose pictures are named as letters name them.

    A picture that was taken out of the words again does not go along unseen.
    """
    inside = {one.content_id for one in found if one.inline}

    def named(picture: re.Match[str]) -> str:
        cid = cid_of(picture[2])
        # A picture that is no file of this message could be seen by nobody else.
        return (
            f"{picture[1]}cid:{cid}{picture[3]}" if cid in inside else f"{picture[1]}{picture[3]}"
        )

    html = _OWN_FILE.sub(named, words.html)
    going = (one for one in found if not one.inline or f"cid:{one.content_id}" in html)
    return Content(words.text, html=html, files=tuple(going))


_OWN_FILE = re.compile(r'(<img\b[^>]*?\ssrc=")/files/([\w-]+)(")')


def bring_back(
    agent: Agent,
    ticket: Ticket | None,
    words: Words,
    carried: Iterable[NewFile] = (),
    parts: Collection[int] = (),
) -> Draft:
    """Put what has left back into the agent's hands: above what they have begun on its ticket since.

    carried  its files: pictures among the words are named by cid:, as messages name them
    parts    the numbers of the tickets that were merged into it: what was begun there goes on here
    Call it in the transaction of what takes it back.
    """
    # The form in which a ticket began was sent: what comes back is a form of its own.
    begun = None if ticket is None else held(agent, ticket, parts)
    draft = begun or _begin(agent, ticket, Words(), "", new_token())
    kept = {one.content_id: keep_again(draft, one) for one in carried}
    html = _CID.sub(lambda picture: _own_address(picture[0], kept.get(picture[1])), words.html)
    return _put_above(draft, Words(words.text, html, words.fields))


def take_up(
    leaving: Draft,
    parts: Collection[int] = (),
    *,
    was_due_at: datetime | None = None,
    stayed: str = "",
) -> Draft:
    """Make what was to leave later the draft that its writer has begun, above what they have begun since.

    was_due_at, stayed  what it remembers of that; None for nothing
    Call it in the transaction of what keeps it here, with its ticket held.
    """
    begun = held(leaving.agent, leaving.ticket, parts, leaving.once)
    words = Words(leaving.text, leaving.html, leaving.fields)
    if begun is None:
        leaving.send_at, leaving.text, leaving.html = None, "", ""
        leaving.save(update_fields=("send_at",))
        begun = leaving
    else:
        DraftFile.objects.filter(draft=leaving).update(draft=begun)
        leaving.delete()
    if was_due_at is not None:
        begun.was_due_at, begun.stayed = was_due_at, stayed
        begun.save(update_fields=("was_due_at", "stayed"))
    return _put_above(begun, words)


def _put_above(draft: Draft, words: Words) -> Draft:
    begun = Words(draft.text, draft.html, draft.fields)
    draft.text = "\n\n".join(one for one in (words.text, begun.text) if one)
    draft.html = _html_of_both(words, begun)
    draft.fields = {name: list(values) for name, values in _fields_of_both(words, begun).items()}
    # Of no window: one in which somebody still types is told that there is more now.
    draft.version, draft.writer, draft.changed_at = draft.version + 1, "", clock.now()
    draft.save(update_fields=("text", "html", "fields", "version", "writer", "changed_at"))
    return draft


def keep_again(draft: Draft, one: NewFile) -> DraftFile:
    """Put a file of a message to a draft: the same bytes, under an address of its own."""
    return DraftFile.objects.create(
        draft=draft,
        name=one.name,
        content_type=one.content_type,
        size_bytes=one.kept.size_bytes,
        sha256=one.kept.sha256,
        # No words could show one without a name, and what no words show does not go along.
        inline=one.inline and bool(one.content_id),
    )


def _own_address(named: str, kept: DraftFile | None) -> str:
    return f"/files/{kept.token}" if kept is not None and kept.inline else named


def _html_of_both(first: Words, then: Words) -> str:
    if then.is_empty or not (first.html or then.html):
        return first.html
    return "".join(one.html or _paragraphs_of(one.text) for one in (first, then))


def _fields_of_both(back: Words, begun: Words) -> Fields:
    """Return whom it goes to as it did before; words meant for different people stay here, and leave by no mistake."""
    fields = {**begun.fields, **back.fields}
    if not begun.is_empty and kind_of(begun.fields) != kind_of(back.fields):
        fields["kind"] = ["note"]
    return fields


def kind_of(fields: Fields) -> str:
    """Return what a form becomes: reply, note or forward; where a ticket begins how that comes about, as mail."""
    return next(iter(fields.get("kind") or ()), "reply")


def numbers_of(values: Iterable[str]) -> list[int]:
    """Return the numbers of rows that the field of a form or draft holds; what can be none is left out."""
    return [
        int(one)
        for one in values
        if one.isascii() and one.isdecimal() and len(one) <= LONGEST_NUMBER
    ]


def _paragraphs_of(text: str) -> str:
    """Return plain words as the HTML that says no more than they do."""
    return "".join(
        "<p>{}</p>".format(escape(one).replace("\n", "<br>"))
        for one in re.split(r"\n{2,}", text.strip())
        if one
    )


_CID = re.compile(r"(?<=\ssrc=\")cid:([^\"]+)(?=\")")


def _write(kept: Draft, ticket: Ticket | None, words: Words, writer: str) -> None:
    kept.ticket = ticket
    kept.text, kept.html = words.text, words.html
    kept.fields = {name: list(values) for name, values in words.fields.items()}
    kept.version, kept.writer, kept.changed_at = kept.version + 1, writer, clock.now()
    kept.save(update_fields=("ticket", "text", "html", "fields", "version", "writer", "changed_at"))


def _begin(agent: Agent, ticket: Ticket | None, words: Words, writer: str, once: str = "") -> Draft:
    now = clock.now()
    return Draft.objects.create(
        agent=agent,
        ticket=ticket,
        text=words.text,
        html=words.html,
        fields={name: list(values) for name, values in words.fields.items()},
        writer=writer,
        once=once,
        begun_at=now,
        changed_at=now,
    )


_drafts = Prepared(
    lambda agent, tickets: Draft.objects.filter(
        agent=agent, ticket__in=tickets, send_at=None
    ).order_by("-changed_at")
)
_begun = Prepared(
    lambda tickets: (
        Draft.objects.filter(ticket__in=tickets).select_related("agent").order_by("begun_at", "id")
    )
)
