"""What must come of a mail in tests/mails, as the tables in expected/ say it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Says:
    """What a mail says: text exactly, the others where they matter; None is not looked at.

    hidden      stands in what it repeats
    files       their names; those shown inside the HTML have a * before
    refused     the reason why it is not read
    repairs     what had to be set right
    inside      who wrote the letters that it hands on
    invitation  what a calendar asks: method, summary, when it starts and ends in UTC
    signature   its kind, what it is worth, and whose it is
    failed      the addresses that a report names, and whether for good; None: it is no report
    writer      who wrote it and by what rule, where help@desk.example is ours
    through     by whose hands it came
    """

    text: str | None = None
    hidden: str = ""
    subject: str | None = None
    sender: tuple[str, str] | None = None
    html: str | None = None
    files: tuple[str, ...] = ()
    answers: tuple[str, ...] | None = None
    refused: str = ""
    repairs: tuple[str, ...] | None = None
    inside: tuple[tuple[str, str], ...] | None = None
    invitation: tuple[str, str, str | None, str | None] | None = None
    signature: tuple[str, str, str] | None = None
    encrypted: str = ""
    failed: tuple[tuple[str, bool], ...] | None = None
    writer: tuple[str, str] | None = None
    through: str = ""
    answers_to: str = ""
