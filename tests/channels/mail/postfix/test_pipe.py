"""Postfix pipes letters into `deskbell mail in`, as the guide says: whatever becomes of it, nothing is lost."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import override_settings

from deskbell.channels.mail.boxes import add_mailbox
from deskbell.channels.mail.models import Letter
from deskbell.tickets.models import Message, Ticket
from deskbell.work.run import run_due
from tests.cast import Cast
from tests.channels.mail.fetch.desk import a_letter
from tests.fakes.postfix import Postfix
from tests.laws.sources import ROOT

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

HELP, ACCOUNTS = "help@pipe.example", "accounts@pipe.example"


class Pipe:
    """What Postfix runs for a letter."""

    def __init__(self, server: Postfix, data: Path) -> None:
        self._server = server
        self._variables = {
            "DESKBELL_DATA": str(data),
            "DESKBELL_SECRET_KEY": settings.SECRET_KEY,
            "DATABASE_URL": _database_url(),
            "PYTHONPATH": f"{ROOT}:{sysconfig.get_path('purelib')}",
        }
        self._python = _python_of(server.pipe_user)
        self.works()

    def works(self, **changed: str) -> None:
        """Let it run the command, with some of its variables changed."""
        said = " ".join(f"'{name}={value}'" for name, value in (self._variables | changed).items())
        self.runs(f'exec env {said} {self._python} -P -m deskbell.cli "$@"')

    def runs(self, script: str) -> None:
        """Let it run something else."""
        # Another file each time: one that is being run cannot be written.
        fresh = self._server.command.with_suffix(".new")
        fresh.write_text(f"#!/bin/sh\n{script}\n")
        fresh.chmod(0o755)
        fresh.replace(self._server.command)


@pytest.fixture
def data(server: Postfix, transactional_db: None) -> Iterator[Path]:
    """A data folder of the user as whom the pipe runs, who is not root: Postfix sees to that."""
    user = server.pipe_user
    if not _python_of(user):
        pytest.skip(f"this checkout, or its Python, is closed to {user}, as whom the pipe runs")
    if connection.vendor == "sqlite":
        database = Path(str(connection.settings_dict["NAME"]))
        for path in (database.parent, *database.parent.glob(f"{database.name}*")):
            shutil.chown(path, user)
    with tempfile.TemporaryDirectory(prefix="deskbell-pipe-") as name:
        shutil.chown(name, user)
        with override_settings(DATA=Path(name)):
            yield Path(name)


@pytest.fixture
def pipe(server: Postfix, data: Path, cast: Cast) -> Pipe:
    """The command, and two addresses of the desk to which letters go through it."""
    add_mailbox(address=HELP, department=cast.support)
    add_mailbox(address=ACCOUNTS, department=cast.billing)
    return Pipe(server, data)


def letters_read() -> list[Letter]:
    run_due()
    return list(Letter.objects.order_by("id"))


def test_a_letter_becomes_a_ticket(server: Postfix, pipe: Pipe, cast: Cast) -> None:
    server.send(a_letter(), HELP)
    server.until_empty()

    [letter] = letters_read()
    assert (letter.source, letter.mail_from, letter.rcpt) == ("pipe", "emil@acme.example", [HELP])
    assert Ticket.objects.get().department == cast.support


def test_a_letter_of_no_sender_has_none(server: Postfix, pipe: Pipe) -> None:
    server.send(a_letter(), HELP, sender="")
    server.until_empty()

    assert [letter.mail_from for letter in letters_read()] == [""]


def test_odd_addresses_are_handed_on_and_nothing_of_them_is_run(
    server: Postfix, pipe: Pipe, data: Path
) -> None:
    sender = f'"$(touch {data}/harm); `touch {data}/harm` a=b"@acme.example'
    server.send(a_letter(), "help+`id`$x'=-@pipe.example", sender=sender)
    server.until_empty()

    [letter] = letters_read()
    assert letter.rcpt == ["help+`id`$x'=-@pipe.example"]
    assert not (data / "harm").exists()


def test_a_letter_to_two_addresses_comes_twice_and_is_one_message(
    server: Postfix, pipe: Pipe
) -> None:
    server.send(a_letter(), HELP, ACCOUNTS)
    server.until_empty()

    assert [letter.reason for letter in letters_read()] == ["", "came_before"]
    assert Message.objects.count() == 1


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param("exit 75", id="it says so"),
        pytest.param("kill -9 $$", id="it is killed"),
        pytest.param("exit 1", id="its packages are being changed"),
        pytest.param("exit 2", id="it is misspelt"),
        pytest.param("exec /nowhere/deskbell mail in", id="it is not there"),
    ],
)
def test_whatever_becomes_of_the_command_postfix_keeps_the_letter(
    server: Postfix, pipe: Pipe, trouble: str
) -> None:
    pipe.runs(trouble)
    server.send(a_letter(), HELP)
    server.until_it_keeps(1)
    assert not Letter.objects.exists()

    pipe.works()
    server.try_again()
    server.until_empty()
    assert len(letters_read()) == 1


def test_while_the_database_is_away_postfix_keeps_the_letter(server: Postfix, pipe: Pipe) -> None:
    pipe.works(DATABASE_URL="postgresql://desk@127.0.0.1:1/desk")
    server.send(a_letter(), HELP)
    [waits] = server.until_it_keeps(1)
    assert "deskbell." in waits.reason

    pipe.works()
    server.try_again()
    server.until_empty()
    assert len(letters_read()) == 1


def test_a_letter_that_was_kept_before_the_command_was_killed_is_one_message(
    server: Postfix, pipe: Pipe
) -> None:
    works = server.command.read_text().partition("\n")[2].replace("exec ", "", 1)
    pipe.runs(f"{works}\nkill -9 $$")
    server.send(a_letter(), HELP)
    server.until_it_keeps(1)

    pipe.works()
    server.try_again()
    server.until_empty()
    assert [letter.reason for letter in letters_read()] == ["", "came_before"]
    assert Message.objects.count() == 1


def test_of_all_addresses_of_a_domain_each_comes_to_its_department(
    server: Postfix, pipe: Pipe, cast: Cast
) -> None:
    add_mailbox(address="hello@pipe.example", department=cast.support)
    add_mailbox(address="invoices@old.pipe.example", department=cast.billing)
    for to in ("anybody", "accounts", "invoices"):
        address = f"{to}@old.pipe.example"
        server.send(a_letter(to, to="undisclosed-recipients:;"), address, port=server.mx)
    server.until_empty()

    letters_read()
    found = {one.subject.plain: one.department for one in Ticket.objects.all()}
    assert found == {"anybody": cast.support, "accounts": cast.billing, "invoices": cast.billing}


def _python_of(user: str) -> str:
    """Return a Python that this user may run us with: the one that runs this, else the system's own; "" if neither."""
    of_the_system = f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"
    for python in (sys.executable, of_the_system):
        looks = f'"{python}" -c "" && test -r "{ROOT}/deskbell/cli.py"'
        words = ["runuser", "-u", user, "--", "sh", "-c", looks]
        if subprocess.run(words, capture_output=True, check=False).returncode == 0:
            return python
    return ""


def _database_url() -> str:
    found = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{found['NAME']}"
    return f"postgresql://{found['USER']}@/{found['NAME']}?host={found['HOST']}"
