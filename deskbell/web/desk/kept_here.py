"""What was to leave later and is still here, for its writer: they are changing it, or something kept it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from deskbell import access
from deskbell.tickets import leaving
from deskbell.tickets.held_back import sentence_for_writer
from deskbell.tickets.models import Draft, Ticket
from deskbell.web.visit import AgentRequest

# More than anybody reads.
MOST = 200


@dataclass(frozen=True, slots=True)
class Kept:
    """What was to leave and is still here, for its writer.

    ticket  where it is written on; None for the mail that begins one, and where the writer sees it no more
    why     a sentence
    """

    draft: Draft
    ticket: Ticket | None
    why: str

    @property
    def is_hidden(self) -> bool:
        """Whether it belongs to a ticket that its writer does not see any more."""
        return self.draft.ticket_id is not None and self.ticket is None


def all_of(request: AgentRequest) -> list[Kept]:
    """Return all of one agent, the next moment first."""
    rows = list(leaving.kept_here(request.agent)[:MOST])
    numbers = {one.ticket_id for one in rows if one.ticket_id is not None}
    tickets = Ticket.objects.filter(pk__in=numbers).select_related("subject")
    seen = {one.pk: one for one in access.visible(request.by, tickets)}
    return [Kept(one, seen.get(one.ticket_id or 0), about_kept(one)) for one in rows]


def about_kept(draft: Draft | None) -> str:
    """Return what the writer of a draft is told that was to leave later; "" for any other."""
    if draft is None or draft.was_due_at is None:
        return ""
    if draft.stayed:
        return sentence_for_writer(draft.stayed)
    return _("It does not leave by itself any more, until you send it or choose a moment again.")
