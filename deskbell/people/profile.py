"""What agents decide about themselves: how they are called, how their pages speak and hear."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from deskbell import languages
from deskbell.errors import BadInput
from deskbell.people.accounts import checked_name
from deskbell.people.models import Agent
from deskbell.people.zones import checked_zone

# A signature is a few lines; a longer one hides the answer above it.
LONGEST_SIGNATURE = 2000


def change_profile(
    agent: Agent, *, name: str, signature: str, language: str, time_zone: str, letter_keys: bool
) -> None:
    """Change what an agent decides about themselves.

    signature  below their answers, as it is written; "" stands for name and team
    time_zone  a name of the IANA database: Europe/Budapest; "" is the desk's
    letter_keys  whether a letter that is typed outside of a field presses something
    Raises BadInput with the field that cannot be used.
    """
    agent.name = checked_name(name)
    agent.signature = checked_signature(signature)
    agent.letter_keys = letter_keys
    account = agent.account
    account.name = agent.name
    account.language = _checked_language(language)
    account.time_zone = checked_zone(time_zone) if time_zone else ""
    with transaction.atomic():
        agent.save(update_fields=["name", "signature", "letter_keys"])
        account.save(update_fields=["name", "language", "time_zone"])


def show_messages_only(agent: Agent, *, only: bool) -> None:
    """Leave the quiet lines out of the threads that this agent reads, or show them again."""
    agent.messages_only = only
    agent.save(update_fields=["messages_only"])


def checked_signature(signature: str) -> str:
    """Return a signature with its line ends put right.  Raises BadInput when it is too long."""
    lines = [line.rstrip() for line in signature.replace("\x00", "").splitlines()]
    clean = "\n".join(lines).strip("\n")
    if len(clean) > LONGEST_SIGNATURE:
        raise BadInput(
            "signature", _("This is too long; %(n)d letters fit.") % {"n": LONGEST_SIGNATURE}
        )
    return clean


def _checked_language(language: str) -> str:
    if language not in languages.spoken():
        raise BadInput("language", _("Choose one of the languages."))
    return language
