"""Who works on a large seeded desk, who writes to it, and when: all of it follows from the seed and the size.

A few departments, agents and customers have most of the tickets (Zipf), the desk grows over its years, and nearly all
active tickets are recent ones.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

DEPARTMENTS, AGENTS, TAGS = 20, 100, 40
TICKETS_A_CUSTOMER, CUSTOMERS_A_COMPANY = 5, 12
YEARS = timedelta(days=4 * 365)
# The newest part of all tickets, in which most of the active ones are, and how many of it are.
RECENT, ACTIVE_OF_RECENT, ACTIVE_OF_OLD = 0.066, 0.42, 0.0025
# Growth: at the beginning fewer tickets a day than now.
GROWTH = 0.72
MOST_MESSAGES = 30


@dataclass(frozen=True)
class Plan:
    """A desk to be.  Numbers of rows begin at 1 in each table.

    now  the moment at which the history ends
    """

    size: int
    seed: int
    now: datetime

    @property
    def customers(self) -> int:
        """How many customers write to it."""
        return max(20, self.size // TICKETS_A_CUSTOMER)

    @property
    def companies(self) -> int:
        """How many companies they work for."""
        return max(4, self.customers // CUSTOMERS_A_COMPANY)

    def created_at(self, number: int) -> datetime:
        """Return when ticket `number`, 1 to size, begins; later for a larger number."""
        share: float = ((number - 0.5) / self.size) ** GROWTH
        return self.now - YEARS * (1 - share)

    def is_active(self, number: int, rng: random.Random) -> bool:
        """Return whether ticket `number` still wants something."""
        recent = self.size - number < self.size * RECENT
        return rng.random() < (ACTIVE_OF_RECENT if recent else ACTIVE_OF_OLD)


def zipf(many: int, exponent: float = 1.0) -> Sequence[float]:
    """Return cumulative weights of `many` things, the first of which is the most frequent."""
    return list(accumulate(1 / rank**exponent for rank in range(1, many + 1)))


def agents_of(department: int) -> Sequence[int]:
    """Return the numbers of the agents who work in a department; each agent works in two."""
    return [
        agent
        for agent in range(1, AGENTS + 1)
        if department in (1 + agent % DEPARTMENTS, 1 + (agent * 7) % DEPARTMENTS)
    ]


def messages(rng: random.Random) -> int:
    """Return how many messages a ticket has: five at the mean, one often, now and then thirty."""
    return max(1, min(MOST_MESSAGES, round(rng.lognormvariate(1.38, 0.68))))
