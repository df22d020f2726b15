"""Stands between two mail servers and lets the line break where neither of them would.

As in `with Between(to=server.plain) as between: between.plan("cut_after_dot")`; whoever sends goes to `between.port`.
It takes STARTTLS away, or it would see nothing.
"""

from __future__ import annotations

import select
import socket
import threading
from collections import Counter, deque
from collections.abc import Callable
from contextlib import suppress
from typing import Literal, Self

# What happens to a letter; "" lets it pass.  The cut after the dot comes when the receiver has said that it has it.
Fault = Literal["", "hang_in_letter", "cut_in_letter", "cut_after_dot"]

_LOOKS_SECONDS = 0.05


class Between:
    """The one in the middle; a context manager.

    port    where it listens; one of its own when 0
    always  asked for each letter that nothing is planned for
    """

    def __init__(self, *, to: int, port: int = 0, always: Callable[[], Fault] = lambda: "") -> None:
        self.to, self.port, self._always = to, port, always
        self.done: Counter[Fault] = Counter()
        self._plan: deque[Fault] = deque()
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []

    def plan(self, *faults: Fault) -> None:
        """The next letters meet these, one each."""
        self._plan.extend(faults)

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self._listener.settimeout(_LOOKS_SECONDS)
        self.port = self._listener.getsockname()[1]
        self._begin(self._listen)
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(10)
        self._listener.close()

    def _begin(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _listen(self) -> None:
        while not self._over.is_set():
            with suppress(TimeoutError):
                sender, _ = self._listener.accept()
                self._begin(lambda line=sender: self._stand_between(line))  # type: ignore[misc]

    def _stand_between(self, sender: socket.socket) -> None:
        with sender, suppress(OSError):
            sender.settimeout(None)
            with socket.create_connection(("127.0.0.1", self.to)) as receiver:
                self._hand_on(sender, receiver)

    def _hand_on(self, sender: socket.socket, receiver: socket.socket) -> None:
        """Hand on what either says until one hangs up, or a fault is done."""
        fault: Fault = ""
        while not self._over.is_set():
            ready, _, _ = select.select([sender, receiver], [], [], _LOOKS_SECONDS)
            for line in ready:
                said = line.recv(1 << 16)
                if not said or (fault and self._breaks(fault, said, line is sender, receiver)):
                    return
                if line is sender:
                    receiver.sendall(said)
                    continue
                sender.sendall(said.replace(b"250-STARTTLS\r\n", b""))
                fault = self._next() if said.startswith(b"354") else ""

    def _next(self) -> Fault:
        return self._plan.popleft() if self._plan else self._always()

    def _breaks(self, fault: Fault, said: bytes, by_sender: bool, receiver: socket.socket) -> bool:
        """Do what was planned once its moment has come; return whether the line is at its end."""
        if by_sender == (fault == "cut_after_dot"):
            return False
        self.done[fault] += 1
        if fault != "cut_after_dot":
            receiver.sendall(said[: len(said) // 2])
        if fault == "hang_in_letter":
            self._over.wait()
        return True
