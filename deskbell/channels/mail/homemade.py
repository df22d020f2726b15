"""Reports of failed letters that are no RFC 3464: each server has words of its own.

Called by report.py.  flufl.bounce knows some fifty of them; what it does not know is read by what all have in
common: the address stands above the returned letter, often with a status.  Pure; no letter makes it fail.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from typing import cast

from deskbell.channels.mail.addresses import addresses_of, bare
from deskbell.channels.mail.decode import header_text

# A report says what it has to say at its beginning; long lines and long letters would only cost time.
_READ_BYTES = 100_000
_LINE_BYTES = 1_000
_MOST_ADDRESSES = 50


@dataclass(frozen=True, slots=True)
class Blamed:
    """An address that a report names, and what it says of it.

    status   RFC 3463, like "5.1.1"; "" when it says none
    words    the line that says it
    is_late  the server goes on trying
    """

    address: str
    status: str
    words: str
    is_late: bool = False


def report_in(message: Message, raw: bytes, own_words: str) -> tuple[Blamed, ...] | None:
    """Return whom a server's report blames; () when it names nobody, None when `message` is none.

    raw        its bytes
    own_words  what its text says, without what it returns
    People write about such letters too: a server's name and such a subject stand in every report, or one of them
    and words that only a known server writes.
    """
    from_a_server, subject = _is_of_a_server(message), _subject(message)
    if from_a_server and _SUBJECT.search(subject):
        return blamed(message, raw, own_words)
    if from_a_server or _SURE_SUBJECT.search(subject):
        return _with_words(*_known(raw), own_words) or None
    return None


def blamed(message: Message, raw: bytes, own_words: str) -> tuple[Blamed, ...]:
    """Return the addresses that a report names; () when it names none."""
    late, failed = _known(raw)
    if not late and not failed:
        named = _named(message, _above_the_returned(own_words))
        late, failed = (named, []) if is_late(message, own_words) else ([], named)
    return _with_words(late, failed, own_words)


def _with_words(late: list[str], failed: list[str], own_words: str) -> tuple[Blamed, ...]:
    words = _above_the_returned(own_words)
    if _ONLY_A_WARNING.search(words):
        late, failed = [*late, *failed], []
    return (
        *(Blamed(one, *_said_of(one, words)) for one in failed),
        *(Blamed(one, *_said_of(one, words), is_late=True) for one in late),
    )


def _is_of_a_server(message: Message) -> bool:
    return_path = message.get("return-path")
    is_null = return_path is not None and not str(return_path).strip("<> ")
    return is_null or _SERVER.search(header_text(str(message.get("from", "")))) is not None


def _subject(message: Message) -> str:
    return header_text(str(message.get("subject", "")))


def is_late(message: Message, words: str) -> bool:
    """Whether the report says that its server goes on trying."""
    return _LATE.search(f"{_subject(message)}\n{_above_the_returned(words)}") is not None


def _known(raw: bytes) -> tuple[list[str], list[str]]:
    """Return the addresses that flufl.bounce finds: those that wait, those that failed."""
    # Imported late: most letters are none.
    from flufl.bounce import all_failures

    lines = (line[:_LINE_BYTES] for line in raw[:_READ_BYTES].splitlines())
    try:
        late, failed = all_failures(message_from_bytes(b"\n".join(lines), policy=compat32))
    except Exception:  # noqa: BLE001  written for other letters than strangers send: any error means "not known"
        return [], []
    return _clean(late), _clean(failed)


def _clean(found: object) -> list[str]:
    texts = (one.decode("utf-8", "replace") for one in cast("frozenset[bytes]", found))
    return sorted({address for text in texts if (address := bare(text))})[:_MOST_ADDRESSES]


def _named(message: Message, words: str) -> list[str]:
    """Return the addresses in the server's own words that are neither the server's nor ours."""
    envelope = {
        address
        for name in ("from", "to", "cc", "reply-to", "sender", "return-path", "delivered-to")
        for value in message.get_all(name, [])
        for address, _name in addresses_of(str(value))
    }
    found = (bare(match[0]) for match in _ADDRESS.finditer(words))
    wanted = (one for one in found if one and one not in envelope and not _SERVER.search(one))
    return list(dict.fromkeys(wanted))[:_MOST_ADDRESSES]


def _said_of(address: str, words: str) -> tuple[str, str]:
    """Return the status that stands nearest below the address, and the line that says why."""
    below = words.lower().find(address)
    near = words[below : below + 600] if below >= 0 else words[:600]
    status = _STATUS.search(near)
    line = next((one.strip() for one in near.splitlines() if _CODE.search(one)), "")
    return status[0] if status else _of_code(line), line[:500]


def _of_code(line: str) -> str:
    """Return what an SMTP code alone says of the status."""
    code = _CODE.search(line)
    return f"{code[1]}.0.0" if code else ""


def _above_the_returned(words: str) -> str:
    """Return the server's own words, without the letter that many return below them."""
    end = _RETURNED.search(words)
    return words[: end.start()] if end else words


_SERVER = re.compile(
    r"(?<![a-z])(mailer[-_. ]?daemon|mail[-_. ]?daemon|postmaster|mdaemon|daemon|bounces?|mail delivery (sub)?system"
    r"|maildelivery|microsoftexchange[0-9a-f]{8,}|no[-_]?reply|mail[-_.]?server|smtp|root|system administrator"
    r"|amavis|administrator|mail (router|administrator)|listserv|sympa)(?![a-z])",
    re.IGNORECASE,
)

# Subjects of reports in the languages whose servers write to us; enough only beside a server's name.
_SUBJECT = re.compile(
    r"\A\W*(failed|warning|error)\b|undeliver|un-?able to deliver|not (be )?deliver|non-?deliver|delivery"
    r"|returned? (mail|message|to sender|to you)"
    r"|failure (notice|notification)|mail (system )?(error|failed|failure|could not)|message (delivery|you sent|status)"
    r"|nondeliverable|warning: |rejected|bounce|user unknown|mailbox (full|unavailable)|delay"
    r"|unzustell|nicht zugestellt|nicht zustell|zustellung|fehlgeschlagen|verzögert"
    r"|non remis|non distribu|échec|non livr|retardé"
    r"|niet bezorgd|onbestelbaar|niet afgeleverd|kan niet worden|bezorging|vertraagd"
    r"|kézbesít|kézbesíthetetlen|visszaküld|késlelt"
    r"|nedoruč|doručen|nelze doruč|vráceno|zpožd"
    r"|не ?доставлен|недоставлен|доставк|возвращен|невозможно доставить|отклонен|задержк"
    r"|nevar piegādāt|nepiegādā|neizdevās piegādāt|piegāde"
    r"|non recapitabile|mancata consegna|no se puede entregar|devuelto|não entregue|niedostarczon|nie można dostarczyć",
    re.IGNORECASE,
)
# Subjects that nobody writes about a parcel.
_SURE_SUBJECT = re.compile(
    r"\A(undeliverable:|undelivered mail|non-?delivery( report)?:|returned mail\b"
    r"|mail (delivery|could not|system error)|delivery failure notification)|non remis\s+\(delivery failed\)",
    re.IGNORECASE,
)

_LATE = re.compile(
    r"warning[ -]+(message|only)|has(n't| not) (yet )?been delivered|will (continue to )?(try|retry)|will be retried"
    r"|keep (re)?trying|still (being )?(tried|trying)|delivery (status notification )?\(?delay|is delayed|delayed "
    r"|temporarily (delayed|deferred)|do not need to re-?send|no action is required|not yet been"
    r"|wird (weiter|erneut) versucht|weitere zustellversuche|verzögert|sera retent|nouvelles? tentatives?|retardé"
    r"|wordt (later )?opnieuw|vertraagd|újra megpróbál|késik|késlelt|bude (se )?(dále|znovu) (pokoušet|zkoušet)|zpožd"
    r"|повторн\w+ попыт|будет продолжать|задержан|tiks mēģināts|aizkavē",
    re.IGNORECASE,
)

# Of Sendmail, whose warnings differ from its failures by these words alone.
_ONLY_A_WARNING = re.compile(
    r"this is a warning message only|transient non-fatal errors", re.IGNORECASE
)

_RETURNED = re.compile(
    r"^[ \t>]*[-*=_+ ]{0,40}(?:(?:this is a |included is a |below this line is a )?copy of (?:the|your) message"
    r"|original message|original headers|returned (?:mail|message)|message headers? follow|message header for"
    r"|transcript|kopie der nachricht|ursprüngliche nachricht|message d'origine|oorspronkelijk bericht|eredeti üzenet"
    r"|původní zpráva|исходное сообщение|текст сообщения)|^[ \t>]*(?:received: from|return-path: |message-id: )",
    re.IGNORECASE | re.MULTILINE,
)
_ADDRESS = re.compile(r"[a-z0-9][\w.+=~'-]{0,63}@[a-z0-9][a-z0-9.-]{1,200}[a-z0-9]", re.IGNORECASE)
_STATUS = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b(?!\.)")
_CODE = re.compile(r"\b([45])\d\d[ -]")
