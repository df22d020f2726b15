"""The addresses behind "Yes, solved" and "Not yet": signed, about one resolution, good for 30 days.

Whoever holds one may answer for the customer and nothing else.  Made here for the letter, read by
web/public/solved.py.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.core.signing import BadSignature, Signer

# Long enough for a holiday; later the customer simply writes again.
GOOD_FOR = timedelta(days=30)

_PURPOSE = "deskbell.notices.solved"


@dataclass(frozen=True, slots=True)
class Question:
    """Which question was asked: about the resolution at this step of this ticket."""

    ticket_id: int
    step: int


def path(ticket_id: int, step: int) -> str:
    """Return the path of the page that takes the answer; the same for the same resolution."""
    return f"/solved/{token(ticket_id, step)}"


def token(ticket_id: int, step: int) -> str:
    """Return the signed token of the question."""
    return _signer().sign(f"{ticket_id}-{step}")


def read(text: str) -> Question | None:
    """Return the question of a token, or None for one that we did not make."""
    try:
        ticket, _, step = _signer().unsign(text).partition("-")
        return Question(int(ticket), int(step))
    except (BadSignature, ValueError):
        return None


def _signer() -> Signer:
    # "." stays whole in mail programs that make links of text; ":" does not everywhere.
    return Signer(sep=".", salt=_PURPOSE)
