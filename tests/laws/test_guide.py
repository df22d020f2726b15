"""Law: the guide names commands, variables and files that there are."""

import re
import shlex
from pathlib import Path

import pytest

from deskbell import cli
from tests.laws.sources import ROOT

PAGES = sorted((ROOT / "docs" / "guide").glob("*.md"))
REFERENCE = (ROOT / "docs" / "reference.md").read_text()
# What is typed: in a block or in backticks, up to what the shell or a remark makes of it.
TYPED = re.compile(r"(?:^|`|/)deskbell ([a-z][^`\n<#|]*)", re.MULTILINE)
PAGE_LINK = re.compile(r"\]\(([^)#:]+)\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_guide_names_what_there_is(page: Path) -> None:
    text = page.read_text()
    for link in PAGE_LINK.findall(text):
        assert (page.parent / link).exists(), link
    for variable in re.findall(r"`(DESKBELL_[A-Z_]+|DATABASE_URL)", text):
        assert f"`{variable}`" in REFERENCE
    for words in TYPED.findall(text):
        cli._parser().parse_args(shlex.split(re.split(r"\s{3,}", words)[0]))


def test_every_page_of_the_guide_is_in_its_list() -> None:
    listed = set(PAGE_LINK.findall((ROOT / "docs" / "guide" / "README.md").read_text()))
    assert {page.name for page in PAGES} - {"README.md"} <= listed


def test_the_law_would_find_a_command_that_there_is_not() -> None:
    assert TYPED.findall("`deskbell brew --tea`\nbin/deskbell check   all") == [
        "brew --tea",
        "check   all",
    ]
    with pytest.raises(SystemExit):
        cli._parser().parse_args(["brew", "--tea"])
