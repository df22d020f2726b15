"""What a form of ours says that somebody writes in: its words, with or without looks, files, and whom it goes to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO, cast

from django.utils.translation import gettext as _

from deskbell.channels.mail import plain, safe_html
from deskbell.channels.mail.addresses import addresses_of
from deskbell.channels.mail.forgotten import spoken_of
from deskbell.channels.mail.outbox import boxes_to_write_from, sender_named
from deskbell.channels.sent_files import safe_name, safe_type
from deskbell.errors import BadInput, ForgottenFile
from deskbell.knowledge import uses
from deskbell.tickets import drafts, files
from deskbell.tickets.content import Content, NewFile, Recipient
from deskbell.tickets.drafts import Words
from deskbell.tickets.files import Kept
from deskbell.tickets.models import Ticket
from deskbell.web.visit import AgentRequest

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

    from deskbell.channels.mail.models import MailBox

LONGEST_TEXT = 500_000
MOST_FILES = 50
LONGEST_ONCE = 64
MOST_RECIPIENTS = 100

# What a form says beside what somebody typed or chose.
_OF_THE_PAGE = frozenset(
    {
        "csrfmiddlewaretoken",
        "once",
        "seen_step",
        "zone",
        "_method",
        "version",
        "writer",
        "then",
        "message",
        "asked",
        "later",
        "instead",
        "shown",
    }
)
_NO_FIELDS = _OF_THE_PAGE | {"text", "html", "file"}

# HTML without any of these looks the same as its plain text.
_LOOKS = re.compile(
    r"<(?:a|b|strong|i|em|u|s|strike|del|ins|sub|sup|code|pre|blockquote|ul|ol|li|h[1-6]|hr|img|table|font|span|mark)[\s>/]"
    r"|\sstyle=",
    re.IGNORECASE,
)


def words(request: AgentRequest) -> Words:
    """Return what the form holds now.  Raises BadInput for what is no text of a letter."""
    sent = request.POST
    text = sent.get("text", "").replace("\r\n", "\n").strip()
    html = sent.get("html", "")
    if max(len(text), len(html)) > LONGEST_TEXT:
        raise BadInput("text", _("This is too long. Shorten it, or send it as a file."))
    fields = {name: sent.getlist(name)[:MOST_RECIPIENTS] for name in sent if name not in _NO_FIELDS}
    if not html.strip():
        return Words(text, "", fields)
    try:
        safe = safe_html.clean(html)
    except safe_html.TooDeep:
        raise BadInput(
            "text", _("This is nested too deeply. Paste it without its looks.")
        ) from None
    told = plain.text_of_html(safe).strip()
    return Words(told, safe if _LOOKS.search(safe) else "", fields)


def content(request: AgentRequest, ticket: Ticket | None, said: Words | None = None) -> Content:
    """Return what the form says as a message: its pictures are named as letters name them.

    said  its words, for who has read them already
    Files that came with it, as browsers without scripts send them, are put to the draft first: a form that is refused
    has lost none of them.  Raises BadInput.
    """
    said = said or words(request)
    tokens = [*request.POST.getlist("file")[:MOST_FILES], *keep_files(request, ticket)]
    found = drafts.files_named(request.agent, tokens)
    return drafts.as_content(said, found)


def once(request: AgentRequest) -> str:
    """Return the token of the form, by which it is known when it is sent once more."""
    return request.POST.get("once", "")[:LONGEST_ONCE]


def require_file(request: AgentRequest, said: Content) -> None:
    """Ask once about an answer that speaks of a file and carries none.

    Raises ForgottenFile, unless the form says that it was asked about these very words.
    """
    if said.files:
        return
    words = spoken_of(said.text, said.html)
    if set(words) - set(request.POST.getlist("asked")):
        raise ForgottenFile(words)


def keep_files(request: AgentRequest, ticket: Ticket | None) -> list[str]:
    """Put the files that came with a form to its draft, and return their tokens; for browsers without scripts.

    Raises BadInput.
    """
    sent = [one for one in request.FILES.getlist("files") if one.name]
    if len(sent) > MOST_FILES:
        raise BadInput(
            "files", _("These are too many files. Send {most} at once."), most=MOST_FILES
        )
    return [keep_file(request, ticket, one) for one in sent]


def new_files(request: AgentRequest) -> tuple[NewFile, ...]:
    """Return the files that came with a form which is no draft, safe on disk.  Raises BadInput."""
    return tuple(
        NewFile(safe_name(one.name or ""), safe_type(one.content_type or ""), _on_disk(one))
        for one in request.FILES.getlist("files")
        if one.name
    )


def canned(request: AgentRequest) -> list[int]:
    """Return the numbers of the canned answers that were put into the words."""
    return drafts.numbers_of(request.POST.getlist(uses.FIELD))


def keep_file(
    request: AgentRequest,
    ticket: Ticket | None,
    sent: UploadedFile[bytes],
    *,
    inline: bool = False,
    writer: str = "",
) -> str:
    """Put one file to the draft of this agent, and return its token.

    Raises BadInput when the disk does not take it, NotFound when the form was sent meanwhile.
    """
    found = drafts.attach(
        request.agent,
        ticket,
        _on_disk(sent),
        name=safe_name(sent.name or ""),
        content_type=safe_type(sent.content_type or ""),
        inline=inline,
        writer=writer,
        once=once(request),
    )
    return found.token


def recipients(request: AgentRequest, prefix: str = "") -> tuple[Recipient, ...]:
    """Return whom the form names, each once, and the address of ours that it leaves from if it names one.

    prefix  of the fields: "outside_" for whom it is forwarded to
    () when it names nobody: then the answer goes to whom answers go.  Raises BadInput.
    """
    named = _named(request, prefix)
    return (*_sender(request, prefix), *named) if named else ()


def beside(request: AgentRequest, customer: Recipient) -> tuple[Recipient, ...]:
    """Return whom the mail that begins a ticket goes to: its customer, and whom the form names beside them.

    Raises BadInput.
    """
    others = [one for one in _named(request, "") if one.address != customer.address]
    return (*_sender(request, ""), customer, *others)


def senders(request: AgentRequest) -> list[MailBox]:
    """Return the addresses of ours that this agent may write from: those of departments in which they answer."""
    return boxes_to_write_from(request.standing.may)


def _on_disk(sent: UploadedFile[bytes]) -> Kept:
    try:
        return files.keep(cast("BinaryIO", sent))
    except OSError:
        raise BadInput(
            "files",
            _(
                "The file could not be kept: the disk is full or away. Try again, or tell an operator."
            ),
        ) from None


def _named(request: AgentRequest, prefix: str) -> list[Recipient]:
    found = dict[str, Recipient]()
    for role in ("to", "cc", "bcc"):
        typed = ", ".join(request.POST.getlist(f"{prefix}{role}")).strip()
        pairs = addresses_of(typed) if typed else ()
        if typed and not pairs:
            raise BadInput(
                "to", _("Write mail addresses, like emil@acme.example, with commas between them.")
            )
        for address, name in pairs:
            found.setdefault(address, Recipient(role, address, name))
    if len(found) > MOST_RECIPIENTS:
        raise BadInput(
            "to",
            _("These are too many recipients. A letter goes to {most} at most."),
            most=MOST_RECIPIENTS,
        )
    return list(found.values())


def _sender(request: AgentRequest, prefix: str) -> tuple[Recipient, ...]:
    chosen = request.POST.get(f"{prefix}from", "").strip()
    return (sender_named(request.standing.may, chosen),) if chosen else ()
