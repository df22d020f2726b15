"""Killed between any two steps, or with a server that hangs: nothing is lost, and nothing comes twice."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from typing_extensions import override

from deskbell import clock
from deskbell.channels.mail import letters
from deskbell.channels.mail.fetch import imap_walk, keeping, line, look
from deskbell.channels.mail.fetch.imap import Imap
from deskbell.channels.mail.fetch.lease import Lease, LeaseLost
from deskbell.channels.mail.models import FolderCursor, Letter, Source
from deskbell.tickets.models import Message
from deskbell.work import jobs
from deskbell.work.models import Job
from deskbell.work.run import run_each_twice
from tests.channels.mail.fetch.desk import Box, a_letter

pytestmark = pytest.mark.django_db(transaction=True)


class Killed(BaseException):
    """As by kill -9: nothing after it runs."""


# Before and after each step that leaves a trace: on the disk, in the database, on the server.
STEPS: list[tuple[Any, str]] = [
    (letters, "_write"),
    (letters, "_settle_down"),
    (letters, "_commit"),
    (imap_walk._Walk, "_moved"),
    (Imap, "move"),
    (look, "_note_success"),
]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS, ids=[name for _owner, name in STEPS])
def test_a_kill_at_any_step_loses_and_doubles_nothing(
    box: Box, step: tuple[Any, str], when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.server.make_folder(box.user, "Done")
    box.start(after="move", move_to="Done")
    for name in ("One", "Two", "Three"):
        box.deliver(a_letter(name))
    with monkeypatch.context() as patch:
        patch.setattr(*step, _dies(getattr(*step), when, at=1))
        with pytest.raises(Killed):
            look.fetch_letters(box.source.pk)
    # The lease of the dead runs out by itself; here nobody waits.
    Source.objects.update(lease="", leased_until=None)

    box.look()

    assert Message.objects.count() == 3
    assert box.server.flags(box.user) == []
    assert len(box.server.flags(box.user, "Done")) == 3
    assert FolderCursor.objects.get().last_uid == 3


def test_the_cursor_moves_in_the_same_commit_as_the_letter(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.start()
    box.deliver(a_letter())
    with monkeypatch.context() as patch:
        patch.setattr(imap_walk._Walk, "_moved", _dies(imap_walk._Walk._moved, "after", at=1))
        with pytest.raises(Killed):
            look.fetch_letters(box.source.pk)
    assert not Letter.objects.exists()
    assert FolderCursor.objects.get().last_uid == 0


def test_a_look_may_run_twice_and_twice_at_once(box: Box) -> None:
    box.start()
    for name in ("One", "Two"):
        box.deliver(a_letter(name))
    jobs.enqueue("fetch_letters", key="1", source_id=box.source.pk)
    for _ in range(3):
        Job.objects.update(run_at=clock.now())
        run_each_twice()
    assert Message.objects.count() == 2
    assert Letter.objects.count() == 2, "not even a second row"


def test_while_one_looks_another_waits_and_who_was_overtaken_changes_nothing(box: Box) -> None:
    box.start()
    box.deliver(a_letter())
    Source.objects.update(lease="other", leased_until=clock.now() + timedelta(minutes=1))
    with pytest.raises(jobs.Later):
        look.fetch_letters(box.source.pk)

    overtaken = Lease(box.source.pk, "mine")
    with pytest.raises(LeaseLost), transaction.atomic():
        overtaken.renew()
    assert not Letter.objects.exists()


def test_a_letter_that_hangs_in_the_middle_does_not_hold_the_others_for_ever(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "SILENT_SECONDS", 0.3)
    box.start()
    box.deliver(a_letter("Hangs", "x" * 3000))
    box.deliver(a_letter("Comes"))
    with _a_relay_that_hangs_at(b"x" * 70, box.server.imap) as port:
        Source.objects.update(port=port)
        reasons = [box.look().reason for _ in range(keeping.TIMES_IN_VAIN)]
    assert reasons[0] == "timed_out"
    Source.objects.update(port=box.server.imap)
    box.look()
    assert Message.objects.count() == 1
    hung = Letter.objects.get(reason="not_given")
    assert hung.state == "parked"


def _dies(function: Callable[..., Any], when: str, *, at: int) -> Callable[..., Any]:
    """Return `function`, with a kill before or after its `at`-th call has begun."""
    calls = 0

    def dying(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == at and when == "before":
            raise Killed
        result = function(*args, **kwargs)
        if calls == at:
            raise Killed
        return result

    return dying


@contextmanager
def _a_relay_that_hangs_at(words: bytes, port: int) -> Iterator[int]:
    """Give the port of a server that hands on all that another says, and falls silent at these words."""
    import socket

    stop = threading.Event()

    class Hand(socketserver.BaseRequestHandler):
        @override
        def handle(self) -> None:
            with socket.create_connection(("127.0.0.1", port)) as other:
                other.settimeout(0.02)
                self.request.settimeout(0.02)
                while not stop.is_set():
                    for source, target in ((self.request, other), (other, self.request)):
                        try:
                            said = source.recv(65536)
                        except TimeoutError:
                            continue
                        if not said:
                            return
                        at = said.find(words) if source is other else -1
                        target.sendall(said if at < 0 else said[:at])
                        if at >= 0:
                            stop.wait(5)
                            return

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

        @override
        def handle_error(self, *_: Any) -> None:
            """The client hung up, as it should."""

    with Server(("127.0.0.1", 0), Hand) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            stop.set()
            server.shutdown()
            thread.join()
