"""`bin/serve`: one command runs the desk, says where it is, ends cleanly, and leaves nothing behind."""

import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stories.running import RunningDesk, a_running_desk, free_port, until

pytestmark = pytest.mark.story


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[RunningDesk]:
    with a_running_desk(tmp_path) as running:
        yield running


def serve_too(desk: RunningDesk, *words: str, data: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "deskbell.cli", "serve", "--data", str(data), *words],
        env=desk.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def is_alive(number: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{number}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_the_first_start_prints_the_address_with_a_one_time_token(desk: RunningDesk) -> None:
    assert desk.setup_address.startswith(f"{desk.url}/setup?token=")


def test_it_ends_within_five_seconds_and_takes_its_processes_along(desk: RunningDesk) -> None:
    children = [desk.child("front"), desk.child("worker")]
    began = time.monotonic()
    assert desk.stop() == 0
    assert time.monotonic() - began < 5
    assert not any(map(is_alive, children))
    desk.start()


def test_a_second_desk_on_the_same_folder_is_refused_in_a_sentence(desk: RunningDesk) -> None:
    second = serve_too(desk, "--http", f"127.0.0.1:{free_port()}", data=desk.data)
    assert second.returncode == 78
    assert second.stderr.startswith("Another Deskbell serves the data folder")
    assert "Traceback" not in second.stderr


def test_a_port_that_is_taken_is_told_in_a_sentence(desk: RunningDesk, tmp_path: Path) -> None:
    second = serve_too(desk, "--http", desk.http, data=tmp_path / "another")
    assert second.returncode == 78
    assert second.stderr.startswith(f"The desk cannot listen on {desk.http}")


@pytest.mark.parametrize("victim", ["front", "worker"])
def test_whoever_is_killed_comes_back(desk: RunningDesk, victim: str) -> None:
    killed = desk.child(victim)
    desk.kill(victim)
    assert until(lambda: desk.child(victim), f"a new {victim}") != killed


def test_a_killed_desk_leaves_no_process_behind_and_starts_again(desk: RunningDesk) -> None:
    children = [desk.child("front"), desk.child("worker")]
    assert desk.process is not None
    os.kill(desk.process.pid, signal.SIGKILL)
    desk.process.wait()
    assert desk.process.stdout is not None
    desk.process.stdout.close()
    desk.start()
    assert not any(map(is_alive, children))


def test_an_invitation_leads_to_where_the_desk_is_served(desk: RunningDesk) -> None:
    who = ("--email", "bela@desk.example", "--name", "Bela", "--role", "agent")
    assert f"{desk.url}/invitation/" in desk.run("agent", "add", *who)


def test_on_a_terminal_it_speaks_in_words_and_ends_with_one(
    desk: RunningDesk, tmp_path: Path
) -> None:
    ours, theirs = pty.openpty()
    listens = ("--http", f"127.0.0.1:{free_port()}", "--smtp", f"127.0.0.1:{free_port()}")
    folder = tmp_path / "at-a-terminal"
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "deskbell.cli", "serve", "--data", str(folder), *listens],
        env=desk.environment,
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
    )
    os.close(theirs)
    assert process.stdout is not None
    assert "is ready" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 0
    process.stdout.close()
    said = os.read(ours, 100_000).decode()
    os.close(ours)
    assert "process.started" in said
    assert '{"' not in said
    assert said.rstrip().endswith("Deskbell has ended.")
