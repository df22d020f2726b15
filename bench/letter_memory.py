"""How much memory the child that reads letters takes for a letter of 50 MB, by the shape of it.

    python bench/letter_memory.py [--megabytes 50]

Each letter is read by a child of its own; what is printed is the most that it ever held (VmHWM), in MB.
"""

import argparse
import base64
import os
import struct
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from deskbell.channels.mail import parse_child, reader  # noqa: E402
from deskbell.channels.mail.parse import Refused  # noqa: E402

HEAD = b"From: emil@acme.example\r\nTo: help@desk.example\r\nSubject: Zip\r\nMIME-Version: 1.0\r\n"


def main() -> None:
    """Print a line for each shape."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=50)
    size = parser.parse_args().megabytes << 20
    print(f"allowed: {parse_child.MEMORY_BYTES >> 20} MB")
    for name, body in shapes(size):
        with tempfile.TemporaryDirectory() as folder:
            letter = Path(folder, "letter.eml")
            letter.write_bytes(HEAD + body)
            began = time.monotonic()
            said = _read(letter, Path(folder))
            seconds = time.monotonic() - began
        print(f"{name:28} {_peak():6} MB {seconds:6.1f} s  {said}", flush=True)
        reader.end_children()


def shapes(size: int) -> Iterator[tuple[str, bytes]]:
    """Yield names and bodies of letters of about `size` bytes."""
    packed = _wrapped(os.urandom(size * 56 // 78))
    file = b"Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    yield "one file", file + packed
    yield "text", b"Content-Type: text/plain\r\n\r\n" + b"The zip broke.\r\n" * (size // 16)
    yield "text, one line", b"Content-Type: text/plain\r\n\r\n" + b"zip " * (size // 4)
    yield "HTML", b"Content-Type: text/html\r\n\r\n" + b"<p>The zip</p>\r\n" * (size // 16)
    piece = file + packed[: size // 900]
    yield "900 files", _multipart(b"mixed", [piece] * 900)
    letter = b"Content-Type: message/rfc822\r\n\r\n" + HEAD + file + packed
    yield "a letter in a letter", _multipart(b"mixed", [letter])
    signature = b"Content-Type: application/pkcs7-signature\r\n\r\nnothing"
    yield "signed", _multipart(b"signed", [file + packed, signature])
    tnef = file.replace(b"application/pdf; name=a.pdf", b"application/ms-tnef; name=winmail.dat")
    yield "winmail.dat", tnef + _wrapped(_tnef(os.urandom(size * 56 // 78)))


def _read(letter: Path, folder: Path) -> str:
    try:
        return f"{len(reader.read(letter, folder).inbound.files)} files"
    except Refused as refused:
        return f"refused: {refused.reason}"
    except reader.ReaderDied as died:
        return f"the child died: {died.reason}"


def _peak() -> int:
    if reader._idle.empty():
        return 0
    status = Path(f"/proc/{reader._idle.queue[0].process.pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) >> 10


def _wrapped(raw: bytes) -> bytes:
    return base64.encodebytes(raw).replace(b"\n", b"\r\n")


def _multipart(kind: bytes, parts: list[bytes]) -> bytes:
    inside = b"".join(b"--b\r\n" + part + b"\r\n" for part in parts)
    return b'Content-Type: multipart/%b; boundary="b"\r\n\r\n%b--b--\r\n' % (kind, inside)


def _tnef(raw: bytes) -> bytes:
    def piece(name: int, data: bytes) -> bytes:
        return struct.pack("<BHHI", 2, name, 6, len(data)) + data + b"\0\0"

    attached = piece(0x9002, bytes(14)) + piece(0x8010, b"a.bin\0") + piece(0x800F, raw)
    return b"\x78\x9f\x3e\x22\x01\x00" + attached + piece(0x8012, bytes(14))


if __name__ == "__main__":
    main()
