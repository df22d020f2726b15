"""What a letter is wrapped in: signed, encrypted, or one in the other; taken off before its bodies are read.

Called by parse.py, in the child that reads letters.  Only a letter that is wrapped as a whole is opened: a sealed part
among others could send its words elsewhere (EFAIL).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from email import message_from_bytes
from email.message import Message
from email.policy import compat32

from deskbell.channels.mail import pgp, smime
from deskbell.channels.mail.bodies import bytes_of, children_of
from deskbell.channels.mail.decode import text_of
from deskbell.channels.mail.pgp import Keys
from deskbell.channels.mail.signatures import Signature

# Signed, encrypted and signed again is the most that anybody does.
_MOST_LAYERS = 4


@dataclass(frozen=True, slots=True)
class AllKeys:
    """What opens letters and what checks signatures.

    certificates  private keys of the mail boxes for S/MIME, each with its certificate, as PEM
    openpgp       keys for OpenPGP
    """

    certificates: tuple[str, ...] = ()
    openpgp: Keys = Keys()  # noqa: RUF009  frozen


NO_KEYS = AllKeys()


@dataclass(frozen=True, slots=True)
class Opened:
    """A letter without what it was wrapped in.

    message    the part whose bodies are read; the letter itself when it was not wrapped
    raw        the bytes of it
    encrypted  opened, closed or ""
    """

    message: Message
    raw: bytes
    signature: Signature | None = None
    encrypted: str = ""


def open_(message: Message, raw: bytes, author: str, keys: AllKeys) -> Opened:
    """Return what is inside a letter.

    raw     the letter as it came: a signature is of its bytes
    author  the address in From
    """
    opened = Opened(message, raw)
    for _ in range(_MOST_LAYERS):
        layer = _without_a_layer(opened, author, keys)
        if layer is None:
            break
        is_deeper = layer.message is not opened.message
        opened = layer
        if not is_deeper or opened.encrypted == "closed":
            break
    return opened


def _without_a_layer(opened: Opened, author: str, keys: AllKeys) -> Opened | None:
    part = opened.message
    kind = part.get_content_type()
    if kind == "multipart/signed":
        return _signed(opened, author, keys)
    if kind in smime.PACKED_KINDS:
        return _packed(opened, author, keys)
    if kind == "multipart/encrypted":
        return _encrypted(opened, author, keys)
    if kind == "text/plain":
        return _in_the_text(opened, author, keys)
    return None


def _signed(opened: Opened, author: str, keys: AllKeys) -> Opened | None:
    children = children_of(opened.message)
    signed = first_part(opened.raw, opened.message.get_boundary() or "")
    if len(children) != 2 or signed is None:  # noqa: PLR2004  what is signed, and the signature
        return None
    kind, signature = children[1].get_content_type(), bytes_of(children[1])
    if kind in smime.SIGNED_KINDS:
        found = smime.check(signed, signature, author)
    elif kind == "application/pgp-signature":
        found = pgp.check(signed, signature, author, keys.openpgp)
    else:
        return None
    return replace(opened, signature=found)


def first_part(raw: bytes, boundary: str) -> bytes | None:
    """Return the first part of a multipart as it stands, its lines ended by CR LF, without the last of them."""
    mark = re.escape(b"--" + boundary.encode("ascii", "replace"))
    begin = re.search(rb"^" + mark + rb"[ \t]*\r?\n", raw, re.MULTILINE)
    if not boundary or begin is None:
        return None
    end = re.compile(rb"\r?\n" + mark + rb"(--)?[ \t]*\r?$", re.MULTILINE).search(raw, begin.end())
    if end is None:
        return None
    return re.sub(rb"\r?\n", b"\r\n", raw[begin.end() : end.start()])


def _packed(opened: Opened, author: str, keys: AllKeys) -> Opened | None:
    raw = bytes_of(opened.message)
    if smime.is_encrypted(raw):
        inside = smime.open_(raw, keys.certificates)
        return _inside(opened, inside, None)
    unpacked = smime.unpack(raw, author)
    if unpacked is None:
        return None
    return _read(opened, unpacked[0], unpacked[1])


def _encrypted(opened: Opened, author: str, keys: AllKeys) -> Opened | None:
    children = children_of(opened.message)
    if len(children) != 2:  # noqa: PLR2004  what it is, and the sealed part
        return None
    found = pgp.open_(bytes_of(children[1]), author, keys.openpgp)
    return _inside(opened, *(found or (None, None)))


def _in_the_text(opened: Opened, author: str, keys: AllKeys) -> Opened | None:
    """Take off the armour of a text that is signed or encrypted within itself, as before PGP/MIME."""
    raw = bytes_of(opened.message)
    if b"-----BEGIN PGP " not in raw:
        return None
    charset = opened.message.get_param("charset")
    text = text_of(raw, charset if isinstance(charset, str) else None)
    if text.strip().startswith("-----BEGIN PGP MESSAGE-----"):
        found = pgp.open_(raw, author, keys.openpgp)
        if found is None:
            return replace(opened, encrypted="closed")
        return replace(opened, message=_plain(found[0]), signature=found[1], encrypted="opened")
    signed = pgp.check_inline(text, author, keys.openpgp)
    if signed is None:
        return None
    return replace(opened, message=_plain(signed[0].encode()), signature=signed[1])


def _inside(opened: Opened, raw: bytes | None, signature: Signature | None) -> Opened:
    if raw is None:
        return replace(opened, encrypted="closed")
    return replace(_read(opened, raw, signature), encrypted="opened")


def _read(opened: Opened, raw: bytes, signature: Signature | None) -> Opened:
    message = message_from_bytes(raw, policy=compat32)
    return replace(opened, message=message, raw=raw, signature=signature or opened.signature)


def _plain(words: bytes) -> Message:
    """Return a part that holds these words; without a charset, which is then looked for."""
    part = Message()
    part["Content-Type"] = "text/plain"
    part.set_payload(words.decode("ascii", "surrogateescape"))
    return part
