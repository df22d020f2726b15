"""Logs tell what happened, and never what people wrote."""

import json
import subprocess
import sys

from deskbell.logs import hide_secrets

PROGRAM = """
import django, logging, structlog
django.setup()
log = structlog.get_logger("desk")
log.info("letter.read", letter=7, text="Dear all", password="hunter2")
letter = "the customer's words"
try:
    raise ValueError("broken")
except ValueError:
    log.exception("job.failed")
logging.getLogger("somebody.else").warning("hello %s", "there")
"""


def test_a_line_is_json_with_an_event_and_ids() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["event"] for line in lines] == ["letter.read", "job.failed", "hello there"]
    assert lines[0]["letter"] == 7
    assert lines[0]["timestamp"].endswith("Z")
    assert "ValueError: broken" in lines[1]["exception"]


def test_neither_words_nor_secrets_nor_local_variables_reach_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    for word in ("Dear all", "hunter2", "the customer's words'"):
        assert word not in done.stderr


def test_secrets_are_hidden_by_their_names() -> None:
    hidden = hide_secrets(None, "info", {"event": "signed_in", "token": "abc", "account": 3})
    assert hidden == {"event": "signed_in", "token": "(hidden)", "account": 3}
