"""How the thread tells things: filters of its templates, which jinja.py installs.

Everything here escapes what people wrote; what it returns is safe to stand in a page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from django.utils.translation import gettext as _
from jinja2.utils import urlize
from markupsafe import Markup, escape

from deskbell.channels.mail import facts, outcomes
from deskbell.channels.mail.models import Delivery
from deskbell.notices.reading import Told
from deskbell.tickets.models import MessageRecipient
from deskbell.tickets.thread import Item
from deskbell.web.desk.frames import is_coloured, is_rich, remote_pictures
from deskbell.web.words import timed

# An empty line, or several.
PARAGRAPH = re.compile(r"\n[ \t]*\n\s*")

# What stands in every link that jinja2 finds, be it an address of the web or of mail.
MAYBE_LINKED = re.compile(r"[.@]\w|://")

# The worst that befell one of several mails is what the answer is about; the first of these that there is.
WORST_FIRST = ("failed", "deferred", "held", "queued", "sent", "cancelled")

# Of those who would learn that a letter was read, so many are named.
_SERVERS_NAMED = 3


def paragraphs(text: str) -> Markup:
    """Return a letter's plain words as paragraphs, its addresses as links that tell nothing about us."""
    found = [part.strip("\n") for part in PARAGRAPH.split(text.strip())]
    return Markup("").join(Markup("<p>{}</p>").format(_linked(part)) for part in found)


def _linked(text: str) -> Markup:
    if not MAYBE_LINKED.search(text):  # as most paragraphs; to look at each of their words is slow
        return escape(text)
    return Markup(urlize(text, rel="noopener noreferrer nofollow", target="_blank"))  # noqa: S704


def told(item: Item) -> Markup:
    """Return the sentence of a quiet line with the name of its author in front a little stronger."""
    if item.name and item.sentence.startswith(item.name):
        rest = item.sentence.removeprefix(item.name)
        return Markup("<b>{}</b>{}").format(item.name, timed(rest, item.moments))
    return timed(item.sentence, item.moments)


def addressed(recipients: Iterable[MessageRecipient]) -> str:
    """Return whom a message went to: "to help@desk.example, cc frida@acme.example"."""
    said: dict[str, list[str]] = {}
    for one in recipients:
        said.setdefault(one.role, []).append(one.name or one.address)
    words = (("to", _("to %(who)s")), ("cc", _("cc %(who)s")), ("bcc", _("bcc %(who)s")))
    return ", ".join(word % {"who": ", ".join(said[role])} for role, word in words if role in said)


def delivery_state(deliveries: Sequence[Delivery]) -> str:
    """Return the state that a message's deliveries amount to, "" when it has none."""
    states = {delivery.state for delivery in deliveries}
    return next((state for state in WORST_FIRST if state in states), "")


def unreached(deliveries: Sequence[Delivery]) -> list[Delivery]:
    """Return those that failed for good, and nothing was sent on since."""
    newest = max((one.entry_step for one in deliveries), default=0)
    failed = (one for one in deliveries if one.state == Delivery.State.FAILED)
    return [one for one in failed if one.entry_step == newest]


def deliveries_words(deliveries: Sequence[Delivery]) -> list[str]:
    """Return in words how far a message got: one sentence when all went the same way, else one for each of them."""
    sentences: dict[str, list[str]] = {}
    for delivery in deliveries:
        sentences.setdefault(outcomes.sentence_of(delivery), []).append(delivery.address)
    if len(sentences) == 1:
        return list(sentences)
    return [f"{', '.join(whom)}: {sentence}" for sentence, whom in sentences.items()]


def heading(name: str) -> str:
    """Return what stands before words that were written down with an entry."""
    return {
        "description": _("Description"),
        "lessons": _("Lessons learned"),
        "reason": _("Reason"),
        "root_cause": _("Root cause"),
        "solution": _("Solution"),
        "subject": _("Subject"),
        "text": _("Words"),
    }.get(name, name.replace("_", " ").capitalize())


def servers(hosts: list[str]) -> str:
    """Return the names of servers, each once; of many only the first ones."""
    names = list(dict.fromkeys(hosts))
    more = len(names) - _SERVERS_NAMED
    if more > 0:
        names = names[:_SERVERS_NAMED]
        return _("%(names)s and %(num)s more") % {"names": ", ".join(names), "num": more}
    return ", ".join(names)


def invitation_when(event: facts.Facts) -> Markup:
    """Return when an event is; an instant as a time that the browser words again, in the zone of all others."""
    return timed(facts.invitation_when(event), facts.invitation_moments(event))


def notice_sentence(one: Told) -> Markup:
    """Return what an agent is told, with a time in it that the browser words again."""
    return timed(one.sentence, one.moments, "when")


FILTERS: dict[str, Callable[..., object]] = {
    "addressed": addressed,
    "delivery_state": delivery_state,
    "delivery_words": outcomes.sentence_of,
    "deliveries_words": deliveries_words,
    "heading": heading,
    "invitation_title": facts.invitation_title,
    "invitation_when": invitation_when,
    "is_coloured": is_coloured,
    "is_rich": is_rich,
    "notice_sentence": notice_sentence,
    "paragraphs": paragraphs,
    "remote_pictures": remote_pictures,
    "sentences": facts.sentences,
    "servers": servers,
    "signature_words": facts.signature_words,
    "told": told,
    "unreached": unreached,
}
