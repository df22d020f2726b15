"""What came in by any channel, masked before anything of it is kept.  Called by channels before intake.content_of()."""

from __future__ import annotations

from dataclasses import replace

from deskbell.channels.inbound import Inbound, InboundFile, Named
from deskbell.masking.masks import Masking


def masked(inbound: Inbound, masking: Masking) -> Inbound:
    """Return `inbound` with its words masked, and names of files and of those it went to.

    Its sender's name is left: who that is may still have to be judged.
    A text that comes whole as a file is masked in its file; what is in other files is not looked at.
    Raises OSError.
    """
    text, quoted, html = masking.words(inbound.text, inbound.quoted, inbound.html)
    return replace(
        inbound,
        subject=masking.text(inbound.subject),
        text=text,
        quoted=quoted,
        html=html,
        to=_named(inbound.to, masking),
        cc=_named(inbound.cc, masking),
        files=tuple(_file(file, masking) for file in inbound.files),
    )


def _named(people: tuple[Named, ...], masking: Masking) -> tuple[Named, ...]:
    return tuple((address, masking.text(name)) for address, name in people)


def _file(file: InboundFile, masking: Masking) -> InboundFile:
    named = replace(file, name=masking.text(file.name))
    return _with_words_masked(named, masking) if file.is_words else named


def _with_words_masked(file: InboundFile, masking: Masking) -> InboundFile:
    """Return a file of words with its bytes masked.

    Of its charset it matters only that digits and letters are those of ASCII; other bytes stay as they are.
    """
    told = file.path.read_bytes().decode("utf-8", "surrogateescape")
    is_html = file.content_type == "text/html"
    raw = (masking.any_html(told) if is_html else masking.text(told)).encode(
        "utf-8", "surrogateescape"
    )
    file.path.write_bytes(raw)
    return replace(file, size_bytes=len(raw))
