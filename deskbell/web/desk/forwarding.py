"""What was said is put where an agent writes: to hand it on to somebody outside, or to quote it in an answer.

Nothing leaves by this.  What was begun stays above it, and all of it is a draft from then on.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.http import HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from deskbell import access
from deskbell.channels.mail import plain
from deskbell.errors import BadInput, NotFound
from deskbell.notices.paragraphs import html_of_text
from deskbell.tickets import drafts, queries
from deskbell.tickets.brought_back import as_new
from deskbell.tickets.content import Recipient, line_of
from deskbell.tickets.drafts import Words
from deskbell.tickets.models import Attachment, Draft, DraftFile, Message, Ticket
from deskbell.tickets.state import state_of
from deskbell.tickets.thread import Item
from deskbell.web.desk import chosen, handed_on, written
from deskbell.web.desk.doing import do
from deskbell.web.visit import AgentRequest, for_agents

# What one may go on to write who was about to forward.
INSTEAD = frozenset({"reply", "note"})
# What a draft remembers of what was put in to be handed on: its marks, and the files that came with it.
MARK, FILES = "handed_on", "handed_file"


@require_POST
@for_agents
def forwarding(request: AgentRequest, code: str) -> HttpResponseBase:
    """Begin to forward: `message` alone, or the thread with the customer.  With `answers` go on in a side thread.

    With `instead`, reply or note, leave it again for one of these.
    """
    if (kind := request.POST.get("instead", "")) in INSTEAD:
        return do(
            request,
            code,
            lambda ticket: _write_instead(request, ticket, kind),
            then=f"?begun={kind}",
        )
    return do(request, code, lambda ticket: _forward(request, ticket), then="?begun")


@require_POST
@for_agents
def quotation(request: AgentRequest, code: str) -> HttpResponseBase:
    """Quote `message`, or the customer's last one, in what is being written: below it.

    Who asks for JSON knows where the caret is, and is given the quote to put it there.
    """
    if request.accepts("text/html"):
        return do(request, code, lambda ticket: _quote(request, ticket), then="?begun")
    try:
        return JsonResponse(_quote_to_put(request, queries.ticket_for(request.by, code)))
    except BadInput as error:
        return JsonResponse({"sentence": error.sentence}, status=error.status)


def _forward(request: AgentRequest, ticket: Ticket) -> None:
    access.require(request.by, "forward", ticket)
    if answers := chosen.number(request, "answers"):
        _begin(request, ticket, (), _to_answer(_chosen(ticket, answers)))
        return
    number = chosen.number(request, "message")
    letters = [_chosen(ticket, number)] if number else _with_the_customer(ticket)
    _begin(
        request,
        ticket,
        letters,
        {"kind": ["forward"], "outside_to": [""], "about": [str(number or "")], "answers": [""]},
    )


def _write_instead(request: AgentRequest, ticket: Ticket, kind: str) -> None:
    """Take what the desk put in to be handed on out again, with its files, unless its words were changed by hand."""
    access.require(request.by, kind, ticket)
    parts = state_of(ticket).sources
    with transaction.atomic():
        begun = _begun(request, ticket, parts)
        own, mark = handed_on.apart(begun)
        is_as_put = bool(mark) and mark in begun.fields.get(MARK, ())
        left = own if is_as_put else begun
        words = Words(left.text, left.html, {**begun.fields, "kind": [kind], MARK: [], FILES: []})
        draft = drafts.put(request.agent, ticket, words, parts=parts)
        if is_as_put:
            for file in draft.files.filter(token__in=begun.fields.get(FILES, ())):
                # A quote of the writer's own may show the same picture.
                if f"/files/{file.token}" not in left.html:
                    drafts.detach(request.agent, file.token)
        drafts.drop_empty(draft)


def _to_answer(item: Item) -> dict[str, list[str]]:
    """Return the fields of an answer to somebody outside.  Raises BadInput for what is no message of theirs."""
    message = item.message
    if message is None or message.address is None or message.kind != Message.Kind.OUTSIDE:
        raise BadInput("answers", _("Choose a message of a side thread of this ticket."))
    to = Recipient("to", message.address.value, message.address.name)
    return {
        "kind": ["forward"],
        "outside_to": [line_of([to], "to")],
        "about": [""],
        "answers": [str(message.pk)],
    }


def _with_the_customer(ticket: Ticket) -> list[Item]:
    return [
        item
        for item in handed_on.letters_of(ticket)
        if item.message and item.message.kind in handed_on.CUSTOMERS
    ]


def _quote(request: AgentRequest, ticket: Ticket) -> None:
    _begin(request, ticket, [_quoted(request, ticket)], None)


def _quote_to_put(request: AgentRequest, ticket: Ticket) -> dict[str, object]:
    """Return a quote as HTML and as plain words, with the pictures in it, which lie with the draft."""
    item = _quoted(request, ticket)
    pictures: handed_on.Pictures = {}
    lying: list[DraftFile] = []
    version = 0
    if any(file.inline for file in item.files):
        with transaction.atomic():
            draft = drafts.at_hand(request.agent, ticket, state_of(ticket).sources)
            pictures = _copy_files(draft, [item], whole=False)
            tokens = [one.rpartition("/")[2] for one in pictures.get(item.id, {}).values()]
            lying, version = list(draft.files.filter(token__in=tokens)), draft.version
    return {
        "html": handed_on.quoted(item, pictures),
        "text": handed_on.quoted_text(item),
        "files": [
            {"token": one.token, "name": one.name, "size_bytes": one.size_bytes} for one in lying
        ],
        "version": version,
    }


def _quoted(request: AgentRequest, ticket: Ticket) -> Item:
    """Return the letter that is to be quoted.  Raises NotAllowed, BadInput, NotFound."""
    if not request.standing.may("reply", ticket):
        access.require(request.by, "note", ticket)
    number = chosen.number(request, "message")
    letters = [_chosen(ticket, number)] if number else _with_the_customer(ticket)
    theirs = [item for item in letters if item.message and (number or _is_customers(item.message))]
    if not theirs:
        raise BadInput("text", _("The customer has written nothing that could be quoted."))
    return theirs[-1]


def _is_customers(message: Message) -> bool:
    return message.kind == Message.Kind.CUSTOMER


def _chosen(ticket: Ticket, number: int) -> Item:
    """Return a letter of the ticket or one of its parts.  Raises NotFound."""
    item = next(iter(handed_on.letters_of(ticket, number)), None)
    if item is None:
        raise NotFound
    return item


def _begin(
    request: AgentRequest,
    ticket: Ticket,
    letters: Iterable[Item],
    fields: dict[str, list[str]] | None,
) -> None:
    """Put letters below what is being written.

    fields  what becomes of the rest of the form; None: they are quoted, and it stays as it is

    1. Take what was begun: from the form, where it came along, else from the desk.
    2. Put copies of the files to the draft, but for those that lie there already; pictures get addresses of their own.
    3. Keep the words with the letters below them.  What is handed on stands there once, and the draft remembers it.
    """
    these, parts = list(letters), state_of(ticket).sources
    with transaction.atomic():
        begun = _begun(request, ticket, parts)
        kept = {**begun.fields, **fields} if fields is not None else begun.fields
        draft = drafts.put(request.agent, ticket, Words(begun.text, begun.html, kept), parts=parts)
        if not these:
            return
        there = set(draft.files.values_list("pk", flat=True))
        pictures = _copy_files(draft, these, whole=fields is not None)
        copies = draft.files.exclude(pk__in=there)
        block = (
            handed_on.quoted(these[0], pictures)
            if fields is None
            else handed_on.handed_on(these, pictures)
        )
        if fields is not None and handed_on.stands_in(begun, block):
            return
        html = handed_on.below(begun.html or html_of_text(begun.text), block)
        words = Words(plain.text_of_html(html), str(html), kept)
        if fields is not None:
            told = _put_in(begun, words, [one.token for one in copies])
            words = Words(words.text, words.html, {**kept, **told})
        drafts.put(request.agent, ticket, words, parts=parts)


def _put_in(begun: Words, words: Words, tokens: list[str]) -> dict[str, list[str]]:
    """Return what the draft remembers of letters that were put below what was begun.

    Where some stood there already and were changed by hand, they stay for good: no mark is theirs.
    """
    before = handed_on.apart(begun)[1]
    is_as_put = not before or before in begun.fields.get(MARK, ())
    # One writes on in an editor, or in plain words without one.
    marks = [handed_on.apart(one)[1] for one in (words, Words(words.text))]
    return {
        MARK: marks if is_as_put else [],
        FILES: [*begun.fields.get(FILES, ()), *tokens],
    }


def _begun(request: AgentRequest, ticket: Ticket, parts: tuple[int, ...]) -> Words:
    if "text" in request.POST:  # the composer's own form
        written.keep_files(request, ticket)
        return written.words(request)
    draft = drafts.of(request.agent, ticket, parts)
    return Words() if draft is None else Words(draft.text, draft.html, draft.fields)


def _copy_files(draft: Draft, letters: list[Item], *, whole: bool) -> handed_on.Pictures:
    """Put the files of letters to a draft; return where their pictures lie now.

    whole  all of them; else only the pictures among the words, which a quote shows
    """
    pictures: dict[int, dict[str, str]] = {}
    for item in letters:
        for file in item.files:
            if file.inline or whole:
                copy = _lying_there(draft, file) or drafts.keep_again(draft, as_new(file))
                if file.inline and file.content_id:
                    pictures.setdefault(item.id, {})[file.content_id] = f"/files/{copy.token}"
    return pictures


def _lying_there(draft: Draft, file: Attachment) -> DraftFile | None:
    """Return the file of the draft that is the same one, put there before; None for none."""
    same = draft.files.filter(sha256=file.sha256, name=file.name)
    return same.filter(inline=file.inline and bool(file.content_id)).first()
