"""Agents at work on a running desk, for benchmarks that ask how long they wait while something else goes on."""

from __future__ import annotations

import os
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bench.http_client import Client
from tests.stories.running import RunningDesk, letter, until

THINKING_SECONDS = 0.5  # between two pages of one agent
OK = 200


@dataclass
class Waits:
    """How many milliseconds agents waited for their pages."""

    took: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        if not self.took:
            return "no page"
        p95 = sorted(self.took)[int(len(self.took) * 0.95)]
        return f"{statistics.median(self.took):.0f} ms (p95 {p95:.0f}), {len(self.took)} pages"


@dataclass(frozen=True)
class Look:
    """What agents look at: the cookie of an owner who is signed in, and pages in turn."""

    cookie: str
    paths: tuple[str, ...]


def look_at(desk: RunningDesk) -> Look:
    """Return the inbox and some tickets, in turn; sets Django up on the desk, which has an owner."""
    os.environ |= desk.environment | {"DJANGO_SETTINGS_MODULE": "deskbell.settings"}
    import django

    django.setup()
    from bench.loads import cookie_of
    from deskbell.people.models import Agent
    from deskbell.tickets.models import Ticket

    desk.mail(letter("The first.", subject="The first"))
    until(Ticket.objects.exists, "the first ticket")
    owner = Agent.objects.select_related("account").filter(role="owner").earliest("id")
    codes = Ticket.objects.order_by("-last_activity_at").values_list("code", flat=True)[:20]
    paths = tuple(path for code in codes for path in ("/", f"/tickets/{code}"))
    return Look(cookie_of(owner), paths)


@contextmanager
def agents(desk: RunningDesk, look: Look, waits: Waits, count: int) -> Iterator[None]:
    """Let so many agents look at pages inside the block, and note in `waits` how long each took."""
    over = threading.Event()

    def work(number: int) -> None:
        client = Client(int(desk.http.partition(":")[2]), (f"Cookie: {look.cookie}",))
        with client.closing():
            turn = number
            while not over.wait(THINKING_SECONDS):
                path = look.paths[turn % len(look.paths)]
                began = time.perf_counter()
                answer = client.get(path)
                waits.took.append((time.perf_counter() - began) * 1000)
                if answer.status != OK:
                    raise SystemExit(f"{path}: {answer.status}")
                turn += 1

    working = [threading.Thread(target=work, args=(one,)) for one in range(count)]
    for agent in working:
        agent.start()
    try:
        yield
    finally:
        over.set()
        for agent in working:
            agent.join()
