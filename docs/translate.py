"""Collects the texts for people, keeps the catalogue of each language up to date, and compiles it; `bin/translate`.

A text that is new stands in every catalogue without a translation, one that is gone leaves it; nothing is guessed
from texts that look alike.  Catalogues are ordered by their texts, so that a change shows as what it is.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages import mofile, pofile
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "deskbell" / "locale"
LANGUAGES = ("hu", "cs", "lv", "ru", "nl")

# Nobody asks a catalogue for its date, git knows it; a new one each time would be a change of its own.
FIXED = datetime(2026, 11, 28, tzinfo=UTC)

KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
}


def main(arguments: list[str]) -> int:
    """Collect and compile, or compile alone; return 1 while a language lacks something."""
    texts = collected() if arguments != ["compile"] else None
    lacking = 0
    for language in LANGUAGES:
        catalogue = read(language)
        if texts is not None:
            catalogue = updated(catalogue, texts)
            with path_of(language).open("wb") as file:
                pofile.write_po(file, catalogue, width=100, sort_output=True, ignore_obsolete=True)
        with path_of(language).with_suffix(".mo").open("wb") as file:
            mofile.write_mo(file, catalogue)
        missing = [message for message in catalogue if message.id and not is_whole(message)]
        lacking += len(missing)
        print(f"{language}: {len(catalogue)} texts, {len(missing)} without translation")
    return 1 if lacking else 0


def collected() -> Catalog:
    """Return every text of the code and the templates."""
    catalogue = Catalog(project="Deskbell", charset="utf-8")
    with (LOCALE / "babel.cfg").open() as file:
        mapping, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    found = extract_from_dir(ROOT / "deskbell", mapping, options, KEYWORDS)
    for file_name, _line, message, _comments, context in found:
        catalogue.add(message, None, [(f"deskbell/{file_name}", 0)], context=context)
    return catalogue


def updated(catalogue: Catalog, texts: Catalog) -> Catalog:
    """Return the catalogue of a language with exactly these texts, each with the translation that it had."""
    made = Catalog(
        locale=catalogue.locale,
        project="Deskbell",
        version="",
        msgid_bugs_address="",
        last_translator="the makers of Deskbell",
        language_team="",
        charset="utf-8",
        fuzzy=False,
        header_comment="# Texts of Deskbell; bin/translate keeps them up to date.",
        creation_date=FIXED,
        revision_date=FIXED,
    )
    for text in texts:
        if not text.id:
            continue
        known = catalogue.get(text.id, context=text.context)
        places = sorted({(place, 0) for place, _line in text.locations})
        made.add(
            text.id,
            known.string if known is not None else None,
            [(place, None) for place, _line in places],  # type: ignore[misc]
            flags=text.flags - {"fuzzy"},
            context=text.context,
        )
    return made


def is_whole(message: object) -> bool:
    """Whether a message has its translation, in every plural form."""
    string = getattr(message, "string", None)
    if isinstance(string, tuple | list):
        return bool(string) and all(string)
    return bool(string)


def read(language: str) -> Catalog:
    """Return the catalogue of a language as it is in its file; an empty one where there is none yet."""
    path = path_of(language)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        return Catalog(locale=language, project="Deskbell", charset="utf-8")
    with path.open("rb") as file:
        return pofile.read_po(file, locale=language)


def path_of(language: str) -> Path:
    """Return where the catalogue of a language stands."""
    return LOCALE / language / "LC_MESSAGES" / "django.po"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
