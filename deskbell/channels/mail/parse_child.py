"""The child that reads letters: one request a line on its input, one answer a line on its output.

It runs without Django and without the desk's secrets, within limits of memory and time that it sets
itself; a letter that breaks it breaks nothing else.  reader.py starts it.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from deskbell.channels.mail.parse import Parsed, Refused, parse
from deskbell.channels.mail.wrapped import NO_KEYS, AllKeys

# A letter of 50 MB takes less than half of it, whatever its shape (bench/letter_memory.py).
MEMORY_BYTES = 1_500_000_000
CPU_SECONDS = 30
FILE_BYTES = 200_000_000


def main() -> None:
    """Answer until the input ends."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for line in sys.stdin.buffer:
        request = json.loads(line)
        _allow_cpu_seconds(CPU_SECONDS)
        answer = answer_to(request)
        sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
        sys.stdout.buffer.flush()


def answer_to(request: dict[str, Any]) -> dict[str, Any]:
    """Return what the letter says as JSON values, or {"refused": reason}."""
    keys = _KEYS.validate_python(request["keys"]) if "keys" in request else NO_KEYS
    try:
        parsed = parse(Path(request["letter"]).read_bytes(), Path(request["folder"]), keys)
        return {"parsed": PARSED.dump_python(parsed, mode="json")}
    except Refused as refused:
        return {"refused": refused.reason}
    except MemoryError:
        return {"refused": "too_much_memory"}
    except RecursionError:
        return {"refused": "too_deep"}


# reader.py turns the values back by the same.
PARSED = TypeAdapter(Parsed)
_KEYS = TypeAdapter(AllKeys)


def _allow_cpu_seconds(seconds: int) -> None:
    """Set the limit anew for each letter: what was used for the ones before does not count."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = int(usage.ru_utime + usage.ru_stime) + 1
    _soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (used + seconds, hard))


if __name__ == "__main__":
    main()
