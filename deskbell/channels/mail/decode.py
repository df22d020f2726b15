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
    "x-windows-949": "cp949",
    "windows-949": "cp949",
    "ks_c_5601": "cp949",
    "windows-31j": "cp932",
    "cp50221": "iso2022_jp",
    "cp50220": "iso2022_jp",
    "iso-2022-jp-ms": "iso2022_jp",
    "windows-874": "cp874",
    "x-euc-tw": "euc_tw",
    "cn-big5": "big5hkscs",
    "unicode": "utf-16",
    "ucs-2": "utf-16",
    "iso-10646-ucs-2": "utf-16",
    "utf-8n": "utf-8",
    "utf-8-mac": "utf-8",
    "unicode-2-0-utf-8": "utf-8",
    "x-unicode-2-0-utf-8": "utf-8",
    "unicode-2-0-utf-7": "utf-7",
    "cp-850": "cp850",
    "cp-1252": "cp1252",
    "cp-1251": "cp1251",
    "win-1251": "cp1251",
    "win-1250": "cp1250",
    "ansi": "cp1252",
    "ansi_x3.110-1983": "cp1252",
    "iso-8859-8-e": "iso-8859-8",
    "visual": "iso-8859-8",
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
    return read(raw, charset)[0]


def read(raw: bytes, charset: str | None = None) -> tuple[str, str]:
    """Return `raw` as clean text, and the name of the charset by which it was read.

    charset  what the letter says it is; None or nonsense: it is guessed
    """
    text, used = _decode(raw, _normal(charset))
    return clean(text), used


def is_repaired(raw: bytes, charset: str | None, used: str) -> bool:
    """Whether `raw` was read by another charset than the letter names, larger relatives aside."""
    named = _normal(charset) or ""
    return not raw.isascii() and named != used and not used.startswith(named or "-")


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
    if _CUT_OFF.search(unfolded):
        unfolded += "?="
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
    text = one_line("".join(parts))
    # Encoded by a program whose words another one had encoded before.
    return header_text(text) if end and text != raw and _ENCODED_WORD.fullmatch(text) else text


# Q text may hold spaces although it must not: the end is the next ?=.  A word ends where the next one
# begins, or thousands that never end would cost their number squared.
_ENCODED_WORD = re.compile(
    r"=\?(?P<charset>[\w.:+*-]{1,60})\?(?P<encoding>[bBqQ])\?"
    r"(?P<text>(?:(?!=\?[\w.:+*-]{1,60}\?[bBqQ]\?).)*?)\?=",
    re.DOTALL,
)

_CUT_OFF = re.compile(r"=\?[\w.:+*-]{1,60}\?[bBqQ]\?[^?]*\??$")


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
    # "utf-8//TRANSLIT", "utf-8;", "charset=utf-8": what programs leave of their own settings.
    name = (charset or "").strip().strip("\"'").lower().removeprefix("charset=")
    name = re.split(r"[\s;/,]", name, maxsplit=1)[0]
    if not name or len(name) > _LONGEST_NAME:
        return None
    meant = _MEANT.get(name, name)
    try:
        found = codecs.lookup(meant)
        b"".decode(meant)  # refuses those that are no text encodings, like base64
    except (LookupError, ValueError):
        return None
    return None if found.name.replace("_", "-") in _NEVER else found.name


def _decode(raw: bytes, charset: str | None) -> tuple[str, str]:
    used = _charset_by_looking(raw, charset)
    if used == _JAPANESE:
        return _japanese(raw), used
    try:
        return raw.decode(used), used
    except (UnicodeError, ValueError):
        return raw.decode(used, "replace"), used


def _charset_by_looking(raw: bytes, charset: str | None) -> str:
    """Return the charset of `raw`: what it says it is, unless its bytes say that this cannot be."""
    for mark, meant in _MARKS:
        if raw.startswith(mark):
            return meant
    if charset in (
        None,
        "ascii",
    ):  # with a byte that ASCII does not have, the word was said without thought
        return _guess(raw)
    if _SINGLE_BYTE.match(charset) and not raw.isascii() and _is_utf8(raw):
        return "utf-8"  # nobody writes valid UTF-8 by accident
    if charset == "utf-8" and not _is_nearly_utf8(raw):
        return _guess(raw)
    if charset.startswith(("utf_16", "utf-16")):
        return _end_of_utf16(raw)
    return _JAPANESE if charset.startswith(_JAPANESE) else charset


_JAPANESE = "iso2022_jp"


# UTF-32 first: its mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def _end_of_utf16(raw: bytes) -> str:
    """Return which end comes first, of a text without a mark: most of any text has a NUL in the other half."""
    sample = raw[:_SAMPLE_BYTES]
    if not sample.count(0):
        return "utf-8"  # it only says that it is
    return "utf-16-le" if sample[1::2].count(0) >= sample[0::2].count(0) else "utf-16-be"


def _japanese(raw: bytes) -> str:
    """Return the text of ISO-2022-JP as it is really written: with the signs that Windows added (CP50221)."""
    parts: list[str] = []
    mode = b""
    for piece in re.split(rb"(\x1b(?:\$[@B]|\([BJI]))", raw):
        if piece.startswith(b"\x1b"):
            mode = piece[1:]
        elif mode.startswith(b"$"):
            # A line may end in the middle of it; two bytes make a character.
            runs = re.findall(rb"[\x21-\x7e]+|[^\x21-\x7e]+", piece)
            parts += (_kanji(one) for one in runs)
        elif mode == b"(I":
            parts.append(bytes(one | 0x80 for one in piece).decode("cp932", "replace"))
        else:
            parts.append(piece.decode("cp932", "replace"))
    return "".join(parts)


def _kanji(words: bytes) -> str:
    """Return characters of JIS X 0208 by way of Shift JIS, in which Python knows those of Windows too."""
    if len(words) == 1 or not _FIRST_ROW <= words[0] <= _LAST_ROW:
        return words.decode("ascii", "replace")
    out, half = bytearray(), words[len(words) & ~1 :]  # of a character that broke off
    for row, cell in zip(words[0::2], words[1::2], strict=False):
        lead = (row - _FIRST_ROW) // 2 + (0x81 if row < _ROW_OF_THE_GAP else 0xC1)
        odd = cell + (0x1F if cell < _CELL_OF_THE_GAP else 0x20)
        out += bytes((lead, odd if row % 2 else cell + 0x7E))
    return out.decode("cp932", "replace") + half.decode("ascii", "replace")


# Where the tables of Shift JIS leave out what is ASCII or half-width.
_FIRST_ROW, _LAST_ROW, _ROW_OF_THE_GAP, _CELL_OF_THE_GAP = 0x21, 0x7E, 0x5F, 0x60


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _is_nearly_utf8(raw: bytes) -> bool:
    """Whether a broken UTF-8 text is one with a few broken places, not another charset altogether."""
    lost = raw.decode("utf-8", "replace").count("\ufffd")
    beyond = sum(byte > _LAST_ASCII for byte in raw)
    return lost * 4 <= beyond or lost == 0


def _guess(raw: bytes) -> str:
    if b"\x1b$" in raw or b"\x1b(" in raw:
        return _JAPANESE
    if _is_utf8(raw):
        return "utf-8"
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
