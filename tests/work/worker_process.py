"""A whole worker with jobs that a test can watch: `python worker_process.py DATABASE FOLDER`.

Each job appends its word to FOLDER/said; "slow" first says that it began, then sleeps.
"""

import os
import sys
import time
from pathlib import Path

database, folder = sys.argv[1], Path(sys.argv[2])
os.environ["DJANGO_SETTINGS_MODULE"] = "deskbell.settings"
os.environ["DESKBELL_DATA"] = str(folder)

import django  # noqa: E402

from deskbell import settings  # noqa: E402

settings.DATABASES["default"]["NAME"] = database
django.setup()

from deskbell.work import worker  # noqa: E402
from deskbell.work.jobs import OUTSIDE, job  # noqa: E402


def _write(word: str) -> None:
    with (folder / "said").open("a") as file:
        file.write(word + "\n")


@job("test.say")
def say(word: str) -> None:
    """Say a word at once."""
    _write(word)


@job("test.slow", lane=OUTSIDE)
def slow(word: str, seconds: float) -> None:
    """Say that it begins, take some seconds, say the word."""
    _write(f"{word} begins")
    time.sleep(seconds)
    _write(word)


raise SystemExit(worker.run())
