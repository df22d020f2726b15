"""The words of letters to customers, made of plain values: the same for a letter that leaves and for its preview.

`own` is what the team has written for a letter, "" where the desk's words hold (people/own_words.py).  The language
is the recipient's, and active before these are called.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from markupsafe import Markup

from deskbell.notices.forwarded import parts_of_html, parts_of_text
from deskbell.notices.paragraphs import html_of, html_of_text
from deskbell.notices.rendering import Words, render
from deskbell.people.wording import Line, filled, filled_wording, parts_around


@dataclass(frozen=True, slots=True)
class About:
    """What a letter is about; each may be "" where nobody knows it.

    heading    the subject of the letter
    subject    of the ticket
    name       the customer's
    team       the desk's name
    agent      the name of who answered or resolved, as customers know it
    signature  the agent's own
    own        letter → the team's words
    """

    heading: str
    subject: str
    code: str
    name: str = ""
    team: str = ""
    department: str = ""
    agent: str = ""
    signature: str = ""
    own: Mapping[str, str] = field(default_factory=dict)

    @property
    def values(self) -> dict[str, str]:
        """What fills the places of the team's own words."""
        return {
            "name": self.name,
            "code": self.code,
            "subject": self.subject,
            "agent": self.agent,
            "team": self.team or self.department,
            "department": self.department,
        }


def answer(about: About, text: str, html: str, portal: str = "") -> Words:
    """Return the words of an agent's answer, signed, with nothing of earlier letters repeated.

    html    of the same answer, safe; "" for one without formatting
    portal  the address of the recipient's page; "" when they have none
    """
    before, after = parts_around(about.own.get("answer", ""), "answer") or ("", "")
    return render(
        "answer",
        heading=about.heading,
        text="\n\n".join(
            one
            for one in (
                filled_wording(before.strip(), about.values),
                text.strip("\n").rstrip(),
                filled_wording(after.strip(), about.values),
            )
            if one
        ),
        before=html_of(filled(before, about.values)),
        body=_body(text, html),
        after=html_of(filled(after, about.values)),
        **_signed(about),
        portal=portal,
    )


def forward(about: About, text: str, html: str) -> Words:
    """Return the words of what an agent writes to somebody outside: signed above what they hand on.

    html  of the same, safe; "" for one without formatting
    """
    (own, handed_on), (own_html, handed_on_html) = parts_of_text(text), parts_of_html(html)
    if html and not (handed_on and handed_on_html):  # both or none, so that they say the same
        own, handed_on, own_html, handed_on_html = text, "", html, ""
    return render(
        "forward",
        heading=about.heading,
        text=own.strip("\n").rstrip(),
        body=_body(own, own_html) if own_html or not html else "",
        handed_on=handed_on,
        handed_on_html=_body(handed_on, handed_on_html) if handed_on else "",
        **_signed(about),
    )


def acknowledgement(about: About, portal: str = "") -> Words:
    """Return what tells a customer that their letter has come."""
    return render("acknowledgement", **_common(about, "acknowledgement"), portal=portal)


def ask_if_solved(about: About, *, yes: str, no: str, days: int | None, portal: str = "") -> Words:
    """Return the question "is it solved?".

    yes, no  the addresses that answer it
    days     after which the ticket closes by itself; None when it does not
    """
    return render(
        "ask_if_solved",
        **_common(about, "ask_if_solved"),
        who=about.agent,
        yes=yes,
        no=no,
        days=days,
        portal=portal,
    )


def portal(about: About, portal: str, days: int) -> Words:
    """Return the letter with a fresh link for somebody whose own has run out or was cut.

    portal  the address of their page; "" when they take part no longer
    days    how long it works
    """
    return render("portal", **_common(about, "portal"), portal=portal, days=days)


def _common(about: About, letter: str) -> dict[str, object]:
    own = about.own.get(letter, "")
    return {
        **about.values,
        "heading": about.heading,
        "own": filled_wording(own, about.values),
        "own_html": html_of(filled(own, about.values)),
    }


def _body(text: str, html: str) -> Markup:
    return Markup(html) if html else html_of_text(text)  # noqa: S704  made safe when it was written


def _signed(about: About) -> dict[str, object]:
    lines = _signature(about)
    return {
        "signature": "\n".join("".join(piece.text for piece in line) for line in lines).strip("\n"),
        "signature_html": html_of(lines),
    }


def _signature(about: About) -> list[Line]:
    """Return the lines below an answer: the department's, around the agent's own; else those, else the names."""
    own = about.own.get("signature", "")
    if not own:
        names = "\n".join(name for name in (about.agent, about.team) if name)
        return filled(about.signature or names, {})
    parts = parts_around(own, "signature")
    if parts is None:
        return filled(own, about.values)
    before, after = parts[0].removesuffix("\n"), parts[1].removeprefix("\n")
    middle = filled(about.signature or about.agent, {})
    return [*filled(before, about.values), *middle, *filled(after, about.values)]
