"""What single lines say of an earlier letter: that it begins here, whom it quotes, that it is handed on.

Pure.  Called by quotes.py for plain text and by quotes_html.py for the lines of HTML.  Looks at few
lines of bounded length from any place, so that the whole takes a time in proportion to the letter.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from deskbell.channels.mail.quote_words import HANDED_ON, ORIGINAL, WROTE, bare, header_kind

# A line that names the one who is quoted is broken by mail programs into at most so many lines.
_LINES_OF_ATTRIBUTION = 5
_CHARACTERS_OF_ATTRIBUTION = 300
# Headers of the letter before stand within so many lines: recipients may fill some of them.
_LINES_OF_HEADERS = 10
_KINDS_OF_HEADERS = 3
_LONGEST_RULE = 120
_LONGEST_NAME = 60
_SHORTEST_RULE = 3

_QUOTED = re.compile(r" ?>")
_QUOTED_BY_INITIALS = re.compile(r" ?[^\W\d_a-zß-ÿ]{1,4}>")
_MANGLED = re.compile(r">From ")
_ADDRESS = re.compile(r"[\w.+-]@[\w-]")
_TIME = re.compile(r"\d{1,2}[:.h]\d\d(?!\d)|\d{1,2} ?(?:时|時|시)")
_DATE = re.compile(r"\d")
_ADDRESS_LAST = re.compile(r"@[^\s<>]{1,200}[>)\]]+ ?[:：]$")
_DASHES = re.compile(r"^-{2,}\s*|\s*-{2,}$")
_GROUPWISE = re.compile(r">>> .{3,200} >>>$")


def is_quoted(line: str) -> bool:
    """Whether `line` has the sign of a quote before it; ">From" is what mail boxes make of "From"."""
    return _QUOTED.match(line) is not None and _MANGLED.match(line) is None


def is_quoted_by_initials(line: str) -> bool:
    """Whether `line` has initials before the sign, as The Bat! writes it, or a bar."""
    return _QUOTED_BY_INITIALS.match(line) is not None or line.startswith("|")


def is_handed_on(line: str) -> bool:
    """Whether `line` says that the letter below it is handed on, and so is the news."""
    return len(line) < _LONGEST_RULE and HANDED_ON.match(bare(line).lstrip("> ")) is not None


def begins_letter(lines: Sequence[str], index: int) -> bool:
    """Whether at `index` begins an earlier letter that goes on to the end without signs before its lines."""
    line = lines[index]
    if not line.strip() or len(line) > _CHARACTERS_OF_ATTRIBUTION:
        return False
    if _is_rule(line):
        return _has_headers(_unquoted(_after_blank(lines, index + 1)))
    if _GROUPWISE.match(line):
        return _ADDRESS.search(line) is not None or _TIME.search(line) is not None
    if is_quoted(line):
        return False
    return (
        _is_original(line)
        or _has_headers(lines[index : index + _LINES_OF_HEADERS])
        or _names_writer_between_dashes(line)
        or _names_writer_of_all_below(lines, index)
    )


def attribution(lines: Sequence[str], end: int) -> int:
    """Return how many lines up to and with `end` say "On … Emil wrote:", or 0.

    As few as say it all, for above them may stand the writer's own words without a line between.
    """
    if len(lines[end]) > _CHARACTERS_OF_ATTRIBUTION or not _ends_in_colon(lines[end]):
        return 0
    fallback = 0
    for span in range(1, min(_LINES_OF_ATTRIBUTION, end + 1) + 1):
        if not lines[end - span + 1].strip() or is_quoted(lines[end - span + 1]):
            break
        joined = " ".join(bare(line) for line in lines[end - span + 1 : end + 1])
        if len(joined) > _CHARACTERS_OF_ATTRIBUTION:
            break
        if is_attribution(joined):
            if _is_dated(joined):
                return span
            fallback = fallback or span
    return fallback


def is_attribution(line: str) -> bool:
    """Whether `line` names the writer of the quote under it: who with a date or an address, and "wrote:"."""
    line = bare(line)
    if len(line) > _CHARACTERS_OF_ATTRIBUTION or not _ends_in_colon(line):
        return False
    has_address = _ADDRESS.search(line) is not None
    if WROTE.search(line) is not None:
        return has_address or _DATE.search(line) is not None
    return (
        has_address
        and (_ADDRESS_LAST.search(line) is not None or _is_dated(line))
        and _has_digits(line)
    )


def is_name_and_wrote(line: str) -> bool:
    """Whether `line` is "Emil Novák wrote:" and no more, as some have their program write it."""
    words = bare(line)
    if len(words) > _LONGEST_NAME or not _ends_in_colon(words):
        return False
    found = list(WROTE.finditer(words))
    return bool(found) and found[-1].end() >= len(words.rstrip(" :："))


def introduces(line: str) -> bool:
    """Whether `line` is a sentence that leads to what stands under it."""
    return _ends_in_colon(line)


def _ends_in_colon(line: str) -> bool:
    return bare(line)[-1:] in (":", "：")


def _is_dated(line: str) -> bool:
    return _TIME.search(line) is not None or _YEAR.search(line) is not None


_YEAR = re.compile(r"(?<!\d)(?:[12۱][09۹۰]\d\d)(?!\d)|\d[./]\d{1,2}[./]\d\d")


def _has_digits(line: str) -> bool:
    # Digits in the address itself are no date.
    return _DATE.search(re.sub(r"[<(\[]?[\w.+-]{1,100}@[\w.-]{1,200}[>)\]]?", "", line)) is not None


def _is_rule(line: str) -> bool:
    signs = set(line.strip())
    return len(line.strip()) >= _SHORTEST_RULE and signs in ({"_"}, {"-"}, {"="})


def _is_original(line: str) -> bool:
    return len(line) < _LONGEST_RULE and ORIGINAL.match(bare_rule(line)) is not None


def bare_rule(line: str) -> str:
    """Return `line` without spaces and bold, but with the dashes of a rule."""
    return bare(line) if not line.lstrip().startswith("_") else line.strip()


def _has_headers(lines: Sequence[str]) -> bool:
    """Whether the lines repeat the headers of a letter: who, when, and a subject or an address.

    Somebody's journey "From … To … Date …" has neither subject nor address.
    """
    if not lines or not header_kind(bare(lines[0])):
        return False
    kinds: set[str] = set()
    has_address = False
    for line in lines:
        if not line.strip() and len(kinds) >= _KINDS_OF_HEADERS:
            break
        kind = header_kind(bare(line))
        kinds.add(kind)
        has_address = has_address or (bool(kind) and _ADDRESS.search(line[:300]) is not None)
    kinds.discard("")
    return (
        {"from", "date"} <= kinds
        and len(kinds) >= _KINDS_OF_HEADERS
        and ("subject" in kinds or has_address)
    )


def _names_writer_between_dashes(line: str) -> bool:
    """Whether `line` is "---- On … Emil wrote ----", as Zoho and iNotes have it."""
    stripped = line.strip()
    if not (stripped.startswith("--") and stripped.endswith("--")):
        return False
    named = _DASHES.sub("", stripped).rstrip(" :")
    return is_attribution(f"{named}:")


def _names_writer_of_all_below(lines: Sequence[str], index: int) -> bool:
    """Whether "On … Emil <address> wrote:" begins at `index` over a letter without signs before its lines.

    An address and a moment: nobody writes both into a sentence of their own that ends in "wrote:".
    """
    for end in range(index, min(index + _LINES_OF_ATTRIBUTION, len(lines))):
        if not lines[end].strip():
            return False
        if not _ends_in_colon(lines[end]):
            continue
        if attribution(lines, end) != end - index + 1:
            return False
        joined = " ".join(bare(line) for line in lines[index : end + 1])
        following = _after_blank(lines, end + 1)
        return (
            _ADDRESS.search(joined) is not None
            and _is_dated(joined)
            and bool(following)
            and not is_quoted(following[0])
            and not is_quoted_by_initials(following[0])
        )
    return False


def _after_blank(lines: Sequence[str], index: int) -> Sequence[str]:
    # No letter has more empty lines in a row here: tidy() saw to it.
    while index < len(lines) and not lines[index].strip():
        index += 1
    return lines[index : index + _LINES_OF_HEADERS]


def _unquoted(lines: Sequence[str]) -> list[str]:
    return [line.lstrip("> ") for line in lines]
