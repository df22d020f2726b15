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
from deskbell.web.giving import is_drawn
from deskbell.web.words import timed

# An empty line, or several.
PARAGRAPH = re.compile(r"\n[ \t]*\n\s*")

# What stands in every link that jinja2 finds, be it an address of the web or of mail.
MAYBE_LINKED = re.compile(r"[.@]\w|://")

# The worst that befell one of several mails is what the answer is about; the first of these that there is.
WORST_FIRST = ("failed", "deferred", "held", "queued", "sent", "cancelled")
# In these a mail leaves within seconds: who looks at it waits for that.
LEAVING = frozenset({Delivery.State.HELD, Delivery.State.QUEUED})

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
    """Return the state that a message's deliveries amount to, "" when it has none; what was sent on counts no more."""
    states = {state for state, _sentence in _fates(deliveries)}
    return next((state for state in WORST_FIRST if state in states), "")


def is_leaving(deliveries: Sequence[Delivery]) -> bool:
    """Return whether any of a message's mails leaves within seconds, whatever befell the others."""
    return any(delivery.state in LEAVING for delivery in deliveries)


def unreached(deliveries: Sequence[Delivery]) -> list[Delivery]:
    """Return those that failed for good, and were not sent on since.

    For which of several that failed together a later one stands was not always written down: then
    all of them stay until as many were sent on.
    """
    stood_for = {one.in_place_of for one in deliveries}
    lost = [one for one in deliveries if one.state == Delivery.State.FAILED]
    lost = [one for one in lost if one.pk not in stood_for]
    others = [one for one in deliveries if one.in_place_of is None]
    return [
        one
        for one in lost
        if len({later.entry_step for later in others if later.entry_step > one.entry_step})
        < sum(beside.entry_step == one.entry_step for beside in lost)
    ]


def fates(deliveries: Sequence[Delivery]) -> list[tuple[str, str]]:
    """Return how far a message got, as states and words: one when all went the same way, else one for each of them.

    The state of what failed and was sent on since is "past".
    """
    found = _fates(deliveries)
    if len(found) == 1:
        return list(found)
    return [(state, f"{', '.join(whom)}: {said}") for (state, said), whom in found.items()]


def _fates(deliveries: Sequence[Delivery]) -> dict[tuple[str, str], list[str]]:
    """Return whom each state and its sentence is about."""
    lost = {one.pk for one in unreached(deliveries)}
    found: dict[tuple[str, str], list[str]] = {}
    for one in deliveries:
        is_past = one.state == Delivery.State.FAILED and one.pk not in lost
        fate = ("past" if is_past else one.state, outcomes.sentence_of(one))
        found.setdefault(fate, []).append(one.address)
    return found


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
    "fates": fates,
    "heading": heading,
    "invitation_title": facts.invitation_title,
    "invitation_when": invitation_when,
    "is_coloured": is_coloured,
    "is_drawn": is_drawn,
    "is_leaving": is_leaving,
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
