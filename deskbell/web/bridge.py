"""The bridge from the front to Django as WSGI: one request in, one whole answer out, in a thread of the pool.

The thread never waits for the browser: the body is already here, and the answer is sent after it has gone.
"""

import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import structlog
from django.conf import settings
from django.utils.text import compress_string
from starlette.types import Scope

from deskbell.web.bodies import MEMORY_BYTES, Body

log = structlog.get_logger(__name__)

Headers = list[tuple[str, str]]

GZIP_FROM_BYTES = 1024
GZIP_TYPES = re.compile(r"text/|application/(json|javascript|problem\+json|xml)|image/svg\+xml")
RANDOM_BYTES = 100
# Set in the environment when only the beginning of the body is here; no header can say so.
CUT = "deskbell.cut"
FILE_HEADER = "x-deskbell-file"


@dataclass
class Answer:
    """What Django answered.  `file` has the body when it is large or was named by X-Deskbell-File."""

    status: int = 500
    headers: Headers = field(default_factory=list)
    content: bytes = b""
    spool: IO[bytes] | None = None  # the body, at its beginning, when it is too large for memory
    path: Path | None = None  # the file that the front is to send instead of a body …
    stat: os.stat_result | None = None  # … and what is known of it


Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def answer(application: Application, scope: Scope, body: Body, folder: Path) -> Answer:
    """Let `application` answer one request; for a thread of the pool.

    folder  where an answer that is too large for memory is kept, nameless, until it is sent
    """
    found = Answer()

    def start(status: str, headers: Headers, _exc_info: Any = None) -> object:
        found.status, found.headers = int(status.split(" ", 1)[0]), list(headers)
        return None

    chunks = application(environ_of(scope, body), start)
    try:
        _take_path(found)
        if found.path is None:
            _collect(chunks, found, folder)
    finally:
        body.file.close()
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
    if _accepts_gzip(scope):
        _compress(found)
    return found


def environ_of(scope: Scope, body: Body) -> dict[str, Any]:
    """Return the WSGI environment of a request."""
    server = scope.get("server") or ("localhost", 80)
    client = scope.get("client") or ("", 0)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode("utf-8", "surrogatepass").decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1] or 80),
        "REMOTE_ADDR": client[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": body.file,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    _add_headers(environ, scope["headers"])
    environ["CONTENT_LENGTH"] = str(body.size_bytes)
    environ[CUT] = body.is_cut
    environ.pop("HTTP_TRANSFER_ENCODING", None)  # the body is here, whole
    return environ


def _add_headers(environ: dict[str, Any], headers: Iterable[tuple[bytes, bytes]]) -> None:
    for raw_name, raw_value in headers:
        if b"_" in raw_name:
            continue  # X_Forwarded_For would look like X-Forwarded-For
        name, value = (
            raw_name.decode("latin-1").upper().replace("-", "_"),
            raw_value.decode("latin-1"),
        )
        key = name if name in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{name}"
        if key in environ:
            value = f"{environ[key]}{'; ' if name == 'COOKIE' else ','}{value}"
        environ[key] = value


def _take_path(found: Answer) -> None:
    for name, value in found.headers:
        if name.lower() == FILE_HEADER:
            found.path = Path(value)
    if found.path is None:
        return
    _without(found, {FILE_HEADER, "content-length"})
    # Django decides who may have a file; that it is one of the desk's own is looked at here once more.
    found.path = found.path.resolve()
    if not found.path.is_relative_to(settings.DATA) or not found.path.is_file():
        log.error("file.refused", folder=found.path.parent.name)
        found.status, found.headers, found.path = 404, [("Content-Length", "0")], None
    else:
        found.stat = found.path.stat()


def _collect(chunks: Iterable[bytes], found: Answer, folder: Path) -> None:
    parts: list[bytes] = []
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if found.spool is None and size > MEMORY_BYTES:
            folder.mkdir(parents=True, exist_ok=True)
            found.spool = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  the front closes it
            found.spool.writelines(parts)
            parts = []
        if found.spool is None:
            parts.append(chunk)
        else:
            found.spool.write(chunk)
    if found.spool is not None:
        found.spool.seek(0)
    found.content = b"".join(parts)
    _without(found, {"content-length"})
    found.headers.append(("Content-Length", str(size)))


def _accepts_gzip(scope: Scope) -> bool:
    return any(name == b"accept-encoding" and b"gzip" in value for name, value in scope["headers"])


def _compress(found: Answer) -> None:
    """Compress a text that gains by it.

    Some random bytes in gzip's header blur the length, from which a stranger whose words stand beside a secret
    could guess it (BREACH); the CSRF token is masked anew in every page besides.
    """
    named = {name.lower(): value for name, value in found.headers}
    if (
        len(found.content) < GZIP_FROM_BYTES
        or not GZIP_TYPES.match(named.get("content-type", ""))
        or "content-encoding" in named
    ):
        return
    found.content = compress_string(found.content, max_random_bytes=RANDOM_BYTES)
    _without(found, {"content-length", "vary", "etag"})
    vary = ", ".join(part for part in (named.get("vary"), "Accept-Encoding") if part)
    found.headers += [
        ("Content-Encoding", "gzip"),
        ("Content-Length", str(len(found.content))),
        ("Vary", vary),
    ]
    if "etag" in named:
        found.headers.append(("ETag", "W/" + named["etag"].removeprefix("W/")))


def _without(found: Answer, names: set[str]) -> None:
    found.headers = [(name, value) for name, value in found.headers if name.lower() not in names]
