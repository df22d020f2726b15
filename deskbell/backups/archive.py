"""The file that a backup is: a tar.gz that any machine can open, with a checksum for everything in it.

database/…      the database, as its own tools copy it
data/…          the data folder: letters, files, secret key
checksums       a line for each of these, as sha256sum writes it;   manifest.json: what this is, and their sum
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import math
import os
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from itertools import zip_longest
from pathlib import Path, PurePosixPath
from typing import IO, Any, BinaryIO, Self, cast

from typing_extensions import override

from deskbell.backups.errors import BackupFailed

FORMAT = 1
CHECKSUMS, MANIFEST = "checksums", "manifest.json"
CHUNK_BYTES = 1 << 20
# Most of a desk is letters, which become a third at the quickest level, and pictures, which stay as they are.
COMPRESSION = 1
# So much stays free on the disk: a backup must never be what stops letters from coming in.
RESERVE_BYTES = 256 << 20
# Ours takes a few thousand bytes: versions, counts, names of migrations.
MOST_MANIFEST_BYTES = 1 << 20
LOOK_EVERY_BYTES = 64 << 20

Step = Callable[[int], None]
# What is counted, how far it is, of how much.
Told = Callable[[str, int, int], None]


def say_nothing(_what: str, _done: int, _total: int) -> None:
    """Tell nobody how far it is."""


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself.

    deskbell        the version that made it
    engine          sqlite or postgresql
    at              when its database was copied, ISO 8601 in UTC
    counts          how many tickets, letters, attachments the database names, and files the backup holds
    migrations      for each app the newest one that its database has
    checksums       the sha256 of the list of checksums
    """

    deskbell: str
    engine: str
    engine_version: str
    at: str
    why: str
    desk: str
    counts: dict[str, int] = field(default_factory=dict)
    migrations: dict[str, str] = field(default_factory=dict)
    checksums: str = ""
    format: int = FORMAT


class Writer:
    """Writes one archive into `file`, member by member, in constant memory."""

    def __init__(self, file: BinaryIO, *, step: Step) -> None:
        self._gzip = gzip.GzipFile(fileobj=file, mode="wb", compresslevel=COMPRESSION)
        self._tar = tarfile.TarFile(fileobj=self._gzip, mode="w", format=tarfile.PAX_FORMAT)
        self._sums: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 -- closed by __exit__
        self._step = step
        self.members = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failed: object) -> None:
        """Let go of everything; what was not ended is no archive, so nobody minds how that goes."""
        self._sums.close()
        with suppress(OSError, BackupFailed):
            self._gzip.close()

    def add(self, name: str, path: Path) -> None:
        """Add the file at `path`, as long as it is now.  Raises OSError, also when it is gone."""
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            self._add(name, file, status.st_size, status.st_mtime)

    def add_bytes(self, name: str, content: bytes, mtime: float) -> None:
        """Add a file with this content."""
        self._add(name, io.BytesIO(content), len(content), mtime)

    def end(self, manifest: Manifest, mtime: float) -> Manifest:
        """Add checksums and manifest, close the archive, and return the manifest as it stands in it."""
        self._sums.seek(0)
        sums = hashlib.file_digest(self._sums, "sha256").hexdigest()  # type: ignore[arg-type]
        size = self._sums.tell()
        self._sums.seek(0)
        self._put(_header(CHECKSUMS, size, mtime), self._sums)
        whole = replace(manifest, checksums=sums)
        text = json.dumps(asdict(whole), indent=1).encode()
        self._put(_header(MANIFEST, len(text), mtime), io.BytesIO(text))
        self._tar.close()
        self._gzip.close()
        return whole

    def _add(self, name: str, file: IO[bytes], size: int, mtime: float) -> None:
        source = _Source(file, size, self._step)
        self._put(_header(name, size, mtime), cast("IO[bytes]", source))
        self._sums.write(_line(source.sum.hexdigest(), name))
        self.members += 1

    def _put(self, header: tarfile.TarInfo, source: IO[bytes]) -> None:
        self._tar.addfile(header, source)
        _forget_members(self._tar)


class _Source(io.RawIOBase):
    """A file of exactly `size` bytes, whatever happens to it meanwhile, summed as it is read."""

    def __init__(self, file: IO[bytes], size: int, step: Step) -> None:
        super().__init__()
        self._file, self._left, self._step = file, size, step
        self.sum = hashlib.sha256()

    @override
    def read(self, size: int = -1, /) -> bytes:
        wanted = self._left if size < 0 else min(size, self._left)
        # One that has become shorter is filled up: a header has already promised its length.
        chunk = self._file.read(wanted).ljust(wanted, b"\0")
        self._left -= len(chunk)
        self.sum.update(chunk)
        self._step(len(chunk))
        return chunk


class Careful(io.RawIOBase):
    """A file that is given up before its disk is full."""

    def __init__(self, file: BinaryIO, folder: Path) -> None:
        super().__init__()
        self._file, self._folder, self._unlooked = file, folder, LOOK_EVERY_BYTES

    @override
    def writable(self) -> bool:
        return True

    @override
    def write(self, data: Any, /) -> int:
        self._unlooked += len(data)
        if self._unlooked >= LOOK_EVERY_BYTES:
            self._unlooked = 0
            must_have_room(self._folder, 0)
        return self._file.write(data)


def must_have_room(folder: Path, size: int) -> None:
    """Raise BackupFailed unless `size` bytes fit into `folder` and some room is left for letters."""
    free = shutil.disk_usage(folder).free
    if free < size + RESERVE_BYTES:
        raise BackupFailed(
            f"There is too little room in {folder} for the backup: {free >> 20:,} MB are free."
            " Make room, or name a place on another disk with --to."
        )


def look(path: Path, told: Told = say_nothing) -> Manifest:
    """Read the whole archive, compare every checksum, and return its manifest.

    Raises BackupFailed when it is no backup, damaged, incomplete, or newer than this code can read.
    """
    manifest = b""
    with tempfile.TemporaryFile() as sums, tempfile.TemporaryFile() as listed:
        with _readable(path, "bytes compared", told) as tar:
            for member in _members(tar):
                if member.name not in {CHECKSUMS, MANIFEST}:
                    _must_be_safe(member, path)
                content = _content(tar, member)
                if member.name == CHECKSUMS:
                    shutil.copyfileobj(content, listed, CHUNK_BYTES)
                elif member.name == MANIFEST:
                    manifest = content.read(MOST_MANIFEST_BYTES + 1)
                else:
                    digest = hashlib.file_digest(content, "sha256")  # type: ignore[arg-type]
                    sums.write(_line(digest.hexdigest(), member.name))
        if not manifest:
            raise _damaged(path, "it has no end")
        if len(manifest) > MOST_MANIFEST_BYTES:
            raise _damaged(path, "its manifest is larger than any of ours")
        return _compared(manifest, sums, listed, path)


def unpack(path: Path, folder: Path, told: Told = say_nothing) -> None:
    """Write all that look() has found good below `folder`: "database" and "data".

    Raises BackupFailed, OSError.
    """
    with _readable(path, "bytes unpacked", told) as tar:
        for member in _members(tar):
            if member.name in {CHECKSUMS, MANIFEST}:
                continue
            _must_be_safe(member, path)
            target = folder / member.name
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            must_have_room(target.parent, member.size)
            with target.open("xb") as file:
                os.fchmod(file.fileno(), 0o600)
                shutil.copyfileobj(_content(tar, member), file, CHUNK_BYTES)
            os.utime(target, (member.mtime, member.mtime))
    os.sync()  # one for all: a million letters would otherwise each wait for the disk


@contextmanager
def _readable(path: Path, what: str, told: Told) -> Iterator[tarfile.TarFile]:
    """Open the archive; whatever is wrong with it inside the block becomes BackupFailed."""
    try:
        with path.open("rb") as file, gzip.open(_Counted(file, what, told)) as plain:
            with tarfile.open(fileobj=plain, mode="r|") as tar:
                yield tar
            while plain.read(CHUNK_BYTES):  # up to the checksum of the file itself
                pass
    except FileNotFoundError as error:
        if error.filename == str(path):
            raise BackupFailed(f"There is no file {path}.") from None
        raise
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _damaged(path, str(error)) from error


class _Counted(io.RawIOBase):
    """An archive that tells how far it has been read."""

    def __init__(self, file: BinaryIO, what: str, told: Told) -> None:
        super().__init__()
        self._file, self._what, self._told = file, what, told
        self._size, self._done = os.fstat(file.fileno()).st_size, 0

    @override
    def readable(self) -> bool:
        return True

    @override
    def read(self, size: int = -1, /) -> bytes:
        chunk = self._file.read(size)
        self._done += len(chunk)
        self._told(self._what, self._done, self._size)
        return chunk


def _members(tar: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    while (member := tar.next()) is not None:
        _forget_members(tar)
        yield member


def _forget_members(tar: Any) -> None:
    """Empty the list that tarfile keeps: a million letters would fill the memory."""
    tar.members.clear()


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    return tar.extractfile(member) or io.BytesIO()


def _compared(text: bytes, sums: IO[bytes], listed: IO[bytes], path: Path) -> Manifest:
    try:
        found = json.loads(text)
        if found["format"] > FORMAT:
            raise BackupFailed(
                f"{path} was made by Deskbell {found['deskbell']}, which is newer than this one"
                " and writes backups that it cannot read. Restore it with that version."
            )
        manifest = Manifest(**found)
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(path, "its manifest cannot be read") from error
    if _sum(listed) != manifest.checksums:
        raise _damaged(path, "its list of checksums was changed")
    listed.seek(0)
    sums.seek(0)
    for ours, theirs in zip_longest(sums, listed, fillvalue=b""):
        if ours != theirs:
            name = (theirs or ours)[66:].decode(errors="replace").strip()
            raise _damaged(path, f"{name} was changed")
    return manifest


def _sum(file: IO[bytes]) -> str:
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]


def _damaged(path: Path, what: str) -> BackupFailed:
    return BackupFailed(
        f"{path} is not a whole backup of a desk: {what}. Nothing was touched; take another one."
    )


def _must_be_safe(member: tarfile.TarInfo, path: Path) -> None:
    name = PurePosixPath(member.name)
    inside = name.parts[:1] in {("database",), ("data",)} and ".." not in name.parts
    # A sparse file says that it is larger than it is; a time that is no number ends in an error nobody words.
    is_plain = member.isreg() and not member.issparse() and math.isfinite(member.mtime)
    if not (is_plain and inside):
        raise _damaged(path, f"{member.name} has no place in one")


def _header(name: str, size: int, mtime: float) -> tarfile.TarInfo:
    header = tarfile.TarInfo(name)
    header.size, header.mtime, header.mode = size, mtime, 0o600
    return header


def _line(digest: str, name: str) -> bytes:
    return f"{digest}  {name}\n".encode("utf-8", "surrogateescape")
