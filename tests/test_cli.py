"""What an operator runs: it says what it did, or in a sentence why not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deskbell import cli, serve
from deskbell.prepare import NotReady


def deskbell(
    *words: str, data: Path, stdin: str = "", **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run `bin/deskbell` on a SQLite desk in `data`, as an operator would."""
    environ = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-m", "deskbell.cli", *words],
        input=stdin,
        env={**environ, "DESKBELL_DATA": str(data), **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_every_command_is_in_the_table_with_its_help() -> None:
    names = [command.name for command in cli.COMMANDS]
    assert names == sorted(set(names), key=names.index)
    assert all(command.help for command in cli.COMMANDS)


def test_a_first_agent_comes_into_a_new_desk(tmp_path: Path) -> None:
    done = deskbell(
        *("agent", "add", "--email", "anna@desk.example", "--name", "Anna", "--role", "owner"),
        "--password-stdin",
        data=tmp_path,
        stdin="correct horse battery\n",
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "Anna" in done.stdout
    again = deskbell(
        *("agent", "add", "--email", "ANNA@desk.example", "--name", "Anna", "--role", "owner"),
        data=tmp_path,
    )
    assert again.returncode == cli.REFUSED
    assert "already here" in again.stderr
    assert "Traceback" not in again.stderr


def test_what_is_kept_is_for_its_owner_alone(tmp_path: Path) -> None:
    assert deskbell("check", data=tmp_path).returncode == 0
    open_to_others = [path for path in tmp_path.rglob("*") if path.stat().st_mode & 0o077]
    assert open_to_others == []


def test_a_wrong_setting_is_a_sentence_and_no_traceback(tmp_path: Path) -> None:
    done = deskbell("check", data=tmp_path, DATABASE_URL="mysql://root:secret@db/desk")
    assert done.returncode == cli.WRONG_SETTING
    assert done.stderr.startswith("deskbell.E005 DATABASE_URL cannot be used")
    assert "Traceback" not in done.stderr
    assert "secret" not in done.stderr


def test_a_database_that_does_not_answer_is_a_sentence(tmp_path: Path) -> None:
    done = deskbell("check", data=tmp_path, DATABASE_URL="postgresql:///desk?host=/nowhere")
    assert done.returncode == cli.WRONG_SETTING
    assert done.stderr.startswith("deskbell.E010 The database does not answer")
    assert "Traceback" not in done.stderr


def test_the_pipe_says_try_again_when_the_desk_is_not_well(tmp_path: Path) -> None:
    done = deskbell("mail", "in", data=tmp_path, stdin="letter", DATABASE_URL="mysql://db/desk")
    assert done.returncode == cli.TRY_LATER


@pytest.mark.parametrize("text", ["8000", "localhost:", "localhost:http", "localhost:99999", ":1"])
def test_an_address_that_cannot_be_listened_on_is_refused(text: str) -> None:
    with pytest.raises(NotReady):
        serve.address_of(text)


def test_addresses_may_be_of_either_kind() -> None:
    assert serve.address_of("127.0.0.1:8000") == ("127.0.0.1", 8000)
    assert serve.address_of("[::1]:25") == ("::1", 25)
