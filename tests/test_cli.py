"""What an operator runs: it says what it did, or in a sentence why not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deskbell import cli, environment, serve
from deskbell.prepare import NotReady
from tests.fakes.dovecot import PROGRAM, Dovecot
from tests.stories.running import until


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


OWNER = ("--email", "anna@desk.example", "--name", "Anna", "--role", "owner")


@pytest.fixture
def a_desk(tmp_path: Path) -> Path:
    """The folder of a desk that has begun."""
    data = tmp_path / "desk"
    assert deskbell("agent", "add", *OWNER, data=data).returncode == 0
    return data


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


def test_who_lost_their_password_gets_a_link_to_choose_another(a_desk: Path) -> None:
    done = deskbell("agent", "link", "--email", "Anna@desk.example", data=a_desk)
    assert (done.returncode, done.stderr) == (0, "")
    assert "http://127.0.0.1:8000/invitation/" in done.stdout.split()[-1]
    nobody = deskbell("agent", "link", "--email", "bela@desk.example", data=a_desk)
    assert nobody.returncode == cli.REFUSED
    assert "No agent here has this address." in nobody.stderr


def test_what_is_kept_is_for_its_owner_alone(a_desk: Path) -> None:
    assert deskbell("check", data=a_desk).returncode == 0
    open_to_others = [path for path in a_desk.rglob("*") if path.stat().st_mode & 0o077]
    assert open_to_others == []


def test_check_tells_how_each_part_is_and_what_keeps_answers_from_leaving(a_desk: Path) -> None:
    bare = deskbell("check", data=a_desk)
    assert bare.returncode == 0
    assert "Good: Mail in. No letter has come yet.\n" in bare.stdout
    assert "Look at it: Mail out. No mail relay is set, so answers wait" in bare.stdout
    assert "Look at it: Jobs. The desk does not run." in bare.stdout
    box = ("--address", "help@desk.example", "--department", "Support")
    assert deskbell("mailbox", "add", *box, data=a_desk).returncode == 0
    both = deskbell("check", data=a_desk).stdout
    assert "No mail relay is set for help@desk.example" in both
    assert "Links in letters lead to http://127.0.0.1:8000" in both
    well = deskbell(
        "check",
        data=a_desk,
        DESKBELL_RELAY="smtp://mail.example",
        DESKBELL_URL="http://desk.example",
    )
    assert "Good: Mail out. Nothing waits to be sent.\n" in well.stdout
    assert "Look at it: Certificate. DESKBELL_URL is not https" in well.stdout
    assert well.stdout.endswith(
        "Settings and database can be used; 0 tickets looked at, 0 problems.\n"
    )


def test_one_is_not_many() -> None:
    assert [cli._count(number, "ticket") for number in (0, 1, 2)] == [
        "0 tickets",
        "1 ticket",
        "2 tickets",
    ]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["check"], cli.WRONG_SETTING),
        (["worker"], cli.WRONG_SETTING),
        (["agent", "add", *OWNER[:-1], "agent"], cli.WRONG_SETTING),
        (["mail", "in"], cli.TRY_LATER),
    ],
)
def test_a_misspelt_folder_becomes_no_desk(tmp_path: Path, words: list[str], code: int) -> None:
    misspelt = tmp_path / "dat"
    done = deskbell(*words, data=misspelt, stdin="letter")
    assert done.returncode == code
    assert done.stderr.startswith(f"There is no desk in {misspelt}.")
    assert not misspelt.exists()


def test_a_desk_elsewhere_needs_nothing_in_the_folder(tmp_path: Path) -> None:
    elsewhere = {"DATABASE_URL": "postgresql:///desk", "DESKBELL_SECRET_KEY": "k" * 40}
    assert environment.holds_a_desk({"DESKBELL_DATA": str(tmp_path), **elsewhere})
    assert not environment.holds_a_desk({"DESKBELL_DATA": str(tmp_path)})


def test_a_letter_comes_in_by_the_pipe_and_an_empty_one_is_refused_for_good(a_desk: Path) -> None:
    letter = "From: emil@acme.example\n\nThe zip came apart.\n"
    assert deskbell("mail", "in", data=a_desk, stdin=letter).returncode == 0
    empty = deskbell("mail", "in", data=a_desk, stdin=" \n")
    assert (empty.returncode, empty.stderr) == (65, "There is no letter on the input.\n")


def test_the_folder_may_stand_before_or_after_the_verb() -> None:
    read = cli._parser().parse_args
    assert read(["mail", "--data", "x", "in"]).data == "x"
    assert read(["mail", "in", "--data", "x"]).data == "x"
    assert read(["mail", "in"]).command.name == "mail in"
    assert read(["mail", "--smtp", "127.0.0.1:26"]).command.name == "mail"
    with pytest.raises(SystemExit):
        read(["mail", "in", "--smtp", "127.0.0.1:26"])


def test_a_wrong_setting_is_a_sentence_and_no_traceback(a_desk: Path) -> None:
    done = deskbell("check", data=a_desk, DATABASE_URL="mysql://root:secret@db/desk")
    assert done.returncode == cli.WRONG_SETTING
    assert done.stderr.startswith("deskbell.E005 DATABASE_URL cannot be used")
    assert "Traceback" not in done.stderr
    assert "secret" not in done.stderr


def test_a_database_that_does_not_answer_is_a_sentence(a_desk: Path) -> None:
    done = deskbell("check", data=a_desk, DATABASE_URL="postgresql:///desk?host=/nowhere")
    assert done.returncode == cli.WRONG_SETTING
    assert done.stderr.startswith("deskbell.E010 The database does not answer")
    assert "Traceback" not in done.stderr


def test_the_pipe_says_try_again_when_the_desk_is_not_well(a_desk: Path) -> None:
    done = deskbell("mail", "in", data=a_desk, stdin="letter", DATABASE_URL="mysql://db/desk")
    assert done.returncode == cli.TRY_LATER


@pytest.mark.parametrize("text", ["8000", "localhost:", "localhost:http", "localhost:99999", ":1"])
def test_an_address_that_cannot_be_listened_on_is_refused(text: str) -> None:
    with pytest.raises(NotReady):
        serve.address_of(text)


def test_addresses_may_be_of_either_kind() -> None:
    assert serve.address_of("127.0.0.1:8000") == ("127.0.0.1", 8000)
    assert serve.address_of("[::1]:25") == ("::1", 25)


def test_a_desk_is_backed_up_and_restored_by_two_commands(a_desk: Path, tmp_path: Path) -> None:
    letter = "From: emil@acme.example\n\nThe zip came apart.\n"
    assert deskbell("mail", "in", data=a_desk, stdin=letter).returncode == 0
    made = deskbell("backup", "--to", str(tmp_path / "desk.tar.gz"), data=a_desk)
    assert (made.returncode, made.stderr) == (0, "")
    assert "1 letter" in made.stdout
    assert "as secret as the desk" in made.stdout
    over = deskbell("restore", str(tmp_path / "desk.tar.gz"), data=a_desk)
    assert over.returncode == cli.REFUSED
    assert "is not empty" in over.stderr
    new = tmp_path / "new"
    back = deskbell("restore", str(tmp_path / "desk.tar.gz"), data=new)
    assert (back.returncode, back.stderr) == (0, "")
    assert f"is back in {new}" in back.stdout
    assert deskbell("check", data=new).returncode == 0
    assert (new / "secret-key").read_text().strip() == (a_desk / "secret-key").read_text().strip()


def test_a_restore_begins_no_desk_of_its_own_when_it_is_refused(tmp_path: Path) -> None:
    done = deskbell("restore", str(tmp_path / "misspelt.tar.gz"), data=tmp_path / "new")
    assert done.returncode == cli.REFUSED
    assert done.stderr.startswith("There is no file")
    assert not (tmp_path / "new").exists()


def test_a_key_of_the_environment_that_is_not_the_restored_one_is_told(
    a_desk: Path, tmp_path: Path
) -> None:
    deskbell("backup", "--to", str(tmp_path / "desk.tar.gz"), data=a_desk)
    other = {"DESKBELL_SECRET_KEY": "k" * 40}
    words = ("restore", str(tmp_path / "desk.tar.gz"))
    assert "unset it" in deskbell(*words, data=tmp_path / "new", **other).stdout


def test_check_names_letters_whose_file_is_gone(a_desk: Path) -> None:
    letter = "From: emil@acme.example\n\nThe zip came apart.\n"
    deskbell("mail", "in", data=a_desk, stdin=letter)
    [path] = (a_desk / "letters").rglob("*.eml")
    path.unlink()
    done = deskbell("check", data=a_desk)
    assert done.returncode == cli.REFUSED
    assert f"Missing: the file {path} of letter 1" in done.stdout


def test_a_backup_that_is_ended_leaves_nothing(a_desk: Path, tmp_path: Path) -> None:
    with (a_desk / "large").open("wb") as file:
        file.truncate(20 << 30)  # a hole, which takes minutes to read
    place = tmp_path / "usb"
    place.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "deskbell.cli", "backup", "--to", place],
        env={"PATH": os.environ["PATH"], "DESKBELL_DATA": str(a_desk)},
    )
    until(lambda: list(place.glob(".backup-*/part")), "the beginning of a backup")
    process.terminate()
    assert process.wait(20) == 143
    assert list(place.iterdir()) == []


@pytest.mark.skipif(not PROGRAM, reason="no dovecot")
def test_a_mail_box_is_fetched_from_a_server(a_desk: Path) -> None:
    with Dovecot() as server:
        box = ("mailbox", "add", "--address", "help@desk.example", "--department", "Support")
        # Only TLS is spoken, and this server proves its name to nobody.
        there = f"imaps://help@desk.example@127.0.0.1:{server.imaps}"
        refused = deskbell(*box, "--fetch-from", there, data=a_desk, stdin="secret\n")
        assert refused.returncode == 1
        assert "Nothing is fetched: The server does not prove its name" in refused.stderr
        trusting = {"SSL_CERT_FILE": str(server.folder / "cert.pem")}
        box = ("mailbox", "add", "--address", "sales@desk.example", "--department", "Support")
        taken = deskbell(
            *box, "--fetch-from", there, "--begin", "all", data=a_desk, stdin="secret\n", **trusting
        )
        assert "They are fetched from 127.0.0.1." in taken.stdout, taken.stderr
