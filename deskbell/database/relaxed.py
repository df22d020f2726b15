"""Commits that do not wait for the disk, for work that is done anew where the power failed.

On SQLite alone, which writes one log in order: a later commit that waits takes the earlier ones along (PRAGMA
synchronous).  So nothing that was promised rests on what may be lost.  docs/decisions/0032 says why on SQLite alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deskbell.database.prepared import own_connection

if TYPE_CHECKING:
    from contextlib import AbstractContextManager


def relaxed_commits() -> AbstractContextManager[None]:
    """Let this thread's transactions inside the block end without waiting for the disk.

    Only for jobs, whose row waits until they are done, and for the worker's book of them: a job may run twice.  It does
    nothing inside a transaction.
    """
    found: AbstractContextManager[None] = own_connection().relaxed_commits()
    return found
