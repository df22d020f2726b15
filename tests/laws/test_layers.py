"""Arrows point one way: the layers of pyproject.toml, held by import-linter."""

import subprocess
import sys
from pathlib import Path

from tests.laws.sources import ROOT


def test_arrows_point_one_way() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-3000:]
