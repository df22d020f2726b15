"""The team's own words of the desk's letters: kept by department and language, chosen when a letter leaves.

Which letters, and which places they have, stands in wording.py.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from deskbell.database.prepared import Prepared
from deskbell.errors import BadInput
from deskbell.people.models import Department, OwnWords
from deskbell.people.wording import PLACES, checked_wording

# Stands for every language that has no words of its own.
EVERY_LANGUAGE = ""


def words_for(letter: str, department_id: int, language: str, *, besides_here: bool = False) -> str:
    """Return the words of a letter that the team wrote; "" where the desk's own hold.

    The department's before those for all departments, and of each those of the language before those for every one.

    department_id  0 for all departments
    besides_here   what would hold if nothing were written in this very place
    """
    found = _candidates(letter, department_id)
    fits = [one for one in found if one.language in (language, EVERY_LANGUAGE)]
    if besides_here:
        here = (department_id, language)
        fits = [one for one in fits if (one.department_id or 0, one.language) != here]
    fits.sort(key=lambda one: (one.department_id is None, one.language == EVERY_LANGUAGE))
    return fits[0].text if fits else ""


def written(letter: str, department: Department | None, language: str) -> str:
    """Return what is written in this very place; "" for nothing.  None as department is all of them."""
    here = OwnWords.objects.filter(letter=letter, department=department, language=language)
    return here.values_list("text", flat=True).first() or ""


def write(
    letter: str, department: Department | None, language: str, text: str, *, field: str = "words"
) -> None:
    """Keep words of a letter; "" takes those that were there away, and the next that fit hold.

    field  what a refusal is said beside
    Raises BadInput.
    """
    _require_known(letter, language, field)
    clean = checked_wording(text, field, letter)
    if clean:
        OwnWords.objects.update_or_create(
            letter=letter, department=department, language=language, defaults={"text": clean}
        )
    else:
        OwnWords.objects.filter(letter=letter, department=department, language=language).delete()


def of_department(department: Department, letter: str) -> dict[str, str]:
    """Return the department's own words of a letter by language; a prefetched `own_words` costs no query."""
    return {one.language: one.text for one in department.own_words.all() if one.letter == letter}


def replace(department: Department, letter: str, words: Mapping[str, str]) -> None:
    """Make `words`, language → text, all that the department has of a letter.  Raises BadInput by letter_language."""
    with transaction.atomic():
        OwnWords.objects.filter(letter=letter, department=department).delete()
        for language, text in words.items():
            write(letter, department, language, text, field=f"{letter}_{language}")


def _require_known(letter: str, language: str, field: str) -> None:
    if letter not in PLACES:
        raise BadInput(field, _("Choose one of these."))
    if language not in (EVERY_LANGUAGE, *(code for code, _name in settings.LANGUAGES)):
        raise BadInput(field, _("The desk does not know this language."))


_candidates = Prepared(
    lambda letter, department: OwnWords.objects.filter(
        Q(department=department) | Q(department=None), letter=letter
    )
)
