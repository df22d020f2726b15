"""Who may do what: the table in roles.py, and the two questions that everybody asks of it.

`may`, `require`, `sees` and `those_who_may` ask about one thing, `visible`, `PreparedVisible` and `sight_of` about a
list.  No right is decided elsewhere.
"""

from deskbell.access.leavers import require_may_see_to
from deskbell.access.rights import (
    PreparedVisible,
    Sight,
    agents_of,
    may,
    require,
    sees,
    sight_of,
    those_who_may,
    visible,
)

__all__ = [
    "PreparedVisible",
    "Sight",
    "agents_of",
    "may",
    "require",
    "require_may_see_to",
    "sees",
    "sight_of",
    "those_who_may",
    "visible",
]
