"""`pip install` of the wheel gives a command that runs the whole desk from any folder, without the checkout."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.laws.sources import ROOT, tracked_files
from tests.stories.running import free_port

PACKAGE = [
    path.relative_to(ROOT) for path in tracked_files() if path.is_relative_to(ROOT / "deskbell")
]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the files that belong to the project."""
    source = tmp_path_factory.mktemp("source")
    for path in [*PACKAGE, Path("pyproject.toml"), Path("README.md"), Path("LICENSE")]:
        target = source / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((ROOT / path).read_bytes())
    folder = tmp_path_factory.mktemp("wheel")
    run(
        *(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index"),
        *("--no-build-isolation", "--wheel-dir", folder, source),
    )
    [built] = folder.glob("deskbell-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh virtual environment with the wheel in it; what it depends on is lent by this one."""
    folder = tmp_path_factory.mktemp("venv")
    run(sys.executable, "-m", "venv", "--without-pip", folder)
    python = folder / "bin" / "python"
    [ours] = {path for path in sys.path if path.endswith("site-packages")}
    site = run(python, "-c", "import site; print(site.getsitepackages()[0])").strip()
    Path(site, "lent.pth").write_text(f"{ours}\n")
    run(python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel)
    return folder


def run(*words: str | Path) -> str:
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_it_depends_on_what_a_checkout_installs() -> None:
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    lines = (ROOT / "requirements" / "run.in").read_text().splitlines()
    assert wanted == [line for line in lines if line and not line.startswith("#")]


@pytest.mark.slow
def test_every_file_of_the_desk_is_in_the_wheel(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        there = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert there == {path.as_posix() for path in PACKAGE}


@pytest.mark.slow
def test_the_command_runs_the_desk_from_any_folder(installed: Path, tmp_path: Path) -> None:
    with served(installed, tmp_path) as (address, first_page):
        with urlopen(first_page, timeout=20) as answer:
            page = answer.read().decode()
        [style] = re.findall(r'href="(/static/[^"]*app[^"]*\.css)"', page)[:1]
        with urlopen(address + style, timeout=20) as answer:
            assert b"@layer" in answer.read()
        with urlopen(f"{address}/health", timeout=20) as answer:
            assert answer.read() == b"look\n"
    assert (tmp_path / "home/.local/share/deskbell/deskbell.sqlite3").exists()
    assert list((tmp_path / "somewhere").iterdir()) == []
    done = deskbell(installed, tmp_path, "check")
    assert "Settings and database can be used" in done.communicate(timeout=60)[0]
    assert done.returncode == 0


@contextmanager
def served(installed: Path, folder: Path) -> Iterator[tuple[str, str]]:
    """Run `deskbell serve` from the wheel in a folder of its own; yield its address and that of its first page."""
    http, smtp = (f"127.0.0.1:{free_port()}" for _ in range(2))
    process = deskbell(installed, folder, "serve", "--http", http, "--smtp", smtp)
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if "/setup?token=" in line:
            break
    try:
        yield f"http://{http}", re.findall(r"http\S+/setup\?token=\S+", said)[0]
    finally:
        process.terminate()
        rest, _ = process.communicate(timeout=20)
    assert process.returncode == 0, said + rest


def deskbell(installed: Path, folder: Path, *words: str) -> subprocess.Popen[str]:
    (folder / "somewhere").mkdir(exist_ok=True)
    return subprocess.Popen(
        [installed / "bin" / "deskbell", *words],
        cwd=folder / "somewhere",
        env={"PATH": os.environ["PATH"], "HOME": str(folder / "home")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
