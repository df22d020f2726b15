"""The servers that letters are fetched from: entered, tested, started, stopped, tried at once.

What pages, the command line and the timetable call.  Nothing is fetched before `start`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from deskbell import clock
from deskbell.channels.mail.fetch import imap_walk, pop3_walk, tokens
from deskbell.channels.mail.fetch.failures import FetchFailed
from deskbell.channels.mail.fetch.imap import Imap
from deskbell.channels.mail.fetch.line import Server
from deskbell.channels.mail.fetch.pop3 import Pop3
from deskbell.channels.mail.models import FolderCursor, MailApp, MailBox, Seen, Source
from deskbell.errors import BadInput
from deskbell.security import secrets
from deskbell.work import jobs
from deskbell.work.models import Job

LOOK_JOB = "fetch_letters"
INBOX = "INBOX"
# A mail server that is restarted is no news.
STANDS_STILL = timedelta(minutes=15)
MOST_PORT = 65_535
_SHA256 = re.compile(r"[0-9a-f]{64}")
PORTS = {
    ("imap", "implicit"): 993,
    ("imap", "starttls"): 143,
    ("imap", "none"): 143,
    ("pop3", "implicit"): 995,
    ("pop3", "starttls"): 110,
    ("pop3", "none"): 110,
}


@dataclass(frozen=True, slots=True)
class Entry:
    """Where letters lie, as it was typed.

    port      None is the usual one
    password  None leaves it as it is
    app       people sign in at this provider instead of giving a password
    """

    kind: str
    host: str
    port: int | None
    tls: str
    user: str
    password: str | None = None
    app: MailApp | None = None
    shared: str = ""


def wanted() -> QuerySet[Source]:
    """Return the sources that are to be fetched from."""
    return (
        Source.objects.exclude(started_at=None)
        .filter(box__archived_at=None)
        .select_related("box", "app")
    )


def standing_still() -> list[str]:
    """Return the addresses from which no letter has come for a while, or comes until a person mends it."""
    before = clock.now() - STANDS_STILL
    failing = Q(permanent=True) | Q(failed_since__lte=before)
    forgotten = Q(last_look_at__lte=before) | Q(last_look_at=None, started_at__lte=before)
    found = wanted().filter(failing | forgotten).order_by("box__address")
    return list(found.values_list("box__address", flat=True))


def enter(box: MailBox, entry: Entry) -> Source:
    """Write down where the letters of `box` lie; nothing is fetched yet, but what was started goes on.

    Raises BadInput.
    """
    clean = _checked(entry)
    source = Source.objects.filter(box=box).first() or Source(box=box)
    if (source.host, source.port) != (clean.host, clean.port):
        source.certificate = ""  # another server shows another one
    other = (source.host, source.user, source.shared) != (clean.host, clean.user, clean.shared)
    for column in ("kind", "host", "port", "tls", "user", "shared", "app"):
        setattr(source, column, getattr(clean, column))
    if clean.password is not None:
        source.password = secrets.seal(clean.password)
    if clean.app is not None:
        source.password = ""
    elif not source.password:
        raise BadInput("password", _("The password is missing."))
    with transaction.atomic():
        source.save()
        if other:
            tokens.forget(source)
        if source.started_at is not None:
            try_now(source)
    return source


def trust(source: Source, certificate: str) -> None:
    """Take exactly this certificate, whoever issued it, and look at once; "" takes those that this machine trusts.

    certificate  its SHA-256; blanks and colons are left out
    Raises BadInput.
    """
    clean = certificate.replace(":", "").replace(" ", "").lower()
    if clean and not _SHA256.fullmatch(clean):
        raise BadInput("certificate", _("This is not the SHA-256 of a certificate."))
    with transaction.atomic():
        source.certificate = clean
        source.save(update_fields=["certificate"])
        if source.started_at is not None:
            try_now(source)


def start(
    source: Source,
    *,
    folders: Sequence[str] = (INBOX,),
    begin: str = Source.Begin.NOW,
    after: str = Source.After.KEEP,
    move_to: str = "",
) -> None:
    """Fetch from now on.  What lies there at this moment is looked at, so that "from now on" means now.

    Raises BadInput, FetchFailed.
    """
    _check_choices(source, folders, begin, after, move_to)
    again = source.started_at is not None
    source.begin, source.after = begin, after
    source.folders = list(dict.fromkeys(folders)) if source.kind == Source.Kind.IMAP else []
    source.move_to = move_to if after == Source.After.MOVE else ""
    cursors, seen = _as_it_lies(source)
    with transaction.atomic():
        if not again:
            source.started_at = clock.now()
            Seen.objects.filter(source=source).delete()
            FolderCursor.objects.filter(source=source).delete()
        source.save(update_fields=["begin", "after", "folders", "move_to", "started_at"])
        known = set(source.cursors.values_list("folder", flat=True))
        FolderCursor.objects.bulk_create([one for one in cursors if one.folder not in known])
        if not again:
            Seen.objects.bulk_create(seen, batch_size=500)
        try_now(source)


def stop(source: Source) -> None:
    """Fetch no more, and forget the server and its password; what came stays."""
    with transaction.atomic():
        source.delete()


def try_now(source: Source) -> None:
    """Look at once, whatever went wrong before; a person says that it may be better now."""
    Source.objects.filter(pk=source.pk).exclude(started_at=None).update(
        next_look_at=clock.now(), permanent=False, failures=0
    )
    jobs.enqueue(LOOK_JOB, key=str(source.pk), source_id=source.pk)


def looked_into(some: Iterable[Source]) -> set[int]:
    """Return the numbers of those sources that a job looks into at this moment, or is about to."""
    keys = [str(one.pk) for one in some]
    due = Job.objects.filter(name=LOOK_JOB, key__in=keys, run_at__lte=clock.now())
    return {int(key) for key in due.exclude(state=Job.PARKED).values_list("key", flat=True)}


def look_where_due() -> None:
    """Let jobs look wherever it is time; stands in the timetable, every minute."""
    due = wanted().filter(next_look_at__lte=clock.now())
    for number in due.values_list("pk", flat=True):
        jobs.enqueue(LOOK_JOB, key=str(number), source_id=number)


def server_of(source: Source) -> Server:
    """Return the server with what it takes to sign in; a token is renewed if need be.  Raises FetchFailed."""
    password = token = ""
    if source.app is not None:
        token = tokens.access_token(source)
    else:
        try:
            password = secrets.unseal(source.password)
        except secrets.Unreadable:
            raise FetchFailed("secret_unreadable") from None
    return replace(address_of(source), password=password, token=token)


def address_of(source: Source) -> Server:
    """Return the server without what it takes to sign in."""
    return Server(
        kind=source.kind,
        host=source.host,
        port=source.port,
        tls=source.tls,
        user=source.user,
        shared=source.shared,
        certificate=source.certificate,
    )


def session_with(server: Server) -> Imap | Pop3:
    """Return a session, signed in.  Raises FetchFailed."""
    return Pop3(server) if server.kind == Source.Kind.POP3 else Imap(server)


def _as_it_lies(source: Source) -> tuple[list[FolderCursor], list[Seen]]:
    with session_with(server_of(source)) as session:
        if isinstance(session, Pop3):
            return [], pop3_walk.begin_with(session, source)
        if source.move_to:
            session.open(source.move_to, no="target_missing")
        return imap_walk.begin_with(session, source), []


def _checked(entry: Entry) -> Entry:
    if entry.kind not in Source.Kind.values:
        raise BadInput("kind", _("Choose one of these."))
    if entry.tls not in Source.Tls.values:
        raise BadInput("tls", _("Choose one of these."))
    port = PORTS[entry.kind, entry.tls] if entry.port is None else entry.port
    host = entry.host.strip().rstrip(".").lower()
    if not _is_host(host):
        raise BadInput(
            "host", _("This is not the name of a server; it looks like imap.example.com.")
        )
    if not 0 < port <= MOST_PORT:
        raise BadInput("port", _("A port is a number between 1 and 65535."))
    user, shared = entry.user.strip(), entry.shared.strip()
    if not user:
        raise BadInput("user", _("The name to sign in with is missing."))
    if any(not one.isprintable() for one in (user, shared, entry.password or "")):
        raise BadInput("user", _("There is a character in it that cannot be sent."))
    if len(user) > 320 or len(shared) > 320 or len(entry.password or "") > 500:  # noqa: PLR2004
        raise BadInput("user", _("It is too long."))
    clean = Entry(entry.kind, host, port, entry.tls, user, entry.password, entry.app, shared)
    if clean.tls == Source.Tls.NONE and not _as_server(clean).is_this_machine:
        raise BadInput(
            "tls",
            _("Without encryption the password could be read on the way; choose TLS or STARTTLS."),
        )
    return clean


def _as_server(entry: Entry) -> Server:
    return Server(entry.kind, entry.host, entry.port or 0, entry.tls, entry.user)


def _is_host(host: str) -> bool:
    usual = host.replace(".", "").replace("-", "").replace(":", "").replace("_", "")
    return 0 < len(host) <= 253 and usual.isalnum() and not host.startswith("-")  # noqa: PLR2004


def _check_choices(
    source: Source, folders: Sequence[str], begin: str, after: str, move_to: str
) -> None:
    if begin not in Source.Begin.values:
        raise BadInput("begin", _("Choose one of these."))
    allowed = (
        Source.After.values
        if source.kind == Source.Kind.IMAP
        else (Source.After.KEEP, Source.After.DELETE)
    )
    if after not in allowed:
        raise BadInput("after", _("With POP3 a letter can only be left as it is, or deleted."))
    if source.kind == Source.Kind.IMAP and not folders:
        raise BadInput("folders", _("Choose one folder at least."))
    if any(not folder or len(folder) > 500 for folder in folders):  # noqa: PLR2004
        raise BadInput("folders", _("There is no such folder."))
    if after == Source.After.MOVE and (not move_to or len(move_to) > 500):  # noqa: PLR2004
        raise BadInput("move_to", _("Choose the folder that letters are moved to."))
    if after == Source.After.MOVE and move_to in folders:
        raise BadInput(
            "move_to", _("Letters are fetched from this folder: choose another to move them to.")
        )
