"""Every text for people can be collected for translation."""

import subprocess
import sys
from pathlib import Path

from tests.laws.sources import ROOT


def test_every_module_and_template_gives_its_texts(tmp_path: Path) -> None:
    catalogue = tmp_path / "django.pot"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "babel.messages.frontend", "--quiet", "extract"),
            *("--mapping", "deskbell/locale/babel.cfg", "--output", str(catalogue), "deskbell"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "There is no ticket with this code." in catalogue.read_text()
