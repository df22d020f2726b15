"""Two who change one thing at the same time: the second to save sees how their words differ from what is kept now.

Their form comes back as they sent it, with the version that is kept now: saved again, it is put over that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher

from deskbell.knowledge.models import CannedAnswer, TicketTemplate
from deskbell.web.desk import chosen
from deskbell.web.forms import Form
from deskbell.web.visit import AgentRequest

# A blank belongs to the word before it: alone it would stand in both, and take apart what was written at once.
_PARTS = re.compile(r"\w+[^\S\n]*|[^\w\s][^\S\n]*|\n|[^\S\n]+")
# Of a text with more parts, lines are compared: comparing takes the square of their number.
MOST_PARTS = 3_000
# Of what stands in both, so many letters are shown on each side of what differs.
AROUND = 60


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text: what stands in both, else what is kept now and what the writer has in its place."""

    same: str = ""
    kept: str = ""
    typed: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field in which the two differ; no pieces: only the looks of its words do."""

    field: str
    pieces: list[Piece]


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """Who changed it, "" where that was the writer, in another window; when, and what differs."""

    who: str
    at: datetime | None
    differences: list[Difference]


def seen(request: AgentRequest) -> int | None:
    """Return the version that the writer saw; None from a form that does not say it."""
    return chosen.number_in(request.POST.get("version", ""))


def form_over(request: AgentRequest, one: CannedAnswer | TicketTemplate) -> Form:
    """Return the form as it was sent, to be put over what is kept now."""
    sent = request.POST.copy()
    sent["version"] = str(one.version)
    return Form(sent)


def meanwhile(
    request: AgentRequest,
    one: CannedAnswer | TicketTemplate,
    fields: Iterable[tuple[str, str, str]],
    *,
    looks: str = "",
) -> Meanwhile:
    """Return what the writer is told.

    fields  each field: what it is called, what is kept now, what was typed
    looks   what the field is called whose words are the same and whose looks are not; "" for none
    """
    by = one.changed_by
    differences = [
        Difference(name, pieces(kept, typed)) for name, kept, typed in fields if kept != typed
    ]
    if looks:
        differences.append(Difference(looks, []))
    is_colleague = by is not None and by.pk != request.agent.pk
    return Meanwhile(by.name if by and is_colleague else "", one.changed_at, differences)


def pieces(kept: str, typed: str) -> list[Piece]:
    """Return two texts as pieces, in their order; long ones that are the same are cut in the middle."""
    before, after = _parts(kept), _parts(typed)
    if max(len(before), len(after)) > MOST_PARTS:
        before, after = kept.splitlines(keepends=True), typed.splitlines(keepends=True)
    found = SequenceMatcher(None, before, after, autojunk=False)
    return [
        _piece(tag, "".join(before[a:b]), "".join(after[c:d]))
        for tag, a, b, c, d in found.get_opcodes()
    ]


def _piece(tag: str, kept: str, typed: str) -> Piece:
    return Piece(same=_cut(kept)) if tag == "equal" else Piece(kept=kept, typed=typed)


def _cut(same: str) -> str:
    if len(same) <= AROUND * 2 + 3:
        return same
    return f"{same[:AROUND]} … {same[-AROUND:]}"


def _parts(text: str) -> Sequence[str]:
    return _PARTS.findall(text)
