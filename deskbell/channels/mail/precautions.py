"""What the desk has decided about unwanted mail: limits, whose word is believed, whether the filter judges.

Read wherever a letter is judged or written by the desk itself; changed by a page of the settings.
"""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from deskbell.channels.mail.models import Precautions
from deskbell.errors import BadInput

# Above these a limit limits nothing.
MOST_TO_A_SENDER, MOST_ON_A_TICKET = 1_000, 100
MOST_NAMES = 50

_NAME = re.compile(r"[a-z0-9]([a-z0-9._-]{0,250}[a-z0-9])?\Z")


def current() -> Precautions:
    """Return what holds now; what a desk begins with where nothing was decided yet."""
    return Precautions.objects.filter(pk=1).first() or Precautions(pk=1)


def change(
    *, to_a_sender: str, on_a_ticket: str, filters: bool, checkers: str, sealers: str
) -> None:
    """Decide anew.  Names stand one a line.  Raises BadInput with the field that cannot be used."""
    Precautions(
        pk=1,
        to_a_sender=_number("to_a_sender", to_a_sender, MOST_TO_A_SENDER),
        on_a_ticket=_number("on_a_ticket", on_a_ticket, MOST_ON_A_TICKET),
        filters=filters,
        checkers=_names("checkers", checkers),
        sealers=_names("sealers", sealers),
    ).save()


def _number(field: str, typed: str, most: int) -> int:
    clean = typed.strip()
    if not clean.isascii() or not clean.isdecimal() or not 0 <= int(clean[:9]) <= most:
        raise BadInput(field, _("Write a number from 0 to {most}; 0 means none."), most=most)
    return int(clean)


def _names(field: str, typed: str) -> list[str]:
    names = list(dict.fromkeys(typed.lower().replace(",", " ").split()))
    wrong = next((name for name in names if _NAME.match(name) is None), None)
    if wrong is not None:
        raise BadInput(
            field, _("“{name}” is not the name of a server or a domain."), name=wrong[:60]
        )
    if len(names) > MOST_NAMES:
        raise BadInput(field, _("These are more than {most} names."), most=MOST_NAMES)
    return names
