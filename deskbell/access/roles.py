"""What each role may do, as data.  A role made to measure is one more column, kept as text in its row."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from functools import lru_cache
from types import MappingProxyType


class Reach(IntEnum):
    """On which things a role may do something; each includes the ones before it."""

    NONE = 0
    OWN = 1  # tickets assigned to oneself
    DEPARTMENTS = 2  # tickets of one's departments, and one's own wherever they lie
    ALL = 3


ROLES = ("owner", "admin", "agent", "light")

N, OWN, D, ALL = Reach.NONE, Reach.OWN, Reach.DEPARTMENTS, Reach.ALL

# verb → what owner, admin, agent and light agent reach with it
TABLE: dict[str, tuple[Reach, Reach, Reach, Reach]] = {
    # tickets
    "see": (ALL, ALL, D, D),
    "note": (ALL, ALL, D, D),
    "open": (ALL, ALL, D, N),
    "reply": (ALL, ALL, D, N),
    "forward": (ALL, ALL, D, N),
    "assign": (ALL, ALL, D, N),
    "take": (ALL, ALL, D, N),
    "transfer": (ALL, ALL, D, N),
    "resolve": (ALL, ALL, OWN, N),
    "close": (ALL, ALL, OWN, N),
    "reopen": (ALL, ALL, D, N),
    "accept_sender": (ALL, ALL, D, N),
    "resign": (OWN, OWN, OWN, N),
    "give_back": (ALL, ALL, D, N),
    "escalate": (ALL, ALL, D, N),
    "mark_answered": (ALL, ALL, D, N),
    "postpone": (ALL, ALL, D, N),
    "wake": (ALL, ALL, D, N),
    "spam": (ALL, ALL, D, N),
    "not_spam": (ALL, ALL, D, N),
    "delete": (ALL, ALL, D, N),
    "restore": (ALL, ALL, D, N),
    "purge": (ALL, ALL, N, N),
    "merge": (ALL, ALL, D, N),
    "unmerge": (ALL, ALL, D, N),
    "split": (ALL, ALL, D, N),
    "link": (ALL, ALL, D, N),
    "unlink": (ALL, ALL, D, N),
    "redact": (ALL, ALL, OWN, N),
    "erase": (ALL, ALL, N, N),
    "describe": (ALL, ALL, D, N),
    "prioritise": (ALL, ALL, D, N),
    "tag": (ALL, ALL, D, N),
    "change_customer": (ALL, ALL, D, N),
    "add_participant": (ALL, ALL, D, N),
    "remove_participant": (ALL, ALL, D, N),
    "check_off": (ALL, ALL, D, N),
    "follow": (ALL, ALL, D, D),
    "mention": (ALL, ALL, D, D),
    # one's own act only; actions/undo.py sees to it
    "undo": (ALL, ALL, ALL, ALL),
    # only customers do these, for themselves
    "receive": (N, N, N, N),
    "receive_aside": (N, N, N, N),
    "ask_for_portal": (N, N, N, N),
    "confirm": (N, N, N, N),
    "deny": (N, N, N, N),
    "rate": (N, N, N, N),
    # the desk
    "see_letters": (ALL, ALL, ALL, N),
    "retry_letter": (ALL, ALL, ALL, N),
    "see_customers": (ALL, ALL, ALL, ALL),
    "change_customers": (ALL, ALL, ALL, N),
    "block_sender": (ALL, ALL, ALL, N),
    "see_agents": (ALL, ALL, ALL, ALL),
    "share_views": (ALL, ALL, N, N),
    "share_canned_answers": (ALL, ALL, N, N),
    "administer": (ALL, ALL, N, N),
    "change_owner": (ALL, N, N, N),
}


# What only customers do, for themselves.
CUSTOMERS = frozenset(verb for verb, reaches in TABLE.items() if not any(reaches))
# What no role made to measure can be given: who owns the desk, and what is a customer's.
KEPT_BACK = CUSTOMERS | {"change_owner"}
# What belongs to everybody who works here, whatever their role.
GIVEN = MappingProxyType({"undo": ALL})
# What is about the desk and no ticket: it is given or not.
OF_THE_DESK = frozenset(
    {
        "see_letters",
        "retry_letter",
        "see_customers",
        "change_customers",
        "block_sender",
        "see_agents",
        "share_views",
        "share_canned_answers",
        "administer",
        "change_owner",
    }
)


def choices_for(verb: str) -> tuple[Reach, ...]:
    """Return how far a role made to measure may be let reach with `verb`; none for what is not up to it."""
    if verb in KEPT_BACK or verb in GIVEN:
        return ()
    if verb in OF_THE_DESK:
        return (N, ALL)
    return (N, OWN) if verb == "resign" else (N, OWN, D, ALL)


def written(rights: Mapping[str, Reach]) -> str:
    """Return rights as the text of a row."""
    return " ".join(f"{verb}={int(rights[verb])}" for verb in TABLE if rights.get(verb, N))


@lru_cache(maxsize=200)
def read(text: str) -> Mapping[str, Reach]:
    """Return the rights of a row's text; verbs that are gone, or not up to such a role, give nothing."""
    found = dict(GIVEN)
    for part in text.split():
        verb, _sign, figure = part.partition("=")
        reach = Reach(int(figure))
        if verb in TABLE and reach in choices_for(verb):
            found[verb] = reach
    return MappingProxyType(found)


def reach_of(role: str, verb: str) -> Reach:
    """Return how far `role` reaches with `verb`.  Raises KeyError for a verb that nobody declared."""
    return TABLE[verb][ROLES.index(role)]
