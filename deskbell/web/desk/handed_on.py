"""What was said as a part of something new: quoted below an answer, or handed on to somebody outside.

HTML is safe here, for it was when it was kept; all else is escaped.  Its labels speak the desk's language, as the
letter does that it becomes a part of.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from markupsafe import Markup

from deskbell import languages
from deskbell.channels.mail import plain, safe_html
from deskbell.notices import forwarded
from deskbell.notices.paragraphs import html_of_text
from deskbell.people import zones
from deskbell.people.models import Desk
from deskbell.tickets.content import Content
from deskbell.tickets.drafts import Words
from deskbell.tickets.models import Message, MessageRecipient, Ticket
from deskbell.tickets.thread import Item, messages_of

# What may be handed on: a note stays among colleagues.
LETTERS = frozenset(
    {
        Message.Kind.CUSTOMER,
        Message.Kind.REPLY,
        Message.Kind.FORWARD,
        Message.Kind.OUTSIDE,
    }
)
# What the thread with the customer is made of.
CUSTOMERS = frozenset({Message.Kind.CUSTOMER, Message.Kind.REPLY})

# The number of a letter's entry → the Content-ID of each of its pictures → where that lies now.
Pictures = Mapping[int, Mapping[str, str]]

_QUOTE = Markup("<blockquote>{}</blockquote>")
_SPACE = Markup("<p></p>")
_PICTURE = re.compile(r"<img\b[^>]*>", re.IGNORECASE)


def letters_of(ticket: Ticket, number: int | None = None) -> list[Item]:
    """Return all that was written on the ticket and its parts and still stands, oldest first; notes are none.

    number  of the message that is wanted alone
    """
    said = messages_of(ticket, number)
    return [item for item in said if item.message and _stands(item, item.message)]


def quoted(item: Item, pictures: Pictures) -> Markup:
    """Return a letter as an answer repeats it: "On … wrote:", and its words as a quote."""
    return Markup("<p>{}</p>").format(_says(item)) + _QUOTE.format(_words(item, pictures))


def quoted_text(item: Item) -> str:
    """Return the same as plain words, each line of the quote behind a ">"."""
    lines = plain.text_of_html(_words(item, {})).splitlines()
    return "\n".join((_says(item), *(f"> {line}".rstrip() for line in lines)))


def handed_on(items: Sequence[Item], pictures: Pictures) -> Markup:
    """Return letters as they are handed on: each with a head of its own, all in a quote."""
    with _in_the_desks_language():
        title = forwarded.title()
        blocks = [_head(item) + _words(item, pictures) for item in items]
    letters = Markup("<hr>").join(blocks)
    return Markup("<p>{}</p>").format(title) + _QUOTE.format(letters)


def below(begun: str, block: Markup) -> Markup:
    """Return a block under what was begun, with a line for more words above it.

    begun  safe HTML; "" for nothing
    """
    return Markup(begun) + _SPACE + block  # noqa: S704  made safe when it was kept


def stands_in(begun: Words, block: Markup) -> bool:
    """Whether what is handed on stands already in what was begun; an editor may have written its marks anew."""
    there = plain.text_of_html(begun.html) if begun.html else begun.text
    return " ".join(plain.text_of_html(block).split()) in " ".join(there.split())


def apart(begun: Words) -> tuple[Words, str]:
    """Return what was begun without what is handed on below it, and a mark of that; "" where nothing is.

    The mark stays the same when an editor writes the looks anew or drops pictures, and changes with any word.
    """
    with _in_the_desks_language():
        if begun.html:
            own, below = forwarded.parts_of_html(begun.html)
            above = Words(plain.text_of_html(own), own, begun.fields)
            told = plain.text_of_html(_PICTURE.sub("", below))
        else:
            own, told = forwarded.parts_of_text(begun.text)
            above = Words(own, "", begun.fields)
    return above, sha256(" ".join(told.split()).encode()).hexdigest() if told else ""


def own_words(content: Content) -> Content:
    """Return a message without the words that it hands on."""
    own, _mark = apart(Words(content.text, content.html))
    return replace(content, text=own.text, html=own.html)


def _stands(item: Item, message: Message) -> bool:
    is_gone = item.undone or message.taken_back_at is not None
    return message.kind in LETTERS and not is_gone and message.text.redacted_at is None


@contextmanager
def _in_the_desks_language() -> Iterator[None]:
    desk = Desk.get()
    language = languages.nearest(desk.language) or languages.SOURCE
    with translation.override(language), timezone.override(zones.zone_named(desk.time_zone)):
        yield


def _says(item: Item) -> str:
    with _in_the_desks_language():
        return _("On %(when)s, %(name)s wrote:") % {"when": _when(item), "name": item.name}


def _head(item: Item) -> Markup:
    """Return the lines that mail programs put above what is handed on."""
    assert item.message is not None
    lines = (
        (_("From"), _author(item)),
        (_("Date"), _when(item)),
        (_("Subject"), item.message.subject),
        (_("To"), _people(one for one in item.recipients if one.role in {"to", "cc"})),
    )
    told = [Markup("<strong>{}:</strong> {}").format(*line) for line in lines if line[1]]
    return Markup("<p>{}</p>").format(Markup("<br>").join(told))


def _author(item: Item) -> str:
    """Return who wrote it: a customer with their address, one of ours by name."""
    named = _people(one for one in item.recipients if one.role == "from")
    if named or item.message is None or item.message.address is None:
        return named if named and not item.by.is_agent else item.name
    return f"{item.name} <{item.message.address.value}>"


def _people(recipients: Iterable[MessageRecipient]) -> str:
    return ", ".join(
        f"{one.name} <{one.address}>" if one.name and one.name != one.address else one.address
        for one in recipients
    )


def _when(item: Item) -> str:
    assert item.message is not None
    local = timezone.localtime(item.message.sent_at)
    return f"{languages.day(local, with_year=True)} {languages.time_of_day(local)}"


def _words(item: Item, pictures: Pictures) -> Markup:
    assert item.message is not None
    text = item.message.text
    if text.html:
        return Markup(safe_html.with_files(text.html, pictures.get(item.id, {})))  # noqa: S704  safe since it came
    return html_of_text(text.plain if text.plain.strip() else text.quoted)
