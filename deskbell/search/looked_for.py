"""Words that are looked for, and how each database is asked for them.  Pure but for the lookup at its end.

A word is found by itself and by its stems; a phrase word by word, as it stands; a word with a star by its beginning.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Lookup
from typing_extensions import override

from deskbell.search.models import WordsField
from deskbell.search.words import fold, mark, split, stems_of, words_of

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models.sql.compiler import SQLCompiler


@dataclass(frozen=True, slots=True)
class LookedFor:
    """Words that have to stand together in one document.

    text     as it was typed
    exact    as it stands; else a single word is found in its other forms, too
    prefix   the last word may go on
    kinds    of documents, as in models.Document; empty: of every kind
    by_them  they are of the name or address of the customer who wrote
    """

    text: str
    exact: bool = False
    prefix: bool = False
    kinds: tuple[str, ...] = ()
    by_them: bool = False

    @property
    def words(self) -> list[str]:
        """The folded words; empty when there is nothing to look for."""
        return words_of(self.text)

    def for_sqlite(self) -> str:
        """Return it in the language of FTS5 (SQLite manual, Full-text Query Syntax)."""
        parts = ["(" + " OR ".join(f'"{word}"' for word in one) + ")" for one in self._marks()]
        said = self._said()
        if said:
            whole = " ".join(said)
            star = " *" if self.prefix else ""
            either = [f'"{whole}"{star}', *(f'"{form}"' for form in self._forms())]
            parts.append("(" + " OR ".join(either) + ")")
        return " AND ".join(parts)

    def in_text(self) -> list[list[str]]:
        """Return what stands in the text of a document with a blank on either side of it: one of each list."""
        either = [[f" {word} " for word in one] for one in self._marks()]
        if said := self._said():
            whole = f" {' '.join(said)}{'' if self.prefix else ' '}"
            either.append([whole, *(f" {form} " for form in self._forms())])
        return either

    def for_postgres(self) -> str:
        """Return it as a tsquery is written (PostgreSQL manual, Text Search Types)."""
        parts = ["(" + " | ".join(f"'{word}'" for word in one) + ")" for one in self._marks()]
        said = self._said()
        if said:
            quoted = [f"'{word}'" for word in said]
            quoted[-1] += ":*" if self.prefix else ""
            either = [" <-> ".join(quoted), *(f"'{form}'" for form in self._forms())]
            parts.append("(" + " | ".join(f"({one})" for one in either) + ")")
        return " & ".join(parts)

    def _said(self) -> list[str]:
        return [] if self.by_them else self.words

    def _marks(self) -> list[list[str]]:
        """Return the marks that a document must have: one of each list."""
        of_kind = [[mark("kind", kind) for kind in self.kinds]] if self.kinds else []
        names = [[mark("from", word)] for word in self.words] if self.by_them else []
        return of_kind + names

    def _forms(self) -> list[str]:
        """Return what else a single word is found by."""
        written = [word for _, _, word in split(self.text)]
        if self.exact or self.prefix or len(written) != 1:
            return []
        stems = stems_of(written[0])
        forms = [mark(*stem) for stem in stems] + [stem for _, stem in stems]
        return sorted(set(forms) - {fold(written[0])})


@WordsField.register_lookup
class Says(Lookup):
    """`words__says=LookedFor(…)`: whether a document says what is looked for."""

    lookup_name = "says"
    prepare_rhs = False

    @override
    def get_db_prep_lookup(self, value: Any, connection: BaseDatabaseWrapper) -> Any:
        return ("%s", [value])

    @override
    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        words, params = self.process_lhs(compiler, connection)
        looked_for: LookedFor = self.rhs
        if connection.vendor == "postgresql":
            return f"{words} @@ %s::tsquery", [*params, looked_for.for_postgres()]
        # One document is at hand: its text is looked into, for asking the index about it takes a hundred times longer.
        either = looked_for.in_text()
        text = f"(' ' || {words} || ' ')"
        stands = [" OR ".join([f"instr({text}, %s) > 0"] * len(one)) for one in either]
        needles = [needle for one in either for needle in one]
        return " AND ".join(f"({one})" for one in stands), [*params * len(needles), *needles]
