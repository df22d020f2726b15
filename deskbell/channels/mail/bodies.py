"""The parts of a letter put together: one text, one HTML, and the files beside them.

Pure but for the files, which go into a folder that it is given.  Called by parse.py.
"""

from __future__ import annotations

import mimetypes
import re
from base64 import b64decode
from binascii import Error as Base64Error
from dataclasses import dataclass, field, replace
from email.generator import BytesGenerator
from email.message import Message
from email.policy import compat32
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote_to_bytes

from deskbell.channels.inbound import InboundFile, Named
from deskbell.channels.mail import decode, plain, quotes, quotes_html, safe_html, tnef, uu
from deskbell.channels.mail.addresses import addresses_of
from deskbell.channels.mail.decode import header_text, one_line, raw_bytes, text_of
from deskbell.channels.mail.invitation import Invitation, as_words, invitation_of

# A longer text is cut where it is shown, and comes whole as a file beside it.
MAX_TEXT_BYTES = 1_000_000
_MAX_NAME = 200
_MAX_ENDING = 10
_MAX_ID = 500
_ANY = "application/octet-stream"

_EXTENSIONS = {
    "text/plain": ".txt",
    "text/html": ".html",
    "text/calendar": ".ics",
    "text/csv": ".csv",
    "text/vcard": ".vcf",
    "text/x-vcard": ".vcf",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/svg+xml": ".svg",
    "application/pdf": ".pdf",
    "application/zip": ".zip",
    "message/rfc822": ".eml",
    "message/delivery-status": ".txt",
    "message/disposition-notification": ".txt",
    "text/rfc822-headers": ".txt",
    "application/pkcs7-signature": ".p7s",
    "application/pgp-signature": ".asc",
}


@dataclass(frozen=True, slots=True)
class Body:
    """What a letter says: the new text and HTML (safe), what it repeats, and its files.

    letters  who wrote the letters that are attached to it
    repairs  what had to be set right, as codes with what they are about
    """

    text: str
    html: str
    quoted: str
    files: tuple[InboundFile, ...]
    invitation: Invitation | None = None
    letters: tuple[Named, ...] = ()
    repairs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Block:
    """A piece of the body in one form or in both."""

    text: str | None = None
    html: str | None = None


@dataclass(slots=True)
class _Found:
    """What the walk through the parts has gathered."""

    folder: Path
    files: list[InboundFile] = field(default_factory=list)
    packed: list[_Block] = field(default_factory=list)  # the words of a winmail.dat
    invitation: Invitation | None = None
    letters: list[Named] = field(default_factory=list)
    repairs: list[tuple[str, str]] = field(default_factory=list)


def body_of(message: Message, folder: Path, *, forwarded: bool) -> Body:
    """Return the body of `message`; its files are written into `folder`.

    forwarded  the letter hands on another one, which is then no quote
    """
    found = _Found(folder)
    blocks = [block for block in _blocks(message, found) if block.text or block.html]
    if not any((block.text or block.html or "").strip() for block in blocks):
        blocks = found.packed or blocks
    html, html_quoted = _html(blocks, forwarded=forwarded)
    text = _joined_text(blocks)
    if text is None:
        text, quoted = plain.text_of_html(html), plain.text_of_html(html_quoted)
    elif forwarded:
        text, quoted = plain.tidy(text), ""
    else:
        text, quoted = quotes.split_text(text)
        if html_quoted and not quoted:
            # The marks in HTML know quotes in languages of which the words are not known here.
            text, quoted = plain.text_of_html(html), plain.text_of_html(html_quoted)
    if html and not text.strip():
        text = plain.text_of_html(html)
    if found.invitation and not (text.strip() or html or quoted):
        text = as_words(found.invitation)
    shown = safe_html.cids(html) | safe_html.cids(html_quoted)
    files = tuple(
        replace(file, inline=True) if file.content_id in shown else file for file in found.files
    )
    return Body(
        text,
        html,
        quoted,
        files,
        found.invitation,
        tuple(dict(found.letters).items()),
        tuple(dict.fromkeys(found.repairs)),
    )


def _html(blocks: list[_Block], *, forwarded: bool) -> tuple[str, str]:
    """Return the safe HTML of what is new and of what is repeated; "" when no block has HTML."""
    if not any(block.html for block in blocks):
        return "", ""
    joined = "\n".join(block.html or plain.html_of_text(block.text or "") for block in blocks)
    try:
        tree = safe_html.tree_of(joined)
    except safe_html.TooDeep:
        return plain.html_of_text(plain.words_of_anything(joined)), ""
    safe_html.hold_back_pictures(tree)
    quoted = "" if forwarded else quotes_html.split_html(tree)
    return safe_html.sanitised(safe_html.inner(tree)).strip(), safe_html.sanitised(quoted)


def _joined_text(blocks: list[_Block]) -> str | None:
    """Return the plain text of all blocks; None when there is none but what HTML says."""
    if not any((block.text or "").strip() for block in blocks):
        return None
    return "\n\n".join(
        block.text or plain.text_of_html(_safely(block.html or "")) for block in blocks
    )


def _safely(html: str) -> str:
    try:
        return safe_html.clean(html)
    except safe_html.TooDeep:
        return safe_html.sanitised(plain.html_of_text(plain.words_of_anything(html)))


def _blocks(part: Message, found: _Found) -> list[_Block]:
    kind = part.get_content_type()
    children = children_of(part)
    if part.get_content_maintype() == "multipart" and children:
        if kind == "multipart/alternative":
            return _alternative(children, found)
        return [block for child in children for block in _blocks(child, found)]
    if _is_body(part, kind):
        return [_text_block(part, kind, found)]
    _add_file(part, kind, found)
    return []


def children_of(part: Message) -> list[Message]:
    """Return the parts that `part` is made of; none when it holds bytes."""
    # Asked first: get_payload() decodes what is no list, and falls over a charset with a NUL in its name.
    payload = part.get_payload() if part.is_multipart() else ()
    return [one for one in payload if isinstance(one, Message)]


def _alternative(children: list[Message], found: _Found) -> list[_Block]:
    """Return one block with the best text and the best HTML of the alternatives."""
    texts: list[str] = []
    htmls: list[str] = []
    for child in children:
        for block in _blocks(child, found):
            if block.text:
                texts.append(block.text)
            if block.html:
                htmls.append(block.html)
    return [_Block("\n\n".join(texts) or None, "\n".join(htmls) or None)]


def _is_body(part: Message, kind: str) -> bool:
    """Whether the part is words of the letter itself rather than a file that came along."""
    if part.get_content_maintype() == "multipart":
        return True  # a multipart in which no part was found: its text is better than nothing
    if kind not in ("text/plain", "text/html", "text/enriched", "text/richtext"):
        return False
    return part.get_content_disposition() != "attachment" and not _raw_name(part)


def _text_block(part: Message, kind: str, found: _Found) -> _Block:
    raw = bytes_of(part)
    if len(raw) > MAX_TEXT_BYTES:
        _add_file(part, kind, found)
        found.files[-1] = replace(found.files[-1], is_words=True)
        raw = raw[:MAX_TEXT_BYTES]
    text = _words(part, raw, found)
    if kind == "text/html":
        return _Block(html=text) if len(raw) < MAX_TEXT_BYTES else _Block(_cut_html(text))
    if kind in ("text/enriched", "text/richtext"):
        text = plain.text_of_enriched(text)
    if _param(part, "format").lower() == "flowed":
        text = plain.unflow(text, delete_space=_param(part, "delsp").lower() == "yes")
    text, files = uu.split(text)
    for file in files:
        _keep(found, file.name, mimetypes.guess_type(file.name)[0] or _ANY, file.data)
    return _Block(text=text + "\n…" if len(raw) >= MAX_TEXT_BYTES else text)


def _words(part: Message, raw: bytes, found: _Found) -> str:
    charset = _param(part, "charset") or _named_in_html(part, raw) or None
    text, used = decode.read(raw, charset)
    if decode.is_repaired(raw, charset, used):
        found.repairs.append(("charset", f"{one_line(charset or '')[:60]} → {used}"))
    return text


def _named_in_html(part: Message, raw: bytes) -> str:
    """Return the charset that a page names in its head; what stands in the letter's headers goes before it."""
    if part.get_content_type() != "text/html":
        return ""
    match = _META.search(raw[:_HEAD_OF_HTML])
    return match[1].decode("ascii") if match else ""


_HEAD_OF_HTML = 2_000
_META = re.compile(rb"<meta[^<>]{0,200}charset\s*=\s*[\"']?([\w.:-]{2,40})", re.IGNORECASE)


def _cut_html(html: str) -> str:
    return plain.words_of_anything(html) + "\n…"


def _add_file(part: Message, kind: str, found: _Found) -> None:
    raw = bytes_of(part)
    cid = one_line(header_text(str(part.get("content-id", "")))).strip("<> ")[:_MAX_ID]
    if not raw and not _raw_name(part):
        return
    type_ = kind if re.fullmatch(r"[\w.+-]{1,70}/[\w.+-]{1,70}", kind) else _ANY
    name = _name_of(part, type_, len(found.files) + 1)
    if (type_ in tnef.KINDS or name.lower() == "winmail.dat") and _unpacked(raw, found):
        return
    if type_ in ("text/calendar", "application/ics") and found.invitation is None:
        found.invitation = invitation_of(raw, _param(part, "charset") or None)
    if type_ == "message/rfc822":
        found.letters += _writers_of(raw)
    _keep(found, name, type_, raw, cid)


def _keep(found: _Found, name: str, kind: str, raw: bytes, content_id: str = "") -> None:
    path = found.folder / str(len(found.files) + 1)
    path.write_bytes(raw)
    found.files.append(InboundFile(name, kind, path, len(raw), content_id=content_id))


def _unpacked(raw: bytes, found: _Found) -> bool:
    """Put what a winmail.dat holds beside the other files; False when it must stay one itself."""
    try:
        packed = tnef.open_(raw)
    except tnef.NotOpened as reason:
        found.repairs.append((str(reason), ""))
        return False
    if packed.text or packed.html:
        found.packed.append(_Block(packed.text or None, packed.html or None))
    for named, data in packed.files:
        name = _short(_last_of_path(one_line(named))) or f"file-{len(found.files) + 1}.bin"
        _keep(found, name, mimetypes.guess_type(name)[0] or _ANY, data)
    found.repairs.append(("tnef_opened", ""))
    return True


def _writers_of(letter: bytes) -> list[Named]:
    head = letter[:_HEAD_OF_LETTER].replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    author = re.search(rb"^from:(.*(?:\n[ \t].*)*)", head, re.IGNORECASE | re.MULTILINE)
    return list(addresses_of(author[1].decode("utf-8", "surrogateescape"))[:1]) if author else []


_HEAD_OF_LETTER = 20_000


def bytes_of(part: Message) -> bytes:
    """Return what a part holds, decoded; of a letter inside, the letter as it stands."""
    children = children_of(part)
    encoding = re.sub(r"[^a-z0-9]", "", str(part.get("content-transfer-encoding", "")).lower())
    if children:
        inside = b"\n".join(_flat(child) for child in children)
        # Forbidden for a letter in a letter, and done all the same.
        return _decoded(inside) if encoding in ("base64", "xbase64") else inside
    if encoding in _ENCODINGS:
        # Said in words of their own: "base-64", "quoted printable", "x-base64".
        part.replace_header("Content-Transfer-Encoding", _ENCODINGS[encoding])
    if encoding == "base64":
        _without_footer(part)
    decoded = part.get_payload(decode=True)
    return decoded if isinstance(decoded, bytes) else raw_bytes(str(part.get_payload() or ""))


def _decoded(packed: bytes) -> bytes:
    try:
        return b64decode(packed.strip(), validate=False)
    except Base64Error:
        return packed


_ENCODINGS = {
    "xbase64": "base64",
    "base64": "base64",
    "quotedprintable": "quoted-printable",
    "qp": "quoted-printable",
    "xuue": "uuencode",
    "xuuencode": "uuencode",
}


def _without_footer(part: Message) -> None:
    """Take off what a list has written in plain words below a text in base64: it would spoil its end."""
    payload = part.get_payload()
    if isinstance(payload, str) and (
        end := re.search(r"^_{10,}[ \t]*\r?$|^--[ \t]*\r?$", payload, re.MULTILINE)
    ):
        part.set_payload(payload[: end.start()])


def _flat(message: Message) -> bytes:
    out = BytesIO()
    policy = compat32.clone(max_line_length=0)
    try:
        BytesGenerator(out, mangle_from_=False, policy=policy).flatten(message)
    except UnicodeEncodeError:
        # The package cannot write every broken letter that it reads: what is lost are single bytes.
        return message.as_string().encode("utf-8", "replace")
    return out.getvalue()


def _name_of(part: Message, kind: str, number: int) -> str:
    name = _last_of_path(one_line(_raw_name(part)))
    if not name and kind == "message/rfc822":
        inner = children_of(part)
        if inner:
            subject = one_line(header_text(str(inner[0].get("subject", ""))))
            name = re.sub(r'[/\\:*?"<>|]', "_", subject)[: _MAX_NAME - 4].strip(". ")
            name = f"{name}.eml" if name else ""
    return _short(name) or f"file-{number}{_EXTENSIONS.get(kind, '.bin')}"


def _last_of_path(name: str) -> str:
    # Only the last piece of a path, whichever way it is written, and nothing that hides its ending.
    return re.split(r"[/\\]", name)[-1].strip(". ")


def _short(name: str) -> str:
    if len(name) <= _MAX_NAME:
        return name
    stem, dot, ending = name.rpartition(".")
    keep = f".{ending}" if dot and len(ending) <= _MAX_ENDING else ""
    return (stem if keep else name)[: _MAX_NAME - len(keep)] + keep


def _raw_name(part: Message) -> str:
    """Return the name that the part gives itself, by RFC 2231, by RFC 2047, or by neither."""
    for header, parameter in (("content-disposition", "filename"), ("content-type", "name")):
        try:
            parameters = _readable(part, header).get_params([], header=header)
        except (ValueError, LookupError, TypeError):  # broken RFC 2231 pieces
            continue
        found = [value for name, value in parameters if name.lower() == parameter]
        # Who writes both writes the plain one for programs that know no better.
        found.sort(key=lambda value: not isinstance(value, tuple))
        if found and (name := _decoded_name(found[0])):
            return name
    return ""


def _decoded_name(value: str | tuple[str | None, str | None, str]) -> str:
    if isinstance(value, tuple):
        charset, _language, words = value
        # The email package decodes the percent signs into Latin-1.
        return text_of(words.encode("latin-1", "replace"), charset)
    name = header_text(value)
    match = re.fullmatch(r"([\w-]+)'[\w-]*'(.*)", name)
    return text_of(unquote_to_bytes(match[2]), match[1]) if match else name


def _readable(part: Message, header: str) -> Message:
    """Return a part with this header alone, its 8-bit bytes read as text; the package would lose them."""
    alone = Message()
    raw = next((str(value) for key, value in part.raw_items() if key.lower() == header), "")
    alone[header] = raw if raw.isascii() else text_of(raw_bytes(raw))
    return alone


def _param(part: Message, name: str) -> str:
    value = part.get_param(name)
    return value if isinstance(value, str) else ""
