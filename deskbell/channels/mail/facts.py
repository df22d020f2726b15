"""What a letter tells beside its words: who wrote it through whom, its signature, an invitation, whom it hands on.

Kept on the message as JSON values, worded when read.  Shown, and trusted for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from deskbell import languages
from deskbell.channels.inbound import Named
from deskbell.channels.mail.invitation import Invitation
from deskbell.channels.mail.parse import Parsed
from deskbell.channels.mail.reasons import MUTES
from deskbell.channels.mail.report import Report
from deskbell.channels.mail.senders import Writer
from deskbell.masking import rules

Facts = Mapping[str, Any]


def facts_of(
    parsed: Parsed, writer: Writer, inside: Named | None, mute: str = ""
) -> dict[str, Any]:
    """Return what is worth telling of a letter; {} of most.

    mute    why no machine may answer it, as a code: told where nothing else on the ticket tells it
    inside  who wrote the letter that one of ours hands on; None when nobody is to be offered
    """
    signature = parsed.signature
    found: dict[str, Any] = {
        "writer": _of_writer(writer),
        "signature": signature
        and {
            "kind": signature.kind,
            "result": signature.result,
            "address": signature.address,
            "name": signature.name,
        },
        "encrypted": parsed.encrypted,
        "invitation": parsed.invitation and _of_invitation(parsed.invitation),
        "report": parsed.report and _of_report(parsed.report),
        "inside": inside and list(inside),
        "mute": mute if mute == "spam" else "",
    }
    return {name: value for name, value in found.items() if value}


def masked(value: Any, mask: Callable[[str], str]) -> Any:
    """Return facts with what people wrote in them masked: their names, what an event is about and where."""
    match value:
        case Mapping():
            return {
                name: mask(one) if name in _WORDS and isinstance(one, str) else masked(one, mask)
                for name, one in value.items()
            }
        case [str() as address, str() as name] if "@" in address:
            return [address, mask(name)]
        case list():
            return [masked(one, mask) for one in value]
        case _:
            return value


_WORDS = frozenset({"name", "summary", "place"})


def sentences(facts: Facts) -> list[str]:
    """Return what is told of a message beside words and signature, a sentence each, in the reader's language."""
    told = (
        _writer_words(facts.get("writer")),
        _encrypted_words(facts.get("encrypted", "")),
        *(_failure_words(one) for one in facts.get("report", ())),
        _mute_words(facts.get("mute", "")),
        _masked_words(facts.get("masked", ())),
    )
    return [sentence for sentence in told if sentence]


def _of_writer(writer: Writer) -> dict[str, Any] | None:
    if writer.rule in ("from", "nobody") and not writer.through[0] and not writer.answers_to:
        return None
    return {
        "address": writer.address,
        "name": writer.name,
        "rule": writer.rule,
        "proved": writer.proved,
        "through": list(writer.through),
        "answers_to": writer.answers_to,
    }


def _of_invitation(event: Invitation) -> dict[str, Any]:
    return {
        "method": event.method,
        "answer": event.answer,
        "summary": event.summary,
        "starts": event.starts and event.starts.isoformat(),
        "ends": event.ends and event.ends.isoformat(),
        "is_whole_day": event.is_whole_day,
        "is_floating": event.is_floating,
        "place": event.place,
        "organiser": list(event.organiser),
        "guests": [list(one) for one in event.guests],
        "repeats": event.repeats,
    }


# As many addresses of one report are told of.
_MOST_FAILURES = 10


def _of_report(report: Report) -> list[dict[str, str]]:
    return [
        {"address": one.address, "action": one.action, "status": one.status}
        for one in report.failures[:_MOST_FAILURES]
    ]


_WRITTEN: dict[str, Promise] = {
    "google_group": gettext_lazy("Written by {writer} through the list {through}."),
    "list_in_from": gettext_lazy("Written by {writer} through the list {through}."),
    "own_address": gettext_lazy(
        "Written by {writer}, sent by a form or program from our own address {through}."
    ),
    "robot": gettext_lazy("Written by {writer}, sent by a form or program from {through}."),
    "sender": gettext_lazy("It has no “From”; {writer} stands as the one who sent it."),
    "reply_to": gettext_lazy("It has no “From”; {writer} stands as the one to answer."),
    "return_path": gettext_lazy("It has no “From”; what cannot be delivered goes to {writer}."),
    "from_undone": gettext_lazy("A server on the way had written its sender as {proved}."),
}


def _writer_words(writer: Facts | None) -> str:
    if not writer:
        return ""
    address, name = writer["through"]
    words = _WRITTEN.get(
        writer["rule"], gettext_lazy("Sent by {through} for {writer}.") if address else ""
    )
    told = str(words).format(
        writer=named(writer["name"], writer["address"]),
        through=named(name, address),
        proved=writer["proved"],
    )
    if writer["answers_to"]:
        asks = _("Its writer asks for answers at {address}.").format(address=writer["answers_to"])
        return f"{told} {asks}".strip()
    return told


def _encrypted_words(encrypted: str) -> str:
    match encrypted:
        case "opened":
            return _("It came encrypted and was opened with a key of this desk.")
        case "closed":
            return _("It is encrypted, and no key of this desk opens it.")
        case _:
            return ""


def _mute_words(mute: str) -> str:
    if not mute:
        return ""
    why = {"why": MUTES[mute]}
    return _("Nobody was told by itself that it has come: %(why)s") % why


def _masked_words(masked: Iterable[tuple[int, str, int]]) -> str:
    found = [
        f"{name or rules.name_of_cards()} ({times})" if times > 1 else name or rules.name_of_cards()
        for _number, name, times in masked
    ]
    return _("Masked before it was kept: {rules}").format(rules=", ".join(found)) if found else ""


_SIGNED: dict[str, Promise] = {
    "valid": gettext_lazy("Signed by {who}; nothing in it was changed ({kind})."),
    "other": gettext_lazy(
        "Signed by {who}, who is not the one in “From”; nothing in it was changed ({kind})."
    ),
    "unknown": gettext_lazy(
        "Signed as {who}, and nothing in it was changed; but nobody that we know vouches for who that is ({kind})."
    ),
    "broken": gettext_lazy(
        "Its signature is broken: what came is not what was signed, by a server on the way or by a forger ({kind})."
    ),
    "not_checked": gettext_lazy("It is signed, and the signature could not be checked ({kind})."),
}
_KINDS = {"smime": "S/MIME", "pgp": "PGP"}


def signature_words(signature: Facts) -> str:
    """Return what a signature is worth, as a sentence."""
    who = named(signature["name"], signature["address"]) or _("somebody without a name")
    return str(_SIGNED[signature["result"]]).format(who=who, kind=_KINDS[signature["kind"]])


def _failure_words(failure: Facts) -> str:
    words = {
        "failed": _("A mail server reports that a letter to {address} could not be delivered."),
        "delayed": _("A mail server reports that a letter to {address} is late."),
    }.get(failure["action"], _("A mail server reports on a letter to {address}."))
    return words.format(address=failure["address"])


def named(name: str, address: str) -> str:
    """Return a person as one reads them: "Emil Novak <emil@acme.example>"."""
    return f"{name} <{address}>" if name and address else name or address


_METHODS: dict[str, Promise] = {
    "request": gettext_lazy("Invitation"),
    "add": gettext_lazy("Invitation"),
    "publish": gettext_lazy("Date in the calendar"),
    "cancel": gettext_lazy("Cancelled"),
    "reply": gettext_lazy("Answer to an invitation"),
    "counter": gettext_lazy("Another time is proposed"),
    "declinecounter": gettext_lazy("The other time is declined"),
}
_ANSWERS: dict[str, Promise] = {
    "accepted": gettext_lazy("Accepted"),
    "declined": gettext_lazy("Declined"),
    "tentative": gettext_lazy("Accepted provisionally"),
    "delegated": gettext_lazy("Handed on to somebody else"),
}


def invitation_title(event: Facts) -> str:
    """Return what an event in a calendar asks: an invitation, a cancellation, an answer."""
    return str(_ANSWERS.get(event["answer"]) or _METHODS[event["method"]])


def invitation_when(event: Facts) -> str:
    """Return when an event is, in the reader's zone; days and floating times as they stand."""
    if not event["starts"]:
        return ""
    begins, ends = _local(event, "starts"), _local(event, "ends")
    if event["is_whole_day"]:
        return languages.day(begins, with_year=True)
    told = _dated(begins)
    return told if ends is None else f"{told} – {_dated(ends)}"


def invitation_moments(event: Facts) -> dict[str, datetime]:
    """Return the instants that `invitation_when` tells, by its words for each; none that are the same everywhere."""
    if event["is_whole_day"] or event["is_floating"]:
        return {}
    moments = [one for which in ("starts", "ends") if (one := _local(event, which))]
    return {_dated(one): one for one in moments}


def _dated(at: datetime) -> str:
    return f"{languages.day(at, with_year=True)} {languages.time_of_day(at)}"


def _local(event: Facts, which: str) -> Any:
    if not event[which]:
        return None
    moment = datetime.fromisoformat(event[which])
    return moment if event["is_floating"] else timezone.localtime(moment)
