"""Canned answers: whose they are, who may use and change which, and how they are kept.

For the pages of agents and the API.  Nothing here touches a ticket: what comes of an answer is a message like any.
Who may is decided in whose.py.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from deskbell.errors import BadInput
from deskbell.knowledge import whose
from deskbell.knowledge.filling import PLACES
from deskbell.knowledge.models import CannedAnswer, CannedFile, CannedText
from deskbell.people.accounts import checked_name
from deskbell.people.actors import Actor
from deskbell.people.models import Agent, Department
from deskbell.people.wording import require_known_places, without_places
from deskbell.search.words import STEMMERS, folded_word, mark, split, stems_of
from deskbell.tickets import files
from deskbell.tickets.content import NewFile

# Letters of one text; with looks, the tags count too.
LONGEST, LONGEST_HTML = 20_000, 100_000
MOST_FILES = 20


@dataclass(frozen=True, slots=True)
class Said:
    """What is said in one language; html: the same with its looks, already safe, "" where it has none."""

    plain: str
    html: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A canned answer as somebody wants it.

    texts              language → what it says there; a language without words is left out
    owner, department  whose it is; everybody's where both are None
    more_files         that go along from now on
    less_files         the numbers of those that do so no longer
    """

    name: str
    texts: Mapping[str, Said] = field(default_factory=dict)
    folder: str = ""
    abbreviation: str = ""
    owner: Agent | None = None
    department: Department | None = None
    more_files: Sequence[NewFile] = ()
    less_files: Collection[int] = ()


def usable(by: Actor) -> QuerySet[CannedAnswer]:
    """Return what an agent may put into an answer: their own, those of departments they see, everybody's."""
    return whose.usable(CannedAnswer.objects.all(), by)


def listed(by: Actor, *, shares: bool) -> QuerySet[CannedAnswer]:
    """Return what an agent may look at, archived too where they may change it (whose.py)."""
    return whose.listed(CannedAnswer.objects.all(), by, shares=shares)


def one_of(by: Actor, number: int, *, shares: bool) -> CannedAnswer:
    """Return the canned answer of this number, which the agent may look at.  Raises NotFound."""
    return whose.one_of(CannedAnswer.objects.all(), by, number, shares=shares)


def make(wanted: Wanted, *, by: Actor) -> CannedAnswer:
    """Keep a new canned answer and return it.  Raises NotAllowed, BadInput."""
    with transaction.atomic():
        answer = CannedAnswer()
        whose.require_whose(wanted.owner, wanted.department, by)
        _write(answer, wanted, by)
    return answer


def change(answer: CannedAnswer, wanted: Wanted, *, by: Actor, seen: int | None = None) -> None:
    """Make a canned answer what is wanted, its texts too; how often it was used stays.

    seen  the version that the writer saw; None: they write over whatever it is
    Raises NotAllowed, BadInput, ChangedMeanwhile.
    """
    with transaction.atomic():
        whose.hold(answer, seen)
        whose.require_change(answer, by)
        whose.require_whose(wanted.owner, wanted.department, by)
        _write(answer, wanted, by)


def as_it_is(answer: CannedAnswer) -> Wanted:
    """Return an answer as somebody would want it who changes nothing."""
    return Wanted(
        answer.name,
        {one.language: Said(one.plain, one.html) for one in answer.texts.all()},
        folder=answer.folder,
        abbreviation=answer.abbreviation,
        owner=answer.owner,
        department=answer.department,
    )


def folders(by: Actor, *, shares: bool) -> list[str]:
    """Return the folders that an agent sees, by name."""
    return sorted(set(listed(by, shares=shares).values_list("folder", flat=True)) - {""})


def names_file(sha256: str) -> bool:
    """Return whether a file with this sum goes along with an answer: its bytes are needed."""
    return CannedFile.objects.filter(sha256=sha256).exists()


def _write(answer: CannedAnswer, wanted: Wanted, by: Actor) -> None:
    answer.name = checked_name(wanted.name, longest=whose.LONGEST_NAME)
    answer.folder = _line(wanted.folder, "folder", 100)
    answer.abbreviation = _line(wanted.abbreviation, "abbreviation", 30).replace(" ", "-")
    answer.abbreviation = answer.abbreviation.removeprefix("/")
    answer.owner, answer.department = wanted.owner, wanted.department
    said = {language: one for language, one in wanted.texts.items() if _is_sayable(language, one)}
    if not said:
        raise BadInput("text", _("Write something before you keep it."))
    answer.words = _found_by(f"{answer.abbreviation} {answer.name} {answer.folder}", said)
    whose.count_change(answer, by)
    answer.save()
    answer.texts.all().delete()
    CannedText.objects.bulk_create(
        CannedText(answer=answer, language=language, plain=one.plain.strip(), html=one.html)
        for language, one in said.items()
    )
    _write_files(answer, wanted)


def _found_by(called: str, said: Mapping[str, Said]) -> str:
    """Return the words and stems that an answer is found by.

    called  its name and the like, in any language
    """
    found = dict.fromkeys(_words_and_stems(called, tuple(STEMMERS)))
    for language, one in said.items():
        found |= dict.fromkeys(_words_and_stems(without_places(one.plain), (language,)))
    return " ".join(found)


def _words_and_stems(text: str, languages: Sequence[str]) -> Iterator[str]:
    for _start, _end, word in split(unicodedata.normalize("NFC", text)):
        if folded := folded_word(word):
            yield folded
            yield from (mark(*stem) for stem in stems_of(word, languages) if stem[1] != folded)


def _write_files(answer: CannedAnswer, wanted: Wanted) -> None:
    for file in answer.files.filter(pk__in=wanted.less_files):
        file.delete()
        files.shred_later(file.sha256)
    if answer.files.count() + len(wanted.more_files) > MOST_FILES:
        raise BadInput("files", _("These are too many files. {most} go along."), most=MOST_FILES)
    for new in wanted.more_files:
        answer.files.create(
            name=new.name[:255],
            content_type=new.content_type[:150],
            size_bytes=new.kept.size_bytes,
            sha256=new.kept.sha256,
        )


def _is_sayable(language: str, said: Said) -> bool:
    if language not in dict(settings.LANGUAGES):
        raise BadInput("language", _("The desk does not know this language."))
    require_known_places(said.plain, f"texts.{language}", PLACES, LONGEST)
    require_known_places(said.html, f"texts.{language}", PLACES, LONGEST_HTML)
    return bool(said.plain.strip())


def _line(text: str, name: str, longest: int) -> str:
    clean = " ".join(text.replace("\x00", "").split())
    if len(clean) > longest:
        raise BadInput(name, _("This is too long; %(n)d letters fit.") % {"n": longest})
    return clean
