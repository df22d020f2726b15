"""Which workers of this machine still live: each holds a locked file while it does.

So what a killed worker held is free again within a heartbeat, before its lease ends.
"""

import contextlib
import fcntl
import os
import secrets
from collections.abc import Iterator
from pathlib import Path


class Nameplate:
    """This process's own name as a worker, and the locked file that says that it lives."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.name = secrets.token_hex(8)
        # Locked under another name first: a neighbour must not find it unlocked.
        hidden = folder / f".{self.name}"
        self._descriptor = os.open(hidden, os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        hidden.rename(folder / self.name)

    def take_down(self) -> None:
        """Say that this worker has ended in order."""
        (self._folder / self.name).unlink(missing_ok=True)
        os.close(self._descriptor)

    def dead(self) -> Iterator[str]:
        """Yield each worker that ended without taking its nameplate down, then remove it."""
        for path in list(self._folder.iterdir()):
            if path.name != self.name and not path.name.startswith(".") and _is_unlocked(path):
                yield path.name
                path.unlink(missing_ok=True)


def _is_unlocked(path: Path) -> bool:
    with contextlib.suppress(FileNotFoundError, BlockingIOError), path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False
