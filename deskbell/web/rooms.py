"""The rooms of the settings and of what is mine: their pages lead to each other by them, and the palette to all."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from deskbell.search.words import words_of

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from deskbell.access.rights import Standing


@dataclass(frozen=True, slots=True)
class Room:
    """A page that one goes to.

    name   of its address
    title  what it is called
    holds  some of what is there: by these words it is looked for, too
    """

    name: str
    title: _StrPromise
    holds: _StrPromise

    def is_meant(self, asked: Collection[str]) -> bool:
        """Return whether each of these folded words begins a word of it."""
        said = words_of(f"{self.title} {self.holds}")
        return all(any(word.startswith(one) for word in said) for one in asked)


SETTINGS = (
    Room("agents", _("Agents"), _("team, people, invitations, who works where")),
    Room("departments", _("Departments"), _("hours, times to answer, acknowledgements, questions")),
    Room("roles", _("Roles"), _("rights, who may do what")),
    Room("mailboxes", _("Mail boxes"), _("addresses, fetching by IMAP and POP3, sending by SMTP")),
    Room("our_letters", _("Letters"), _("templates, words, signatures, languages")),
    Room("unwanted_mail", _("Unwanted mail"), _("spam, blocked senders, filter")),
    Room("masking", _("Masking"), _("card numbers, patterns, secrets")),
    Room("signing_in", _("Signing in"), _("second factor, passwords, passkeys")),
    Room("health", _("Health"), _("backups, time zone, jobs, disk")),
    Room("first_steps", _("First steps"), _("setting up")),
)
MINE = (
    Room("me", _("Profile"), _("my name, language, time zone, picture, signature")),
    Room("my_notices", _("How I am told"), _("my notices, sounds, mails")),
    Room("my_security", _("Security"), _("my password, second factor, devices")),
)
_OTHERS = (
    Room("sweeps", _("Your sweeps"), _("changes of many tickets")),
    Room("saved_views", _("Saved views"), _("lists, filters")),
    Room("ticket_templates", _("Ticket templates"), _("new tickets")),
)


def meant(asked: str, standing: Standing) -> list[Room]:
    """Return the rooms that what somebody types may mean, by beginnings of words, as far as they may go there."""
    words = words_of(asked)
    if not words:
        return []
    may = (*(SETTINGS if standing.may("administer", None) else ()), *MINE, *_OTHERS)
    return [room for room in may if room.is_meant(words)]
