"""What the desk aims at, with a million tickets on two cores, by the names of the figures."""

from __future__ import annotations

from dataclasses import dataclass

# No page may become slower than so many times when there are ten times as many tickets.
GROWTH = 1.5


@dataclass(frozen=True)
class Aim:
    """A median and a 95th percentile; None where nothing is aimed at.

    at_least  the figure is to be higher than the aim: a rate
    """

    median: float | None = None
    p95: float | None = None
    at_least: bool = False

    def missed_by(self, median: float, p95: float | None) -> float:
        """Return how many times a figure is worse than it should be; at most 1 where the aim is met."""
        times = [0.0]
        if self.median is not None:
            times.append(self.median / median if self.at_least else median / self.median)
        if self.p95 is not None and p95 is not None:
            times.append(p95 / self.p95)
        return max(times)


PAGE = Aim(8, 20)
NONE = Aim()

AIMS = {
    "inbox": PAGE,
    "every ticket, newest first": PAGE,
    "a ticket with 20 messages": PAGE,
    "search, a rare word": Aim(10, 30),
    "search, a common word": Aim(30, 75),
    "an agent's answer, stored": Aim(12, 30),
    "inbox, 8 clients": Aim(200, at_least=True),
    "a ticket with 20 messages, 8 clients": Aim(200, at_least=True),
    "from the command to the first page": Aim(2),
    "memory of all processes, idle": Aim(120),
    "memory of the front after the loads": Aim(250),
    "one change to 1,000 open desks": Aim(p95=60),
}
