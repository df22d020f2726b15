"""Why a ticket of a sweep was refused: kept as a code and a detail, worded in the language of whoever reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from deskbell.errors import (
    BadInput,
    CannotUndo,
    Conflict,
    DeskError,
    MergedAway,
    NoSuchTicket,
    NotAllowed,
    WrongStatus,
)
from deskbell.tickets.models import Ticket

if TYPE_CHECKING:
    from collections.abc import Callable

    from deskbell.sweeps.models import SweptTicket

# It broke on our side; the log says how.
OURS = "our_mistake"


def kept(error: DeskError, ticket: Ticket) -> tuple[str, str]:
    """Return the code of a refusal, and what its sentence needs beside it."""
    match error:
        case WrongStatus():
            return error.code, ticket.status
        case MergedAway():
            return error.code, str(error.fields["ticket"])
        case CannotUndo():
            return error.code, str(error.fields["reason"])
        case _:
            return error.code, str(error.fields.get("field", ""))[:40]


def sentence(swept: SweptTicket) -> str:
    """Return why, in the language that is active now."""
    if swept.why == NoSuchTicket.code:
        return _("This ticket was removed for good.")
    if swept.why in _ERRORS:
        return _ERRORS[swept.why](swept.detail).sentence
    if swept.why == BadInput.code:
        return _of_input(swept.detail)
    return _("Something broke on our side. Nothing was changed on this ticket.")


# The code of what was refused → the same error, made of its detail.
_ERRORS: dict[str, Callable[[str], DeskError]] = {
    WrongStatus.code: lambda status: WrongStatus(
        action="", status=str(Ticket.Status(status).label)
    ),
    MergedAway.code: lambda code: MergedAway(ticket=code),
    CannotUndo.code: CannotUndo,
    NotAllowed.code: lambda _field: NotAllowed(),
    Conflict.code: lambda _field: Conflict(),
}


def _of_input(field: str) -> str:
    match field:
        case "agent":
            return _("They do not work in the department of this ticket, or may only write notes.")
        case "department":
            return _("This department is archived and takes no tickets.")
        case "until":
            return _("The moment had passed when its turn came.")
        case _:
            return str(DeskError.template)
