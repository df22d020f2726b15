"""A process that goes on with a sweep and dies of it: `python sweeping_process.py DATABASE FOLDER`.

It reads lines `SWEEP STATEMENTS` and forks for each: the child does a slice, and kills itself, with -9, after so many
statements.  What it prints for the line is how the child ended.
"""

import os
import signal
import sys
from typing import Any

database, folder = sys.argv[1], sys.argv[2]
os.environ["DJANGO_SETTINGS_MODULE"] = "deskbell.settings"
os.environ["DESKBELL_DATA"] = folder

import django  # noqa: E402

from deskbell import settings  # noqa: E402

settings.DATABASES["default"]["NAME"] = database
django.setup()

from django.db import connection  # noqa: E402

from deskbell.sweeps import going  # noqa: E402


def child(sweep: int, statements: int) -> None:
    """Go on, and die where it was said."""
    left = statements

    def counted(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        nonlocal left
        result = execute(sql, params, many, context)
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    with connection.execute_wrapper(counted):
        going.go_on(sweep)


for line in sys.stdin:
    number, after = (int(word) for word in line.split())
    pid = os.fork()
    if pid == 0:
        child(number, after)
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    sys.stdout.write("killed\n" if os.WIFSIGNALED(status) else f"ended {os.WEXITSTATUS(status)}\n")
    sys.stdout.flush()
