"""Law: nothing that an operator sets, runs or reads is undocumented, and no document names what is not there."""

import re
from collections.abc import Iterator

import pytest

from deskbell import cli
from deskbell.access import roles
from deskbell.tickets import actions, events
from tests.laws.sources import ROOT

REFERENCE = (ROOT / "docs" / "reference.md").read_text()
README = (ROOT / "README.md").read_text()

# Where variables are read; DJANGO_SETTINGS_MODULE is Django's own.
READERS = ("environment.py", "settings.py", "cli.py", "channels/mail/pipe_in.py")
VARIABLE = re.compile(r'environ(?:\.get\(|\[)\s*"([A-Z_]+)"|"(DESKBELL_[A-Z_]+|[A-Z_]*RECIPIENT)"')


def section(title: str) -> str:
    return REFERENCE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def rows(text: str) -> Iterator[list[str]]:
    """Yield the cells of every row of a table whose first cell is a `name`."""
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if re.fullmatch(r"`[^`]+`", cells[0]):
            yield [cells[0].strip("`"), *cells[1:]]


def variables() -> set[str]:
    text = "".join((ROOT / "deskbell" / name).read_text() for name in READERS)
    return {first or second for first, second in VARIABLE.findall(text)}


def test_every_variable_is_in_the_reference() -> None:
    assert set(re.findall(r"`([A-Z]+_[A-Z_]+|SENDER|RECIPIENT)`", section("Environment"))) == (
        variables()
    )


def test_the_readme_names_variables_that_are_read_and_every_one_that_is_set_by_hand() -> None:
    named = {row[0] for row in rows(README)}
    assert named == {row[0] for row in rows(section("Environment")) if "set by" not in row[1]}
    assert named <= variables()


@pytest.mark.parametrize("command", cli.COMMANDS, ids=lambda command: command.name)
def test_every_command_is_in_the_reference_with_its_options(command: cli.Command) -> None:
    [row] = [row for row in rows(section("Commands")) if row[0] == command.name]
    options = {option for option in command.options if option.startswith("--")}
    assert set(re.findall(r"--[a-z-]+", row[2])) == options - {"--data"}


def test_the_reference_names_no_command_that_is_gone() -> None:
    assert len(list(rows(section("Commands")))) == len(cli.COMMANDS)


def test_every_right_is_in_the_reference_as_the_table_has_it() -> None:
    told = {row[0]: tuple(row[2:]) for row in rows(section("Rights"))}
    assert told == {
        right: tuple(reach.name.lower() for reach in reaches)
        for right, reaches in roles.TABLE.items()
    }


def test_every_kind_of_event_is_in_the_reference() -> None:
    assert actions.__all__
    assert {row[0] for row in rows(section("Events"))} == {kind for kind, _ in events.REGISTER}
