"""Sending what Django answered, in the event loop: bodies, spooled bodies and files, to fast and slow readers alike.

A reader who takes nothing for a while is cut off; meanwhile no thread is held.
"""

import asyncio
from pathlib import Path
from typing import IO

from starlette.responses import FileResponse
from starlette.types import Message, Receive, Scope, Send

from deskbell.web.bridge import Answer
from deskbell.web.connections import ABORT

CHUNK_BYTES = 64 * 1024
# A reader on a bad line takes something at least once in this time.
STALLED_SECONDS = 60.0


class Stalled(Exception):
    """The reader took nothing for STALLED_SECONDS and was cut off."""


async def send_answer(answer: Answer, scope: Scope, receive: Receive, send: Send) -> None:
    """Send `answer`; without its body when the request was HEAD.  Raises Stalled."""
    patient = _with_patience(scope, send)
    if answer.path is not None:
        await _send_file(answer, answer.path, scope, receive, patient)
        return
    await patient(
        {
            "type": "http.response.start",
            "status": answer.status,
            "headers": [
                (name.lower().encode("latin-1"), value.encode("latin-1"))
                for name, value in answer.headers
            ],
        }
    )
    if scope["method"] == "HEAD":
        await patient({"type": "http.response.body"})
    elif answer.spool is not None:
        await _send_spool(answer.spool, patient)
    else:
        await patient({"type": "http.response.body", "body": answer.content})


async def _send_file(
    answer: Answer, path: Path, scope: Scope, receive: Receive, send: Send
) -> None:
    headers = {name: value for name, value in answer.headers if name.lower() != "set-cookie"}
    await FileResponse(path, answer.status, headers, stat_result=answer.stat)(scope, receive, send)


async def _send_spool(spool: IO[bytes], send: Send) -> None:
    with spool:
        while chunk := spool.read(CHUNK_BYTES):
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body"})


def _with_patience(scope: Scope, send: Send) -> Send:
    async def patient(message: Message) -> None:
        try:
            async with asyncio.timeout(STALLED_SECONDS):
                await send(message)
        except TimeoutError:
            abort = scope.get(ABORT)
            if abort is not None:
                abort()
            raise Stalled from None

    return patient
