"""OpenPGP: is a signature whole, and is it by a key that somebody here added; and opening with our key.

By GnuPG where it is installed, in a home of its own that is gone afterwards: no key that came in a letter stays.
Without GnuPG nothing is checked, which is said and is no error.  Runs in the child that reads letters.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deskbell.channels.mail.signatures import Signature, judged

SECONDS = 20.0
# What comes out of a letter that is packed tightly: as much as a letter may be.
MAX_BYTES = 60_000_000
# GnuPG ends a block before its own limit, and says all the same that it went well.
BLOCK = 1_000_000
_STATUS = re.compile(r"^\[GNUPG:\] (?P<word>[A-Z_]+) ?(?P<rest>.*)$", re.MULTILINE)
_BEGIN, _END = "-----BEGIN PGP SIGNED MESSAGE-----", "-----END PGP SIGNATURE-----"


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys as armoured text.

    public   of customers, added by hand
    private  of the mail boxes, without a passphrase
    """

    public: tuple[str, ...] = ()
    private: tuple[str, ...] = ()


class Swells(ValueError):
    """What comes out of it is larger than a letter may be."""


def is_here() -> bool:
    """Whether GnuPG is installed."""
    return shutil.which("gpg") is not None


def check(signed: bytes, signature: bytes, author: str, keys: Keys) -> Signature:
    """Return what a signature beside a part is worth.

    signed  the part, byte for byte, lines ended by CR LF
    """
    if not is_here() or not keys.public:
        return Signature("pgp", "not_checked")
    with _home(keys.public) as home:
        (home / "signed").write_bytes(signed)
        (home / "signature").write_bytes(signature)
        told = _gpg(home, "--verify", str(home / "signature"), str(home / "signed"))[0]
    return _judged(told, author)


def check_inline(text: str, author: str, keys: Keys) -> tuple[str, Signature] | None:
    """Return a clear-signed text without its armour, and what the signature is worth; None without one."""
    # Not by a pattern: of a text of a thousand beginnings it would look from each to the end.
    begin = text.find(_BEGIN)
    end = text.find(_END, begin)
    if begin < 0 or end < 0:
        return None
    end += len(_END)
    before, signed, after = text[:begin], text[begin:end], text[end:]
    # Only a text that is signed from end to end: around it anybody could have written what looks signed.
    whole = not (before.strip() or after.strip())
    plain = f"{before}{_without_armour(signed)}{after}"
    if not whole or not is_here() or not keys.public:
        return plain, Signature("pgp", "not_checked")
    with _home(keys.public) as home:
        (home / "signed").write_text(f"{signed}\n")
        told = _gpg(home, "--verify", str(home / "signed"))[0]
    return plain, _judged(told, author)


def open_(raw: bytes, author: str, keys: Keys) -> tuple[bytes, Signature | None] | None:
    """Return what is inside an encrypted message, and its signature if it has one; None when no key opens it.

    Raises Swells.
    """
    if not keys.private or not is_here():
        return None
    with _home((*keys.private, *keys.public)) as home:
        (home / "sealed").write_bytes(raw)
        told, out = _gpg(
            home, "--max-output", str(MAX_BYTES + BLOCK), "--decrypt", str(home / "sealed")
        )
    if len(out) >= MAX_BYTES:
        raise Swells
    words = {match["word"] for match in _STATUS.finditer(told)}
    # Without the second word what comes out may have been changed on the way (EFAIL).
    if not {"DECRYPTION_OKAY", "GOODMDC"} <= words:
        return None
    signed = words & {"GOODSIG", "BADSIG", "ERRSIG", "EXPSIG", "EXPKEYSIG", "REVKEYSIG"}
    return out, _judged(told, author) if signed else None


def described(armour: str) -> str:
    """Return what GnuPG tells of a key, its primary one first, a record a line between colons; "" without GnuPG."""
    if not is_here():
        return ""
    with _home(()) as home:
        (home / "key").write_text(armour)
        out = _gpg(home, "--with-colons", "--show-keys", str(home / "key"))[1]
    return out.decode("utf-8", "replace")


def _judged(told: str, author: str) -> Signature:
    words = {match["word"]: match["rest"] for match in _STATUS.finditer(told)}
    by = words.get("GOODSIG") or words.get("BADSIG") or words.get("EXPKEYSIG") or ""
    uid = by.partition(" ")[2]
    address = re.search(r"<([^<>]+@[^<>]+)>", uid)
    claims = (address[1].lower(),) if address else ()
    name = re.sub(r"\s*[<(].*", "", uid)[:200]
    if "BADSIG" in words:
        return Signature("pgp", "broken", next(iter(claims), ""), name)
    if "GOODSIG" in words and "VALIDSIG" in words:
        return judged("pgp", is_vouched_for=True, claims=claims, author=author, name=name)
    if {"EXPKEYSIG", "EXPSIG", "REVKEYSIG"} & set(words):
        return judged("pgp", is_vouched_for=False, claims=claims, author=author, name=name)
    return Signature("pgp", "not_checked")


@contextmanager
def _home(keys: Iterable[str]) -> Iterator[Path]:
    """Give a home in which these keys are known, for this one letter."""
    # Not in the folder of the letter: the sockets of the agent need a short path.
    with tempfile.TemporaryDirectory(prefix="pgp-") as folder:
        home = Path(folder)
        (home / "gpg.conf").write_text("no-auto-key-retrieve\nno-auto-key-locate\n")
        (home / "keys").write_text("\n".join(keys))
        _gpg(home, "--import", str(home / "keys"))
        (home / "keys").unlink()
        try:
            yield home
        finally:
            subprocess.run(  # noqa: S603  a fixed command
                ["gpgconf", "--homedir", folder, "--kill", "all"],  # noqa: S607  whichever is installed
                check=False,
                capture_output=True,
                env={"PATH": os.environ.get("PATH", os.defpath)},
            )


def _gpg(home: Path, *arguments: str) -> tuple[str, bytes]:
    """Run GnuPG there; return its status lines and what came out.  A run that takes too long says nothing."""
    command = ["gpg", "--homedir", str(home), "--batch", "--no-tty", "--quiet", "--status-fd", "2"]
    try:
        done = subprocess.run(  # noqa: S603  a fixed command, with paths of ours
            [*command, "--trust-model", "always", *arguments],
            check=False,
            capture_output=True,
            timeout=SECONDS,
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"},
        )
    except (subprocess.TimeoutExpired, OSError):
        return "", b""
    return done.stderr.decode("utf-8", "replace"), done.stdout


def _without_armour(signed: str) -> str:
    """Return the words of a clear-signed text (RFC 9580, 7): headers and signature off, dashes unescaped."""
    body = signed.partition("-----BEGIN PGP SIGNATURE-----")[0]
    words = body.partition("\n\n")[2]
    return re.sub(r"^- ", "", words, flags=re.MULTILINE)
