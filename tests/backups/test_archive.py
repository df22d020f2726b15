"""The file that a backup is: whatever is wrong with one is found before anything is touched."""

import gzip
import io
import json
import shutil
import tarfile
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace

import pytest

from deskbell.backups import archive
from deskbell.backups.archive import Manifest
from deskbell.backups.errors import BackupFailed

MANIFEST = Manifest("0.1", "sqlite", "3.40", "2026-03-02T12:00:00+00:00", "by-hand", "Lomnica")
MEMBERS = {
    "database/deskbell.sqlite3": b"rows" * 1000,
    "data/secret-key": b"k" * 64,
    "data/letters/2026/03/02/a.eml": b"From: Emil\n\nThe zip came apart.\n",
}


def written(path: Path, members: dict[str, bytes] = MEMBERS) -> Path:
    with path.open("wb") as file, archive.Writer(file, step=lambda _size: None) as writer:
        for name, content in members.items():
            writer.add_bytes(name, content, 1000.0)
        writer.end(MANIFEST, 1000.0)
    return path


def rewritten(path: Path, change: dict[str, bytes | None]) -> Path:
    """Return the same archive with other contents, or without, under some of its names."""
    other = path.with_name("rewritten.tar.gz")
    with tarfile.open(path) as old, tarfile.open(other, "w:gz") as new:
        for member in old:
            content = change.get(member.name, old.extractfile(member).read())  # type: ignore[union-attr]
            if content is not None:
                member.size = len(content)
                new.addfile(member, io.BytesIO(content))
    return other


def test_what_is_put_in_comes_out(tmp_path: Path) -> None:
    path = written(tmp_path / "desk.tar.gz")
    found = archive.look(path)
    assert (found.engine, found.desk) == ("sqlite", "Lomnica")
    archive.unpack(path, tmp_path / "out")
    for name, content in MEMBERS.items():
        out = tmp_path / "out" / name
        assert out.read_bytes() == content
        assert out.stat().st_mode & 0o077 == 0
        assert out.stat().st_mtime == 1000.0


def test_its_list_of_checksums_is_the_one_that_sha256sum_reads(tmp_path: Path) -> None:
    path = written(tmp_path / "desk.tar.gz")
    with tarfile.open(path) as tar:
        lines = tar.extractfile("checksums").read().decode().splitlines()  # type: ignore[union-attr]
    assert [line.split("  ")[1] for line in lines] == list(MEMBERS)


@pytest.mark.parametrize(
    "change",
    [
        {"data/letters/2026/03/02/a.eml": b"From: Emil\n\nThe zip is fine.   \n"},
        {"data/letters/2026/03/02/a.eml": None},
        {"database/deskbell.sqlite3": None},
        {"checksums": None},
        {"checksums": b""},
        {"manifest.json": None},
        {"manifest.json": b"{}"},
        {"manifest.json": b"no json"},
    ],
    ids=lambda change: f"{next(iter(change))} {next(iter(change.values()))!r:.12}",
)
def test_whatever_was_changed_or_taken_out_is_found(
    tmp_path: Path, change: dict[str, bytes | None]
) -> None:
    path = written(tmp_path / "desk.tar.gz")
    archive.look(rewritten(path, {}))
    with pytest.raises(BackupFailed, match="not a whole backup"):
        archive.look(rewritten(path, change))


def test_wherever_it_was_cut_off_or_a_bit_fell_over_is_found(tmp_path: Path) -> None:
    whole = written(tmp_path / "desk.tar.gz").read_bytes()
    broken = tmp_path / "broken.tar.gz"
    for at in range(0, len(whole) - 40, 7):
        broken.write_bytes(whole[:at])
        with pytest.raises(BackupFailed, match="not a whole backup"):
            archive.look(broken)
    for at in range(12, len(whole) - 60, 7):
        broken.write_bytes(whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :])
        with suppress(BackupFailed):
            archive.look(broken)
            # A nought copied from another place is the same nought.
            assert gzip.decompress(broken.read_bytes()) == gzip.decompress(whole)


@pytest.mark.parametrize("name", ["data/../../etc/passwd", "/data/x", "elsewhere/x", "data"])
def test_nothing_in_it_leads_elsewhere(tmp_path: Path, name: str) -> None:
    path = written(tmp_path / "desk.tar.gz", {**MEMBERS, name: b"evil"})
    if name == "data":  # a file may not be called so, nor be a folder or a link
        path = with_a_link(tmp_path)
    with pytest.raises(BackupFailed, match="has no place in one"):
        archive.look(path)


def with_a_link(folder: Path) -> Path:
    path = folder / "link.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        link = tarfile.TarInfo("data/letters")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc"
        tar.addfile(link)
    return path


def test_what_is_no_archive_at_all_is_said_in_a_sentence(tmp_path: Path) -> None:
    for content in (b"", b"hello", gzip.compress(b"hello"), gzip.compress(b"")):
        path = tmp_path / "desk.tar.gz"
        path.write_bytes(content)
        with pytest.raises(BackupFailed, match="not a whole backup"):
            archive.look(path)
    with pytest.raises(BackupFailed, match="There is no file"):
        archive.look(tmp_path / "misspelt")


def test_one_of_a_newer_deskbell_is_left_to_it(tmp_path: Path) -> None:
    path = written(tmp_path / "desk.tar.gz")
    newer = json.dumps({**asdict(MANIFEST), "format": 2, "deskbell": "9.0"}).encode()
    with pytest.raises(BackupFailed, match=r"made by Deskbell 9\.0, which is newer"):
        archive.look(rewritten(path, {"manifest.json": newer}))


def test_a_file_that_grows_or_shrinks_while_it_is_read_keeps_its_promised_length(
    tmp_path: Path,
) -> None:
    path = tmp_path / "desk.tar.gz"
    with path.open("wb") as file, archive.Writer(file, step=lambda _size: None) as writer:
        for content, promised in ((b"long enough", 4), (b"short", 9)):
            writer._add(f"data/{promised}", io.BytesIO(content), promised, 1.0)
        writer.end(MANIFEST, 1.0)
    archive.look(path)
    archive.unpack(path, tmp_path)
    assert (tmp_path / "data/4").read_bytes() == b"long"
    assert (tmp_path / "data/9").read_bytes() == b"short\0\0\0\0"


def test_it_gives_up_before_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = 300 << 20
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=free))
    archive.must_have_room(tmp_path, 1 << 20)
    with pytest.raises(BackupFailed, match="300 MB are free"):
        archive.must_have_room(tmp_path, 100 << 20)
    free = 1 << 20
    with pytest.raises(BackupFailed, match="too little room"):
        archive.Careful(io.BytesIO(), tmp_path).write(b"x")
