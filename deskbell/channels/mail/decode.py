"""Bytes to text, whatever a letter claims about them: charsets wrong, missing or unheard of.

Pure, and never raises: a letter whose charset lies still says something.  Called by parse.py.
"""

from __future__ import annotations

import codecs
import re
from base64 import b64decode
from binascii import Error as Base64Error
from binascii import a2b_qp

# What senders call a charset and what they mean by it: the larger relative, as browsers read it.
_MEANT = {
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "x-ansi": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "iso-8859-8-i": "iso-8859-8",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "korean": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "big5": "big5hkscs",
    "utf8mb4": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "x-mac-cyrillic": "mac_cyrillic",
    "x-mac-ce": "mac_latin2",
    "koi8-ru": "koi8_u",
}

# Python calls these text encodings, but no letter is written in them and some take for ever.
_NEVER = {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined"}

# Charsets in which each byte is a character: only of these is it surprising to be valid UTF-8.
_SINGLE_BYTE = re.compile(r"(cp|windows)-?(8|12)\d\d|iso-?8859|latin|koi8|mac")

_RUSSIAN = "абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґ"

# Which letters speak for a charset, when nothing else does; the first wins a draw.
_CANDIDATES = (
    ("cp1252", "äöüßéèêëàâçîïôûùñóíáúìòõãåøæœý¿¡"),
    ("cp1250", "áéíóöőúüűčďěňřšťůýžąćęłńśźżăâîşţđäô"),
    ("cp1251", _RUSSIAN),
    ("koi8-r", _RUSSIAN),
    ("cp1257", "āčēģīķļņšūžąęėįųäõöüåø"),
    ("cp866", _RUSSIAN),
)
_USUAL_SIGNS = frozenset("\xa0«»„“”‚‘’–—…•€£§©®°±·№™½")

_LONGEST_NAME = 60
_LAST_ASCII = 0x7F

# How much of a text is looked at to guess its charset.
_SAMPLE_BYTES = 20_000


def text_of(raw: bytes, charset: str | None = None) -> str:
    """Return `raw` as clean text.

    charset  what the letter says it is; None or nonsense: it is guessed
    """
    return clean(_decode(raw, _normal(charset)))


def clean(text: str) -> str:
    """Return `text` with \\n as its only line end, without control characters and halves of characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _UNWANTED.search(text) is None:
        return text
    return _UNWANTED.sub("", text.replace("\ufeff", ""))


# The database takes neither NUL nor half a surrogate pair; the rest shows as boxes.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff\ud800-\udfff]"
)

# Characters that turn the reading direction round: in a name or a subject they can only deceive.
_DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def one_line(text: str) -> str:
    """Return `text` as one line for names, subjects and file names: no direction marks, single spaces."""
    return " ".join(_DIRECTION.sub("", clean(text)).split())


def header_text(raw: str) -> str:
    """Return the words of a raw header: RFC 2047 as it is really written, and bytes that just stand there.

    raw  as the email package keeps it: 8-bit bytes are surrogate escapes
    """
    parts: list[str] = []
    waiting: tuple[str, bytes] | None = None  # an encoded word whose last character may go on
    end = 0
    unfolded = re.sub(r"\r?\n(?=[ \t])", "", raw)
    for match in _ENCODED_WORD.finditer(unfolded):
        between = unfolded[end : match.start()]
        end = match.end()
        charset = match["charset"].partition("*")[0]
        payload = _payload(match["encoding"], match["text"])
        if waiting and not between.strip() and waiting[0].lower() == charset.lower():
            waiting = (waiting[0], waiting[1] + payload)
            continue
        if waiting:
            parts.append(text_of(waiting[1], waiting[0]))
        # White space between two encoded words is there for the line's sake only.
        if not waiting or between.strip():
            parts.append(_plain(between))
        waiting = (charset, payload)
    if waiting:
        parts.append(text_of(waiting[1], waiting[0]))
    parts.append(_plain(unfolded[end:]))
    return one_line("".join(parts))


# Q text may hold spaces although it must not: the end is the next ?=.  A word ends where the next one
# begins, or thousands that never end would cost their number squared.
_ENCODED_WORD = re.compile(
    r"=\?(?P<charset>[\w.:+*-]{1,60})\?(?P<encoding>[bBqQ])\?"
    r"(?P<text>(?:(?!=\?[\w.:+*-]{1,60}\?[bBqQ]\?).)*?)\?=",
    re.DOTALL,
)


def raw_bytes(text: str) -> bytes:
    """Return the bytes that the email package hid in `text` as surrogate escapes."""
    return text.encode("utf-8", "surrogateescape")


def _plain(text: str) -> str:
    return text if text.isascii() else text_of(text.encode("utf-8", "surrogateescape"))


def _payload(encoding: str, text: str) -> bytes:
    raw = text.encode("utf-8", "surrogateescape")
    if encoding in "qQ":
        return a2b_qp(raw.replace(b" ", b"_"), header=True)
    packed = re.sub(rb"[^A-Za-z0-9+/]", b"", raw)
    # A last group of one character can mean nothing; the padding is often forgotten.
    packed = packed[: len(packed) - (len(packed) % 4 == 1)]
    try:
        return b64decode(packed + b"=" * (-len(packed) % 4))
    except Base64Error:
        return raw


def _normal(charset: str | None) -> str | None:
    """Return the name of a codec for what the letter calls `charset`, or None."""
    name = (charset or "").strip().strip("\"'").lower()
    if not name or len(name) > _LONGEST_NAME:
        return None
    meant = _MEANT.get(name, name)
    try:
        found = codecs.lookup(meant)
        b"".decode(meant)  # refuses those that are no text encodings, like base64
    except (LookupError, ValueError):
        return None
    return None if found.name.replace("_", "-") in _NEVER else found.name


def _decode(raw: bytes, charset: str | None) -> str:
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return raw.decode("utf-16", "replace")
    if charset == "ascii":
        charset = None  # with a byte that ASCII does not have, the word was said without thought
    if charset is None or (_SINGLE_BYTE.match(charset) and not raw.isascii()):
        # Nobody writes valid UTF-8 by accident.
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            pass
    if charset is None or (charset == "utf-8" and not _is_nearly_utf8(raw)):
        charset = _guess(raw)
    try:
        return raw.decode(charset)
    except (UnicodeError, ValueError):
        return raw.decode(charset, "replace")


def _is_nearly_utf8(raw: bytes) -> bool:
    """Whether a broken UTF-8 text is one with a few broken places, not another charset altogether."""
    lost = raw.decode("utf-8", "replace").count("\ufffd")
    beyond = sum(byte > _LAST_ASCII for byte in raw)
    return lost * 4 <= beyond or lost == 0


def _guess(raw: bytes) -> str:
    if b"\x1b$" in raw or b"\x1b(" in raw:
        return "iso2022_jp"
    sample = raw[:_SAMPLE_BYTES]
    return max(_CANDIDATES, key=lambda candidate: _score(sample, *candidate))[0]


def _score(sample: bytes, charset: str, letters: str) -> int:
    text = sample.decode(charset, "replace")
    score = 0
    before = " "
    for character in text:
        if character > "\x7f":
            if letters is _RUSSIAN and before.isascii() and before.isalpha():
                score -= 3  # a Latin letter and a Cyrillic one in one word
            elif character in letters:
                score += 3
            elif character.lower() in letters:
                # A capital inside a word is what the wrong Cyrillic charset looks like.
                score += -3 if before.islower() else 2
            elif character not in _USUAL_SIGNS:
                score -= 3
        before = character
    return score
