"""No file names a package registry: whoever installs Deskbell decides where packages come from."""

import re

import pytest

from tests.laws.sources import ROOT, tracked_files

REGISTRY = re.compile(
    r"(pypi|pythonhosted|npmjs|deb\.debian|proxy\.golang)\.(org|com)|extra-"
    r"index-url[ =]|--find-"
    r"links[ =]"
)


def test_no_file_names_a_registry() -> None:
    found = [
        path.relative_to(ROOT).as_posix()
        for path in tracked_files()
        if b"\0" not in (content := path.read_bytes())
        and REGISTRY.search(content.decode("utf-8", "replace"))
    ]
    assert found == []


def test_pinned_requirements_hold_names_versions_and_hashes_only() -> None:
    for name in ("run", "dev"):
        text = (ROOT / "requirements" / f"{name}.txt").read_text()
        assert "://" not in text
        pins = re.findall(r"^[a-z0-9].*?(?=^[a-z0-9]|\Z)", text, re.MULTILINE | re.DOTALL)
        assert len(pins) > 20
        assert all("==" in pin and "--hash=sha256:" in pin for pin in pins)


@pytest.mark.parametrize("text", ["https://pypi*org/simple", "--extra-index-url*x"])
def test_the_law_would_find_it(text: str) -> None:
    # The star keeps this file itself within the law.
    assert REGISTRY.search(text.replace("*org", ".org").replace("*x", "=x"))
