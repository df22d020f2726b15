"""`bin/deskbell COMMAND`: everything that an operator can run, in one table.

The bodies call the domain's functions and import them only when they run, so that a command
starts quickly.  Exit codes: 0 done, 1 refused with a sentence, 2 misspelt, 75 try again later,
78 a setting is wrong.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from deskbell.people.models import Department

REFUSED = 1
TRY_LATER = 75
WRONG_SETTING = 78

Arguments = argparse.Namespace
Options = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Command:
    """One line of the table: what is typed, what it does, what it takes."""

    name: str
    help: str
    run: Callable[[Arguments], int]
    options: Options = field(default_factory=dict)
    prepares: bool = True  # False: `run` sees to settings, database and tables itself


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code of the process."""
    arguments = _parser().parse_args(argv)
    command: Command = arguments.command
    os.umask(0o077)  # what the desk keeps is for its owner alone
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deskbell.settings")
    if getattr(arguments, "data", None):
        os.environ["DESKBELL_DATA"] = arguments.data
    if getattr(arguments, "http", None):
        os.environ["DESKBELL_HTTP"] = arguments.http
    if getattr(arguments, "smtp", None):
        os.environ["DESKBELL_SMTP"] = arguments.smtp

    from deskbell import prepare

    try:
        if command.prepares:
            prepare.ready()
        return _run(command, arguments)
    except prepare.NotReady as problem:
        return _say(problem, WRONG_SETTING)


def _run(command: Command, arguments: Arguments) -> int:
    from deskbell.errors import DeskError

    try:
        return command.run(arguments)
    except DeskError as refused:
        return _say(refused.sentence, REFUSED)


def _say(sentence: object, code: int) -> int:
    print(sentence, file=sys.stderr)
    return code


def _serve(arguments: Arguments) -> int:
    from deskbell import serve

    return serve.run(arguments.http, arguments.smtp)


def _web(arguments: Arguments) -> int:
    from deskbell.web import front

    return front.run(arguments.http, arguments.smtp or None) or 0


def _worker(_arguments: Arguments) -> int:
    from deskbell.work import worker

    return worker.run()


def _mail(arguments: Arguments) -> int:
    if arguments.direction == "in":
        return _mail_in()
    from deskbell import prepare, serve

    prepare.ready()
    return serve.take_letters(arguments.smtp)


def _mail_in() -> int:
    """Take one letter from the pipe.  Only a letter that is on disk is answered by 0."""
    try:
        from deskbell import prepare

        prepare.ready()
        from deskbell.channels.mail import pipe_in

        pipe_in.take(sys.stdin.buffer)
    except Exception as error:  # noqa: BLE001 -- whatever it is, the mail server must keep the letter
        return _say(f"Not taken, try again later: {error}", TRY_LATER)
    return 0


def _agent_add(arguments: Arguments) -> int:
    from deskbell.people import agents

    password = sys.stdin.readline().rstrip("\r\n") if arguments.password_stdin else None
    made = agents.add_agent(
        email=arguments.email,
        name=arguments.name,
        role=arguments.role,
        departments=_departments(arguments.department),
        password=password,
    )
    print(f"{made.name} is here now, as {made.role}.")
    if password is None:
        from django.conf import settings

        from deskbell.people.accounts import invitation_for

        link = settings.DESK_URL + invitation_for(made.account)
        print(f"They choose a password here, within three days: {link}")
    return 0


def _departments(names: Sequence[str]) -> "list[Department]":
    """Return those of these names, or all when none is named; the first desk gets one."""
    from django.utils.translation import gettext as _

    from deskbell.errors import BadInput
    from deskbell.people.models import Department

    known = list(Department.objects.filter(archived_at=None))
    if not names:
        return known or [Department.objects.create(name=_("Support"))]
    found = [one for one in known if one.name in names]
    for name in set(names) - {one.name for one in found}:
        raise BadInput("department", _("There is no department named {name}."), name=name)
    return found


def _key_add(arguments: Arguments) -> int:
    from deskbell.api import keys

    key = keys.add_key(arguments.agent, arguments.name)
    print(f"The key is shown this once; keep it safe: {key}")
    return 0


def _mailbox_add(arguments: Arguments) -> int:
    from deskbell.channels.mail import boxes

    box = boxes.add_mailbox(address=arguments.address, department=arguments.department)
    print(f"Letters to {box.address} become tickets of {box.department.name}.")
    return 0


def _check(_arguments: Arguments) -> int:
    """Settings and database were looked at before; here every ticket replays to its row."""
    from deskbell.tickets import check

    looked_at, wrong = 0, 0
    for number, problems in check.check_tickets():
        looked_at += number
        wrong += len(problems)
        for problem in problems:
            print(f"{problem.code}: {problem.what}")
    print(f"Settings and database are well; {looked_at} tickets looked at, {wrong} problems.")
    return REFUSED if wrong else 0


DATA: Options = {
    "--data": {"metavar": "DIR", "help": "the data folder; default: data, in the checkout"}
}
HTTP: Options = {
    "--http": {
        "metavar": "HOST:PORT",
        "default": "127.0.0.1:8000",
        "help": "where pages are served; default %(default)s",
    }
}
SMTP: Options = {
    "--smtp": {
        "metavar": "HOST:PORT",
        "default": "127.0.0.1:2525",
        "help": "where letters come in; default %(default)s",
    }
}
NO_SMTP: Options = {
    "--smtp": {**SMTP["--smtp"], "default": "", "help": "take letters in too, here"}
}

COMMANDS = (
    Command("serve", "run the whole desk", _serve, DATA | HTTP | SMTP, prepares=False),
    Command("web", "run the front alone", _web, DATA | HTTP | NO_SMTP),
    Command("worker", "run a worker alone", _worker, DATA),
    Command(
        "mail",
        "take letters in: by SMTP, or one from the pipe with `mail in < letter`",
        _mail,
        DATA | SMTP | {"direction": {"nargs": "?", "choices": ["in"]}},
        prepares=False,
    ),
    Command(
        "agent add",
        "let somebody work here",
        _agent_add,
        DATA
        | {
            "--email": {"required": True},
            "--name": {"required": True},
            "--role": {"required": True, "choices": ["owner", "admin", "agent", "light"]},
            "--department": {
                "action": "append",
                "default": [],
                "metavar": "NAME",
                "help": "where they work, once for each; default: everywhere",
            },
            "--password-stdin": {
                "action": "store_true",
                "help": "read the password from the input; else a link to choose one is printed",
            },
        },
    ),
    Command(
        "key add",
        "make a key for the API",
        _key_add,
        DATA
        | {
            "--agent": {"required": True, "metavar": "EMAIL", "help": "who acts by it"},
            "--name": {"required": True, "help": "what it is for"},
        },
    ),
    Command(
        "mailbox add",
        "receive mail for an address",
        _mailbox_add,
        DATA
        | {
            "--address": {"required": True},
            "--department": {"required": True, "help": "its name"},
        },
    ),
    Command("check", "look whether settings, database and tickets are well", _check, DATA),
)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="deskbell", description="Deskbell, a help desk.")
    words = parser.add_subparsers(metavar="COMMAND", required=True)
    groups: dict[str, Any] = {}
    for command in COMMANDS:
        group, _, verb = command.name.partition(" ")
        if not verb:
            line = words.add_parser(group, help=command.help, description=command.help)
        else:
            if group not in groups:
                noun = words.add_parser(group, help=command.help)
                groups[group] = noun.add_subparsers(metavar="VERB", required=True)
            line = groups[group].add_parser(verb, help=command.help, description=command.help)
        for option, details in command.options.items():
            line.add_argument(option, **details)
        line.set_defaults(command=command)
    return parser


if __name__ == "__main__":
    sys.exit(main())
