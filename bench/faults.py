"""Kills processes of a running desk at random moments while letters come in: none may be lost, none doubled.

    bin/bench faults [--kills 300] [--clients 4] [--seed 7] [--without-imap] [--without-postfix]

A desk as `deskbell serve` starts it takes letters by SMTP from several clients without a pause; some are long and
come slowly, so that kills fall into every phase: in the middle of a letter, between disk and row, between row and
250, while it is read, while its ticket is written, while it is settled.  The front, the worker, a reader and the
whole desk are killed by signal 9.  A client whose letter got no 250 sends the very same letter again, as mail
servers do.  Others lie on a real Dovecot, from where the desk fetches and then deletes them; kills fall before,
between and after that, too.  A real Postfix brings letters and takes the answers that are written meanwhile
(beside_postfix.py): none may stay unsent, none leave under two Message-IDs.  In the end every letter must be one
message, or one that is set aside and shown; and every ticket must replay to its row.

On SQLite, or on the server that DATABASE_URL names (a database of its own there).  Exits with 1 when anything is lost.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import smtplib
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.beside_postfix import Beside, a_postfix
from tests.fakes.dovecot import PASSWORD, PROGRAM, Dovecot
from tests.fakes.postfix import MISSING
from tests.stories.running import RunningDesk, a_running_desk, until

VICTIMS = {"front": 3, "worker": 3, "reader": 3, "desk": 1}
FETCHED_BOX = "fetched@desk.example"
# The supervisor lets one rest that dies again and again; the whole desk is killed before that takes the time.
DEATHS_IN_A_ROW = 3
# After a kill the desk takes so many letters before the next one, or so many seconds pass.
LETTERS_BETWEEN, SECONDS_BETWEEN = 6, 20.0
START_OF_DATA, TAKEN, LONG_BYTES = 354, 250, 100_000
WORDS = "After two nights in the mountains the zip came apart again.\r\n"
# Every so many letters a long one comes in pieces, so that a kill finds it half on its way.
LONG_EVERY, LONG_LINES, PIECES = 10, 8_000, 8


@dataclass
class Tried:
    """What was done to the desk; numbers of letters that got their 250, and how often one was sent again."""

    accepted: set[str] = field(default_factory=set)
    again: int = 0
    kills: Counter[str] = field(default_factory=Counter)


def main() -> int:
    """Kill, wait until all is quiet, count; return 1 when a letter is lost or doubled."""
    options = _options()
    random.seed(options.seed)
    began = time.monotonic()
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="deskbell-faults-"))
        beside = _a_postfix(options, stack)
        settings = {"DESKBELL_RELAY": beside.relay} if beside else {}
        desk = stack.enter_context(a_running_desk(Path(folder), **settings))
        desk.hire_owner()
        _look_inside(desk)
        if beside:
            stack.enter_context(beside.reaches(desk))
        with _a_server(options) as server:
            tried = _trouble(desk, options, server, beside)
            until(lambda: _is_quiet(desk, tried), "the end of all reading", 900)
            left = len(server.flags(FETCHED_BOX)) if server else 0
        if beside:
            until(beside.is_quiet, "the end of all sending", 900)
            # What came of an answer may have been a report that is read only now.
            until(lambda: _is_quiet(desk, tried), "the end of all reading", 900)
        bad = _tell(tried, left, time.monotonic() - began)
        bad |= beside is not None and beside.tell()
        print(f"  check: {desk.check().strip().splitlines()[-1]}")
    return 1 if bad else 0


def _a_postfix(options: argparse.Namespace, stack: ExitStack) -> Beside | None:
    """Return a Postfix that runs until the stack ends, if one is wanted and can run."""
    if options.without_postfix or MISSING:
        return None
    return stack.enter_context(a_postfix())


@contextmanager
def _a_server(options: argparse.Namespace) -> Iterator[Dovecot | None]:
    """Run a server whose letters the desk fetches and deletes, if one is wanted and installed."""
    if options.without_imap or not PROGRAM:
        yield None
        return
    from deskbell.channels.mail import boxes
    from deskbell.channels.mail.fetch import sources
    from deskbell.channels.mail.models import Source

    with Dovecot() as server:
        boxes.add_mailbox(address="help@desk.example", department="Support")
        box = boxes.add_mailbox(address=FETCHED_BOX, department="Support")
        entry = sources.Entry("imap", "127.0.0.1", server.imap, "none", FETCHED_BOX, PASSWORD)
        sources.enter(box, entry)
        sources.start(Source.objects.get(box=box), begin="all", after="delete")
        yield server


def _trouble(
    desk: RunningDesk, options: argparse.Namespace, server: Dovecot | None, beside: Beside | None
) -> Tried:
    """Let clients send while processes are killed; return what was tried once each letter has its 250."""
    tried, over = Tried(), threading.Event()
    clients = [
        threading.Thread(target=_send_until, args=(over, desk, f"client{one}", tried))
        for one in range(options.clients)
    ]
    if server is not None:
        clients.append(threading.Thread(target=_deliver_until, args=(over, server, tried)))
    for client in clients:
        client.start()
    if beside is not None:
        clients.extend(beside.work_until(over, desk))
    try:
        in_a_row: Counter[str] = Counter()
        while tried.kills.total() < options.kills:
            _wait_for_letters(tried)
            time.sleep(random.uniform(0, 0.5))
            victim = random.choices(list(VICTIMS), list(VICTIMS.values()))[0]
            if in_a_row[victim] >= DEATHS_IN_A_ROW and victim != "reader":
                victim = "desk"
            if victim == "desk":
                in_a_row.clear()
            in_a_row[victim] += 1
            tried.kills[victim] += _kill(desk, victim)
    finally:
        over.set()
        for client in clients:
            client.join()
    if beside is not None:
        tried.accepted |= beside.posted
    return tried


def _wait_for_letters(tried: Tried) -> None:
    wanted, end = len(tried.accepted) + LETTERS_BETWEEN, time.monotonic() + SECONDS_BETWEEN
    while len(tried.accepted) < wanted and time.monotonic() < end:
        time.sleep(0.01)


def _kill(desk: RunningDesk, victim: str) -> int:
    """Kill one that runs now; return how many that were."""
    assert desk.process is not None
    if victim == "desk":
        desk.process.kill()
        desk.process.wait()
        if desk.process.stdout is not None:
            desk.process.stdout.close()
        desk.start()
        return 1
    found = list(_of_the_desk(desk, victim))
    for number in found[:1]:
        with suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)
    return len(found[:1])


def _of_the_desk(desk: RunningDesk, victim: str) -> Iterator[int]:
    """Yield the processes of this kind; readers are children of the worker."""
    assert desk.process is not None
    for number in _children(desk.process.pid):
        is_worker = "worker" in _title(number)
        if victim == "reader" and is_worker:
            yield from (one for one in _children(number) if "parse_child" in _title(one))
        elif victim in _title(number):
            yield number


def _children(number: int) -> list[int]:
    with suppress(OSError):
        words = Path(f"/proc/{number}/task").glob("*/children")
        return [int(one) for path in words for one in path.read_text().split()]
    return []


def _title(number: int) -> str:
    with suppress(OSError):
        command = Path(f"/proc/{number}/cmdline").read_text().replace("\0", " ")
        return Path(f"/proc/{number}/comm").read_text() + command
    return ""


def _send_until(over: threading.Event, desk: RunningDesk, name: str, tried: Tried) -> None:
    count = 0
    while not over.is_set():
        number = f"{name}-{count}"
        raw = _letter(number, is_long=count % LONG_EVERY == LONG_EVERY - 1)
        while not _is_accepted(desk, raw):
            tried.again += 1
            time.sleep(0.05)
        tried.accepted.add(number)
        count += 1


def _deliver_until(over: threading.Event, server: Dovecot, tried: Tried) -> None:
    """Put letters on the server, a few a second; each is the desk's to bring home."""
    count = 0
    while not over.wait(0.3):
        number = f"fetched-{count}"
        server.deliver(FETCHED_BOX, _letter(number, is_long=count % LONG_EVERY == LONG_EVERY - 1))
        tried.accepted.add(number)
        count += 1


def _letter(number: str, *, is_long: bool) -> bytes:
    head = (
        f"From: Emil <{number}@acme.example>\r\nTo: help@desk.example\r\nSubject: Fault {number}\r\n"
        f"Message-ID: <{number}@acme.example>\r\n\r\n"
    )
    return (head + WORDS * (LONG_LINES if is_long else 40)).encode()


def _is_accepted(desk: RunningDesk, raw: bytes) -> bool:
    """Send a letter, long ones in pieces; return whether the desk said 250."""
    host, port = desk.smtp.split(":")
    try:
        with smtplib.SMTP(host, int(port), timeout=20) as server:
            server.ehlo()
            server.mail("emil@acme.example")
            server.rcpt("help@desk.example")
            code, _words = server.docmd("DATA")
            if code != START_OF_DATA:
                return False
            size = len(raw) // (PIECES if len(raw) > LONG_BYTES else 1) + 1
            for start in range(0, len(raw), size):
                server.send(raw[start : start + size])
                if len(raw) > LONG_BYTES:
                    time.sleep(0.02)
            server.send(b"\r\n.\r\n")
            is_taken = server.getreply()[0] == TAKEN
            # A line that breaks after the 250 is no matter of the letter's.
            with suppress(OSError, smtplib.SMTPException):
                server.quit()
            return is_taken
    except (OSError, smtplib.SMTPException):
        return False


def _is_quiet(desk: RunningDesk, tried: Tried) -> bool:
    """Whether nothing waits to be read, and all that lay on the server has come or long enough was waited for it."""
    from deskbell.channels.mail.models import Letter, Seen

    try:
        if desk.api("GET", "letters?state=waiting&limit=1")["items"]:
            return False
    except (OSError, AssertionError):
        return False
    fetched = {one for one in tried.accepted if one.startswith("fetched-")}
    here = Letter.objects.filter(source="imap").values_list("rfc_message_id", flat=True)
    have_come = fetched <= {one.partition("@")[0] for one in here}
    return have_come and not Seen.objects.exists()


def _look_inside(desk: RunningDesk) -> None:
    """Let this process read the desk's tables."""
    os.environ |= desk.environment | {"DJANGO_SETTINGS_MODULE": "deskbell.settings"}
    import django

    django.setup()


def _tell(tried: Tried, left: int, seconds: float) -> bool:
    """Print what was tried and what became of it; return whether anything is lost or doubled.

    left  how many letters still lie on the server
    """
    from deskbell.channels.mail.models import Letter
    from deskbell.tickets.models import Message

    messages = Counter(
        subject.removeprefix("Fault ")
        for subject in Message.objects.filter(kind="customer").values_list("subject", flat=True)
    )
    aside = {
        sender.partition("@")[0]
        for sender in Letter.objects.filter(state="parked").values_list("rfc_message_id", flat=True)
    }
    lost = {one for one in tried.accepted if not messages[one] and one not in aside}
    doubled = {one for one, count in messages.items() if count > 1}
    engine = "PostgreSQL" if os.environ.get("DATABASE_URL") else "SQLite"
    kills = ", ".join(f"{count} of the {name}" for name, count in sorted(tried.kills.items()))
    print(
        f"{tried.kills.total()} kills ({kills}) in {seconds:.0f} s on {engine}, load {os.getloadavg()[0]:.1f}"
    )
    print(f"  {len(tried.accepted)} letters accepted, sent again without a 250: {tried.again}")
    print(
        f"  became a message: {len(messages)}, set aside and shown: {len(aside - messages.keys())}"
    )
    fetched = sum(one.startswith("fetched-") for one in tried.accepted)
    print(f"  of these from the IMAP server: {fetched}, left there although they came: {left}")
    print(f"  lost: {len(lost)} {sorted(lost)[:5]}, doubled: {len(doubled)} {sorted(doubled)[:5]}")
    return bool(lost or doubled)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--without-imap", action="store_true")
    parser.add_argument("--without-postfix", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
