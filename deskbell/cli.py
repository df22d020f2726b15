"""`bin/deskbell COMMAND`: everything that an operator can run, in one table.

The bodies call the domain's functions and import them only when they run, so that a command
starts quickly.  Exit codes: 0 done, 1 refused with a sentence, 2 misspelt, 75 try again later,
78 a setting is wrong; of `mail in` also 65, there is no letter.
"""

import argparse
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from deskbell.channels.mail.models import MailBox
    from deskbell.people.models import Agent, Department

REFUSED = 1
NO_LETTER = 65
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
    begins: Callable[[Arguments], bool] = lambda _arguments: False  # a desk, where there is none
    not_ready: int = WRONG_SETTING  # the exit code when it cannot run at all


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
    from deskbell.backups.errors import BackupFailed

    try:
        if not command.begins(arguments):
            _a_desk_must_be_there()
        if command.prepares:
            prepare.ready(half_seeded=command.name == "seed")
        return _run(command, arguments)
    except prepare.NotReady as problem:
        return _say(problem, command.not_ready)
    except BackupFailed as refused:
        return _say(refused, REFUSED)


def _a_desk_must_be_there() -> None:
    """Raise NotReady where no desk has begun: a misspelt folder must not quietly become a new one."""
    from deskbell import environment, prepare

    if not environment.holds_a_desk(os.environ):
        raise prepare.NotReady(
            f"There is no desk in {environment.data_folder(os.environ)}. Name its folder with --data"
            " or DESKBELL_DATA; deskbell serve begins a new one."
        )


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

    return serve.run(arguments.http, arguments.smtp, backup=not arguments.without_backup)


def _web(arguments: Arguments) -> int:
    from deskbell.web import front

    return front.run(arguments.http, arguments.smtp or None) or 0


def _worker(_arguments: Arguments) -> int:
    from deskbell.work import worker

    return worker.run()


def _mail(arguments: Arguments) -> int:
    from deskbell import prepare, serve

    prepare.ready()
    return serve.take_letters(arguments.smtp)


def _mail_in(_arguments: Arguments) -> int:
    """Take one letter from the pipe.  Only a letter that is on disk is answered by 0."""
    try:
        from deskbell import prepare

        prepare.ready()
        from deskbell.channels.mail import pipe_in

        try:
            pipe_in.take(sys.stdin.buffer)
        except pipe_in.NoLetter:
            return _say("There is no letter on the input.", NO_LETTER)
    except Exception as error:  # noqa: BLE001 -- whatever it is, the mail server must keep the letter
        return _say(f"Not taken, try again later: {error}", TRY_LATER)
    return 0


def _mail_explain(arguments: Arguments) -> int:
    """Tell what would be made of a letter; nothing is kept and nothing changed."""
    import shutil
    import tempfile

    from deskbell.channels.mail import explain

    with tempfile.NamedTemporaryFile(suffix=".eml") as copy:
        if arguments.file == "-":
            shutil.copyfileobj(sys.stdin.buffer, copy)
            copy.flush()
        elif not Path(arguments.file).is_file():
            return _say(f"There is no file {arguments.file}.", REFUSED)
        for line in explain.explain(Path(copy.name if arguments.file == "-" else arguments.file)):
            print(line)
    return 0


def _mailbox_key(arguments: Arguments) -> int:
    from deskbell.channels.mail import opening

    if arguments.remove:
        opening.remove_key(arguments.remove)
        print("The key is forgotten; letters that it opened stay as they were read.")
        return 0
    passphrase = sys.stdin.readline().rstrip("\r\n") if arguments.passphrase_stdin else ""
    raw = Path(arguments.file).read_bytes() if arguments.file else b""
    if arguments.address:
        key = opening.add_box_key(arguments.address, raw, passphrase)
        print(
            f"Letters to {arguments.address} that are encrypted are opened with it; its mark is {key.fingerprint}."
        )
    else:
        key = opening.add_public_key(raw)
        print(f"Signatures made with it count from now on; its mark is {key.fingerprint}.")
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
        _print_link(made)
    return 0


def _agent_link(arguments: Arguments) -> int:
    """For whoever lost their password; the one they had holds until they choose another."""
    from deskbell.people import agents

    _print_link(agents.agent_of(arguments.email))
    return 0


def _print_link(agent: "Agent") -> None:
    from django.conf import settings

    from deskbell.people.accounts import invitation_for

    link = settings.DESK_URL + invitation_for(agent.account)
    print(f"{agent.name} chooses a password here, once, within three days: {link}")


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
    return _fetch_for(box, arguments) if arguments.fetch_from else 0


def _fetch_for(box: "MailBox", arguments: Arguments) -> int:
    """Fetch its letters from a server, tested first; one that fails the test is kept, and not fetched from."""
    from urllib.parse import urlsplit

    from deskbell.channels.mail.fetch import reasons, sources
    from deskbell.channels.mail.fetch.failures import FetchFailed

    # As in imaps://name@server:993; the name's own @ is written %40 or, since the last one counts, as it is.
    scheme, _, rest = arguments.fetch_from.partition("://")
    user, _, server = rest.rpartition("@")
    kind, tls = {
        "imaps": ("imap", "implicit"),
        "imap": ("imap", "starttls"),
        "pop3s": ("pop3", "implicit"),
        "pop3": ("pop3", "starttls"),
    }.get(scheme, ("", ""))
    parts = urlsplit(f"//{server}")
    try:
        port = parts.port
    except ValueError:
        port = 0  # which is none
    password = sys.stdin.readline().rstrip("\r\n")
    entry = sources.Entry(kind, parts.hostname or "", port, tls, user or box.address, password)
    source = sources.enter(box, entry)
    try:
        sources.start(
            source,
            folders=arguments.folder or [sources.INBOX],
            begin=arguments.begin,
            after=arguments.after,
            move_to=arguments.move_to,
        )
    except FetchFailed as failure:
        why = reasons.sentence_of(failure.reason, failure.words)
        return _say(f"Nothing is fetched: {why}", REFUSED)
    print(f"They are fetched from {source.host}.")
    return 0


def _seed(arguments: Arguments) -> int:
    from deskbell.seeding import seed

    owner = seed.seed(arguments.tickets, seed_number=arguments.seed)
    print(
        f"{_count(arguments.tickets, 'ticket')} are there. Sign in as {owner.email}, {owner.password}"
    )
    return 0


def _seed_small(arguments: Arguments) -> int:
    """Whoever runs it is told the one password of the people whom it makes."""
    import secrets

    from deskbell import clock
    from deskbell.seeding.small import month, people

    chosen = sys.stdin.readline().rstrip("\r\n") if arguments.password_stdin else ""
    password = chosen or secrets.token_urlsafe(12)
    made = month.seed(now=clock.now().replace(microsecond=0), password=password, progress=_tenths())
    print(
        f"{_count(made.tickets, 'ticket')} of {_count(made.customers, 'customer')}, a month long."
    )
    print("These people may sign in" + (":" if chosen else f", with the password {password}"))
    for hand in people.TEAM:
        print(f"  {people.email_of(hand):25} {hand.role:6} {hand.name}")
    return 0


def _tenths() -> Callable[[float], None]:
    """Return what says, on the other output, each time a tenth more has been done."""
    said = 0

    def say(done: float) -> None:
        nonlocal said
        if int(done * 10) > said:
            said = int(done * 10)
            print(f"{said * 10} % of the month", file=sys.stderr, flush=True)

    return say


def _check(_arguments: Arguments) -> int:
    """Settings and database were looked at before; here every ticket replays to its row, its words are found as they
    stand, and each part is judged.
    """
    from deskbell.progress import Progress
    from deskbell.search.check import check_documents
    from deskbell.tickets import check
    from deskbell.tickets.models import Ticket
    from deskbell.work import parked

    looked_at, wrong = 0, 0
    progress = Progress(Ticket.objects.count(), "tickets")
    for number, problems in check.check_tickets():
        looked_at += number
        wrong += len(problems)
        progress.add(number)
        for problem in problems:
            progress.end()
            print(f"{problem.code}: {problem.what}")
    progress.end()
    for sentence in check_documents():
        wrong += 1
        print(f"Search: {sentence}")
    for sentence in _missing_files():
        wrong += 1
        print(f"Missing: {sentence}")
    for sentence in parked.sentences():
        wrong += 1
        print(f"Stopped: {sentence}")
    wrong += _judge_health()
    said = f"{_count(looked_at, 'ticket')} looked at, {_count(wrong, 'problem')}"
    print(f"Settings and database can be used; {said}.")
    return REFUSED if wrong else 0


def _judge_health() -> int:
    """Print a line for each part of the desk; return how many are wrong."""
    from deskbell.running import facts, health, watch

    watch.look_at_certificate()
    lines = health.judge(facts.gather(is_served=False))
    for line in lines:
        print(f"{line.word}: {line.title}. {' '.join(line.sentences)}")
    return sum(line.state == health.WRONG for line in lines)


def _missing_files() -> Iterator[str]:
    from deskbell.channels.mail import letters
    from deskbell.tickets import files

    for letter in letters.without_file():
        yield f"the file {letters.path_of(letter)} of letter {letter.pk}; a backup may have it"
    for attachment in files.without_file():
        path = files.path_of(attachment.sha256)
        yield f"the file {path} of attachment {attachment.pk}; a backup may have it"


def _backup(arguments: Arguments) -> int:
    """No migration before it: a backup by a newer version is of the data as they are."""
    from deskbell import prepare

    prepare.settings_ready()
    prepare.database_reached()
    from deskbell.backups import make

    _end_tidily()
    made = make.back_up(Path(arguments.to) if arguments.to else None, told=_steps())
    counts = made.manifest.counts
    print(
        f"{made.path} holds the desk as of {made.manifest.at}:"
        f" {_count(counts.get('tickets', 0), 'ticket')}, {_count(counts.get('letters', 0), 'letter')},"
        f" {_count(counts.get('attachments', 0), 'attachment')}; {made.size_bytes >> 10:,} KB."
        " It is as secret as the desk itself."
    )
    return 0


def _restore(arguments: Arguments) -> int:
    """Django's settings stay unread: they would begin a desk where none may be."""
    from deskbell import environment
    from deskbell.backups import restore

    _end_tidily()
    found = restore.restore(Path(arguments.file), os.environ, _steps())
    data = environment.data_folder(os.environ)
    given = os.environ.get("DESKBELL_SECRET_KEY")
    print(
        f"The desk of {found.at} is back in {data}:"
        f" {_count(found.counts.get('tickets', 0), 'ticket')}, made by Deskbell {found.deskbell}."
        " `deskbell check` proves it, `deskbell serve` runs it."
    )
    if given and given != (data / "secret-key").read_text().strip():
        print(
            "DESKBELL_SECRET_KEY is not the key of this desk, which lies in the folder: unset it."
        )
    return 0


def _end_tidily() -> None:
    """Let SIGTERM end this command as Ctrl-C does: what it has begun is taken away again."""
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(143))


def _steps() -> Callable[[str, int, int], None]:
    """Return what shows how far a long copy is."""
    from deskbell.progress import Progress

    shown: dict[str, tuple[Progress, list[int]]] = {}

    def told(what: str, done: int, total: int) -> None:
        progress, before = shown.setdefault(what, (Progress(total, what), [0]))
        progress.add(done - before[0])
        before[0] = done
        if done >= total:
            progress.end()

    return told


def _positive(typed: str) -> int:
    number = int(typed)
    if number < 1:
        raise argparse.ArgumentTypeError("one ticket at least")
    return number


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


DATA: Options = {
    "--data": {
        "metavar": "DIR",
        "default": argparse.SUPPRESS,  # so that `mail --data DIR in` keeps what stands before "in"
        "help": "the data folder; default: data, in the checkout; ~/.local/share/deskbell where pip"
        " installed it",
    }
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

WITHOUT_BACKUP: Options = {
    "--without-backup": {
        "action": "store_true",
        "help": "make none before an upgrade: there is one already",
    }
}

COMMANDS = (
    Command(
        "serve",
        "run the whole desk",
        _serve,
        DATA | HTTP | SMTP | WITHOUT_BACKUP,
        prepares=False,
        begins=lambda _: True,
    ),
    Command("web", "run the front alone", _web, DATA | HTTP | NO_SMTP),
    Command("worker", "run a worker alone", _worker, DATA),
    Command("mail", "take letters in by SMTP alone", _mail, DATA | SMTP, prepares=False),
    Command(
        "mail in",
        "take one letter from the input: `mail in < letter`",
        _mail_in,
        DATA,
        prepares=False,
        not_ready=TRY_LATER,  # the mail server must keep the letter
    ),
    Command(
        "mail explain",
        "tell what would be made of a letter, and why; changes nothing",
        _mail_explain,
        {"file": {"metavar": "FILE", "help": "the letter; - reads it from the input"}} | DATA,
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
        # A desk may begin without a browser, by its owner.
        begins=lambda arguments: arguments.role == "owner",
    ),
    Command(
        "agent link",
        "print a new link by which somebody chooses a password, once",
        _agent_link,
        DATA | {"--email": {"required": True}},
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
            "--fetch-from": {
                "metavar": "SERVER",
                "default": "",
                "help": "fetch its letters: imaps://[name@]server, imap:// (STARTTLS), pop3s:// or"
                " pop3://; the password is read from the input",
            },
            "--folder": {
                "action": "append",
                "default": [],
                "metavar": "NAME",
                "help": "to fetch from, once for each; default: INBOX",
            },
            "--begin": {
                "choices": ["now", "all"],
                "default": "now",
                "help": "with what comes from now on, or with all that is there",
            },
            "--after": {
                "choices": ["keep", "flag", "move", "delete"],
                "default": "keep",
                "help": "what happens to a letter on its server once it is here; default %(default)s",
            },
            "--move-to": {"metavar": "NAME", "default": "", "help": "the folder for --after move"},
        },
    ),
    Command(
        "mailbox key",
        "open encrypted letters to an address, or check a customer's PGP signatures",
        _mailbox_key,
        DATA
        | {
            "--file": {
                "metavar": "FILE",
                "help": "PEM or PKCS#12 with certificate and key, or an armoured PGP key",
            },
            "--address": {
                "help": "of the mail box; without it, the file is a customer's public key"
            },
            "--passphrase-stdin": {
                "action": "store_true",
                "help": "read the passphrase of PEM or PKCS#12 from the input",
            },
            "--remove": {"metavar": "MARK", "help": "forget the key with this mark"},
        },
    ),
    Command(
        "seed",
        "fill an empty desk with tickets, to measure with",
        _seed,
        DATA
        | {
            "--tickets": {
                "type": _positive,
                "default": 1_000_000,
                "metavar": "N",
                "help": "how many, five messages each; default %(default)s",
            },
            "--seed": {
                "type": int,
                "default": 1,
                "metavar": "NUMBER",
                "help": "the same number makes the same desk; default %(default)s",
            },
        },
        begins=lambda _: True,
    ),
    Command(
        "seed small",
        "fill an empty desk with a believable month, to look at",
        _seed_small,
        DATA
        | {
            "--password-stdin": {
                "action": "store_true",
                "help": "read everybody's password from the input; else one is made and printed",
            },
        },
        begins=lambda _: True,
    ),
    Command(
        "backup",
        "put the whole desk into one file, while it runs; keep it as secret as the desk",
        _backup,
        DATA
        | {
            "--to": {
                "metavar": "FILE",
                "help": "the file, or a folder for it; default: backups, in the data folder."
                " It holds every letter and the secret key: it is as secret as the desk itself",
            }
        },
        prepares=False,
    ),
    Command(
        "restore",
        "bring the desk in a backup back, into a folder where there is none",
        _restore,
        {"file": {"metavar": "FILE", "help": "what `backup` made"}} | DATA,
        prepares=False,
        begins=lambda _: True,
    ),
    Command("check", "look whether settings, database and tickets are well", _check, DATA),
)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="deskbell", description="Deskbell, a help desk.")
    words = parser.add_subparsers(metavar="COMMAND", required=True)
    nouns: dict[str, argparse.ArgumentParser] = {}
    groups: dict[str, Any] = {}
    for command in COMMANDS:
        group, _, verb = command.name.partition(" ")
        if not verb:
            line = words.add_parser(group, help=command.help, description=command.help)
            nouns[group] = line
        else:
            if group not in groups:
                is_whole = group in nouns  # it means something without a verb, too
                noun = nouns[group] if is_whole else words.add_parser(group, help=command.help)
                groups[group] = noun.add_subparsers(metavar="VERB", required=not is_whole)
            line = groups[group].add_parser(verb, help=command.help, description=command.help)
        for option, details in command.options.items():
            line.add_argument(option, **details)
        line.set_defaults(command=command)
    return parser


if __name__ == "__main__":
    sys.exit(main())
