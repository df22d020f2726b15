"""Static files have names that change with their bytes."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from deskbell.web import assets


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(assets, "FOLDER", tmp_path)
    forget()
    yield tmp_path
    forget()


def forget() -> None:
    for remembered in (assets._by_path, assets._by_hashed, assets.import_map):
        remembered.cache_clear()


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_DOT_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_the_name_changes_with_the_bytes(folder: Path) -> None:
    write(folder, css__app_DOT_css="a {}")
    first = assets.address("css/app.css")
    assert first.startswith("/static/css/app.")
    assert first.endswith(".css")
    forget()
    write(folder, css__app_DOT_css="b {}")
    assert assets.address("css/app.css") != first


def test_the_hashed_name_may_be_kept_for_ever_and_the_plain_one_not(folder: Path) -> None:
    write(folder, css__app_DOT_css="a {}")
    found = assets.find(assets.address("css/app.css"))
    assert found is not None
    assert (found[0].content, found[0].content_type, found[1]) == (
        b"a {}",
        "text/css; charset=utf-8",
        True,
    )
    plain = assets.find("/static/css/app.css")
    assert plain is not None
    assert plain[1] is False


@pytest.mark.parametrize(
    "path", ["/static/../secret-key", "/static/css", "/static/", "/etc/passwd"]
)
def test_nothing_else_is_found(folder: Path, path: str) -> None:
    write(folder, css__app_DOT_css="a {}")
    assert assets.find(path) is None


def test_what_a_stylesheet_names_is_hashed_too_and_changes_its_own_name(folder: Path) -> None:
    write(folder, css__app_DOT_css='@import "parts/btn.css" layer(x); a{b:url(../f/x.woff2)}')
    write(folder, css__parts__btn_DOT_css="p {}", f__x_DOT_woff2="font")
    found = assets.find("/static/css/app.css")
    assert found is not None
    text = found[0].content.decode()
    assert f'@import "{assets.address("css/parts/btn.css")}" layer(x)' in text
    assert f"url({assets.address('f/x.woff2')})" in text
    before = assets.address("css/app.css")
    forget()
    write(folder, css__parts__btn_DOT_css="q {}")
    assert assets.address("css/app.css") != before


def test_a_stylesheet_that_names_what_is_not_there_is_an_error(folder: Path) -> None:
    write(folder, css__app_DOT_css="a { b: url(nowhere.png) }")
    with pytest.raises(FileNotFoundError, match=r"nowhere\.png"):
        assets.address("css/app.css")


def test_stylesheets_that_import_each_other_are_an_error(folder: Path) -> None:
    write(folder, a_DOT_css='@import "b.css";', b_DOT_css='@import "a.css";')
    with pytest.raises(ValueError, match="imports itself"):
        assets.address("a.css")


def test_data_and_addresses_elsewhere_are_left_alone(folder: Path) -> None:
    text = "a { b: url(data:image/png;base64,xyz); c: url(#mask) }"
    write(folder, css__app_DOT_css=text)
    found = assets.find("/static/css/app.css")
    assert found is not None
    assert found[0].content.decode() == text


def test_modules_find_each_other_through_the_import_map(folder: Path) -> None:
    write(folder, js__live_DOT_js="export {}")
    imports = json.loads(assets.import_map().text)["imports"]
    assert imports["js/live.js"] == imports["/static/js/live.js"] == assets.address("js/live.js")


def test_our_own_files_are_all_well() -> None:
    forget()
    for path in assets._by_path():
        assert assets.find(assets.address(path)) is not None
