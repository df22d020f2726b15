"""Reads the environment variables that an operator sets, for settings.py alone.

Nothing here raises: a value that cannot be used becomes a Problem, which checks.py shows
with its remedy, and a harmless value stands in its place until then.
"""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

Network: TypeAlias = IPv4Network | IPv6Network

# Wherever a command is called from it is the same desk: beside the code of a checkout, ./data for who stands in it;
# for one that pip installed, where programs of a user keep what is theirs.
_CHECKOUT = Path(__file__).resolve().parent.parent
IN_CHECKOUT = (_CHECKOUT / "pyproject.toml").exists()
DEFAULT_DATA = _CHECKOUT / "data" if IN_CHECKOUT else Path("~/.local/share/deskbell").expanduser()
ALL_INTERFACES = ("", "0.0.0.0", "::", "[::]")  # noqa: S104 -- known, not bound to
DEFAULT_HTTP = "127.0.0.1:8000"
ADDRESS_FILE = "address"  # in the data folder: where the desk was last served

# A writer that has waited this long for the database gives up.
WRITE_WAIT_SECONDS = 30

SHORTEST_SECRET_KEY = 32  # characters

# What a customer may send at once from their page, unless the operator says otherwise; and the most that may be said.
UPLOAD_MEGABYTES, MOST_UPLOAD_MEGABYTES = 25, 50

SQLITE_PRAGMAS = "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL"


@dataclass(frozen=True)
class Problem:
    """A setting that cannot be used: the check's id, a sentence, and what to do about it."""

    id: str
    sentence: str
    remedy: str


@dataclass
class Environment:
    """What the operator set, readable or replaced; `problems` tells which were replaced."""

    data: Path = DEFAULT_DATA
    secret_key: str = ""
    database: dict[str, Any] = field(default_factory=dict)
    url: str = f"http://{DEFAULT_HTTP}"
    url_is_set: bool = False
    proxies: tuple[Network, ...] = ()
    relay: str = ""
    upload_megabytes: int = UPLOAD_MEGABYTES
    smtp_certificate: str = ""
    smtp_key: str = ""
    problems: list[Problem] = field(default_factory=list)

    @property
    def host(self) -> str:
        """The public host name."""
        return urlsplit(self.url).hostname or "127.0.0.1"

    @property
    def is_secure(self) -> bool:
        """Whether people reach the desk by https."""
        return self.url.startswith("https://")


def read(environ: Mapping[str, str]) -> Environment:
    """Return what `environ` says.  Makes the data folder and the secret key when they lack."""
    found = Environment()
    _read_data(data_folder(environ), found)
    _read_secret_key(environ.get("DESKBELL_SECRET_KEY", ""), found)
    _read_database(environ.get("DATABASE_URL", ""), found)
    found.url = _guessed_url(environ.get("DESKBELL_HTTP", "")) or _remembered_url(found.data)
    _read_url(environ.get("DESKBELL_URL", ""), found)
    _read_proxies(environ.get("DESKBELL_PROXIES", ""), found)
    _read_relay(environ.get("DESKBELL_RELAY", ""), found)
    _read_upload(environ.get("DESKBELL_UPLOAD_MB", ""), found)
    _read_certificate(environ, found)
    return found


def data_folder(environ: Mapping[str, str]) -> Path:
    """Return the data folder that `environ` names, whether there is one or not."""
    value = environ.get("DESKBELL_DATA", "")
    return Path(value).expanduser().resolve() if value else DEFAULT_DATA


def holds_a_desk(environ: Mapping[str, str]) -> bool:
    """Return whether a desk has begun where `environ` points; a misspelt folder holds none.

    A desk on PostgreSQL whose secret key is given may begin with an empty folder on each machine.
    """
    if environ.get("DATABASE_URL") and environ.get("DESKBELL_SECRET_KEY"):
        return True
    folder = data_folder(environ)
    return any((folder / name).exists() for name in ("secret-key", "deskbell.sqlite3"))


def _read_data(folder: Path, found: Environment) -> None:
    found.data = folder
    try:
        found.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        writable = os.access(found.data, os.W_OK | os.X_OK)
    except OSError:
        writable = False
    if not writable:
        found.problems.append(
            Problem(
                "deskbell.E001",
                f"The data folder {found.data} cannot be written to.",
                "Give the user who runs Deskbell the right to write there, or set DESKBELL_DATA"
                " to another folder.",
            )
        )


def _read_secret_key(value: str, found: Environment) -> None:
    if value and len(value) < SHORTEST_SECRET_KEY:
        found.problems.append(
            Problem(
                "deskbell.E002",
                "DESKBELL_SECRET_KEY is shorter than 32 characters, which can be guessed.",
                "Set a longer random text, or unset it: Deskbell then makes a key of its own in"
                " the data folder.",
            )
        )
    if value or found.problems:
        found.secret_key = value or secrets.token_urlsafe(48)
    else:
        found.secret_key = _key_from_file(found)


def _key_from_file(found: Environment) -> str:
    """Return the key in the data folder, made once and readable by its owner only."""
    path = found.data / "secret-key"
    try:
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass
        else:
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(48))
                file.flush()
                os.fsync(file.fileno())
        if path.stat().st_mode & 0o077:
            found.problems.append(
                Problem(
                    "deskbell.E003",
                    f"Others can read the secret key in {path}.",
                    f"Run: chmod 600 {path}",
                )
            )
        if key := path.read_text().strip():
            return key
        sentence = f"The secret key in {path} is empty."
    except OSError as error:
        sentence = f"The secret key in {path} cannot be read or made: {error.strerror}."
    found.problems.append(
        Problem(
            "deskbell.E004",
            sentence,
            "Restore the file from a backup, or, on a new desk, remove it; or set"
            " DESKBELL_SECRET_KEY.",
        )
    )
    return secrets.token_urlsafe(48)


def _read_database(value: str, found: Environment) -> None:
    try:
        found.database = database_from(value, found.data)
    except ValueError as error:
        found.database = database_from("", found.data)
        found.problems.append(
            Problem(
                "deskbell.E005",
                f"DATABASE_URL cannot be used: {error}.",
                "Write it as postgresql://user:password@host:5432/name, or unset it to use the"
                " SQLite file in the data folder.",
            )
        )


def database_from(url: str, data: Path) -> dict[str, Any]:
    """Return Django's DATABASES entry for `url`; "" is the SQLite file in `data`.

    Raises ValueError, whose text says what is wrong without the password.
    """
    if not url:
        return _sqlite(data / "deskbell.sqlite3")
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        if not parts.path.strip("/"):
            raise ValueError("sqlite: needs a path, as in sqlite:////srv/desk/deskbell.sqlite3")
        return _sqlite(Path(unquote(parts.path[1:])).resolve())
    if parts.scheme in ("postgres", "postgresql"):
        return _postgresql(parts)
    raise ValueError("it must begin with postgresql:// or sqlite://")


def _sqlite(path: Path) -> dict[str, Any]:
    return {
        "ENGINE": "deskbell.database.sqlite",
        "NAME": str(path),
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": WRITE_WAIT_SECONDS,
            "init_command": SQLITE_PRAGMAS,
        },
    }


def _postgresql(parts: SplitResult) -> dict[str, Any]:
    name = unquote(parts.path.strip("/"))
    if not name:
        raise ValueError("it names no database after the host")
    try:
        port = parts.port
    except ValueError:
        raise ValueError("its port is not a number") from None
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "deskbell.database.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", unquote(parts.hostname or "")),
        "PORT": options.pop("port", str(port or "")),
        "CONN_MAX_AGE": None,
        # A server that was restarted in the meantime is met by a new connection, not by an error.
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


def _guessed_url(http: str) -> str:
    """Return where a browser on this machine finds it; "" for "".  `serve --http` sets DESKBELL_HTTP."""
    if not http:
        return ""
    host, _, port = http.rpartition(":")
    return f"http://{'127.0.0.1' if host in ALL_INTERFACES else host}:{port}"


def remember_url(data: Path, url: str) -> None:
    """Keep the desk's address for commands that run beside it, and were told none."""
    path = data / ADDRESS_FILE
    new = path.with_suffix(f".{os.getpid()}")
    new.write_text(f"{url}\n")
    new.replace(path)


def _remembered_url(data: Path) -> str:
    """Return the address that the desk was last served under, else the one it is served under by default."""
    try:
        known = (data / ADDRESS_FILE).read_text().strip()
    except (OSError, UnicodeDecodeError):
        known = ""
    return known if _is_site(known) else _guessed_url(DEFAULT_HTTP)


def _read_url(value: str, found: Environment) -> None:
    if not value:
        return
    if _is_site(value):
        found.url = value.rstrip("/")
        found.url_is_set = True
        return
    found.problems.append(
        Problem(
            "deskbell.E006",
            "DESKBELL_URL is not the address of a site.",
            "Set it to where people open the desk, without a path: https://desk.example.com",
        )
    )


def _is_site(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    bare = not (parts.path.strip("/") or parts.query or parts.fragment or parts.username)
    known = parts.scheme in ("http", "https") and bool(parts.hostname)
    return known and bare and _port_is_readable(parts)


def _port_is_readable(parts: SplitResult) -> bool:
    try:
        return parts.port is None or parts.port > 0
    except ValueError:
        return False


def _read_proxies(value: str, found: Environment) -> None:
    try:
        names = value.replace(",", " ").split()
        found.proxies = tuple(ip_network(name, strict=False) for name in names)
    except ValueError as error:
        found.problems.append(
            Problem(
                "deskbell.E007",
                f"DESKBELL_PROXIES cannot be used: {error}.",
                "List the addresses or networks of your proxies: 10.0.0.5 192.168.1.0/24",
            )
        )


def _read_relay(value: str, found: Environment) -> None:
    if not value:
        return
    parts = urlsplit(value)
    if parts.scheme in ("smtp", "smtps") and parts.hostname and _port_is_readable(parts):
        found.relay = value
        return
    found.problems.append(
        Problem(
            "deskbell.E008",
            "DESKBELL_RELAY is not the address of a mail server.",
            "Write it as smtp://user:password@host:587, with smtps:// where TLS comes first, and"
            " with %40 for an @ in the user's name.",
        )
    )


def _read_certificate(environ: Mapping[str, str], found: Environment) -> None:
    """Take the files of the certificate for STARTTLS; it may change while the desk runs, so only reading is tried."""
    found.smtp_certificate = environ.get("DESKBELL_SMTP_CERTIFICATE", "")
    found.smtp_key = environ.get("DESKBELL_SMTP_KEY", "")
    for name in filter(None, (found.smtp_certificate, found.smtp_key)):
        if not os.access(name, os.R_OK):
            found.problems.append(
                Problem(
                    "deskbell.E014",
                    f"The file {name}, for encrypted letters, cannot be read.",
                    "Let DESKBELL_SMTP_CERTIFICATE and DESKBELL_SMTP_KEY name files that the user who runs Deskbell"
                    " may read, or unset both: the desk then uses a certificate of its own.",
                )
            )


def _read_upload(value: str, found: Environment) -> None:
    if not value:
        return
    if value.isdecimal() and 1 <= int(value[:4]) <= MOST_UPLOAD_MEGABYTES:
        found.upload_megabytes = int(value[:4])
        return
    found.problems.append(
        Problem(
            "deskbell.E009",
            "DESKBELL_UPLOAD_MB is not a number of megabytes between 1 and 50.",
            f"Set it to what customers may send at once, or unset it: they may then send"
            f" {UPLOAD_MEGABYTES} MB.",
        )
    )
