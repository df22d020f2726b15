"""Law: a colour is named in tokens.css and nowhere else, so that a theme is one file."""

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[2] / "deskbell" / "web" / "static"
COLOUR = re.compile(
    r"#[0-9a-fA-F]{3,8}\b(?!\s*\{)|\b(?:rgba?|hsla?|oklch|oklab|lab|lch)\(", re.ASCII
)
# The second file is for the customers' pages, which must also work in browsers of 2021.
TOKENS = {"tokens.css", "tokens_2021.css"}


def colours_in(css: str) -> list[str]:
    """Return what names a colour in `css`; comments and references to other files do not count."""
    without = re.sub(r"/\*.*?\*/|url\([^)]*\)", "", css, flags=re.DOTALL)
    return COLOUR.findall(without)


@pytest.mark.parametrize(
    "file", [f for f in sorted(STATIC.rglob("*.css")) if f.name not in TOKENS], ids=lambda f: f.name
)
def test_no_colour_is_named_outside_the_tokens(file: Path) -> None:
    assert colours_in(file.read_text()) == []


@pytest.mark.parametrize("css", ["a { color: #fff }", "a { color: oklch(50% .1 20) }"])
def test_the_law_sees_a_colour(css: str) -> None:
    assert colours_in(css)


def test_the_law_leaves_files_and_words_alone() -> None:
    assert colours_in('/* #fff */ a { mask: url("icons.svg#ad0"); color: var(--color-ink) }') == []
