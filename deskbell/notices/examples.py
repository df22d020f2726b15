"""Letters to look at before they are sent: as they leave, about a customer and a ticket that there are not.

Called by the pages where a team writes its own words; reads no ticket and sends nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.utils.translation import gettext as _

from deskbell.notices import on_ticket, portal_links
from deskbell.notices.on_ticket import About
from deskbell.notices.rendering import Words

CODE = "ABC-DEFGH-123"


def example(
    letter: str, own: Mapping[str, str], *, team: str, department: str, agent: str, signature: str
) -> Words:
    """Return a letter with these words of the team's, in the language that is active.

    letter            a name in wording.PLACES; a signature is shown below an answer
    own               letter → the team's words; what is missing has the desk's
    agent, signature  of whoever answers in it
    """
    about = About(
        heading=f"Re: {_('The zip came apart')} [{CODE}]",
        subject=_("The zip came apart"),
        code=CODE,
        name=_("Emma Example"),
        team=team,
        department=department,
        agent=agent,
        signature=signature,
        own=own,
    )
    # Where the links lead nobody is: no token is made for what is only looked at.
    page = f"{settings.DESK_URL}/portal/…"
    match letter:
        case "acknowledgement":
            return on_ticket.acknowledgement(about, page)
        case "ask_if_solved":
            solved = f"{settings.DESK_URL}/solved/…"
            return on_ticket.ask_if_solved(about, yes=solved, no=solved, days=4, portal=page)
        case "portal":
            return on_ticket.portal(about, page, portal_links.GOOD_FOR.days)
        case _:
            return on_ticket.answer(about, _words_of_the_agent(), "", page)


def _words_of_the_agent() -> str:
    return "\n\n".join(
        (
            _("Thank you for writing. Please send the sleeping bag in, and we put in a new zip."),
            _("It takes about a week and costs you nothing."),
        )
    )
