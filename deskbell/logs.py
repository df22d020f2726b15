"""Structured logs: one event name and some ids per line; JSON, or words on a terminal.

    log = structlog.get_logger(__name__)
    log.info("letter_read", letter=letter.id, ticket=ticket.code)

Never log what people wrote, their addresses, or a secret: ids lead there for those who may look.
"""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

# Names whose values must not reach a log, whoever passes them.
SECRET_NAMES = frozenset(
    {"password", "token", "secret", "key", "authorization", "cookie", "body", "text", "html", "url"}
)

# The first part of an address, and what stands behind it.
_ADDRESS = re.compile(r"(/[\w-]+)/[^\s\"']+")

SHARED = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


def configure(_settings: Mapping[str, Any] | None = None) -> None:
    """Set up structlog, and let the standard library's loggers write the same lines.

    Django calls this at start with settings.LOGGING, which says nothing more.
    """
    structlog.configure(
        processors=[*SHARED, hide_secrets, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*SHARED, cut_addresses],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_rendering()],
        )
    )
    root = logging.getLogger()
    for old in [known for known in root.handlers if getattr(known, "is_ours", False)]:
        root.removeHandler(old)
    handler.is_ours = True  # type: ignore[attr-defined]
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    # Django's own handlers would write everything twice, and mail it to nobody.
    logging.getLogger("django").handlers.clear()
    # A refused page is the visitor's affair; the front logs requests in its own line.
    logging.getLogger("django.request").setLevel(logging.ERROR)
    # What is forged is logged by web/errors.py, without the address: it may hold a token that opens something.
    logging.getLogger("django.security.csrf").setLevel(logging.ERROR)
    logging.getLogger("mail.log").setLevel(logging.WARNING)


def cut_addresses(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Leave of an address in a line of Django's its first part only: what follows may open something."""
    text = event.get("event")
    if isinstance(text, str):
        event["event"] = _ADDRESS.sub(r"\1/…", text)
    return event


def hide_secrets(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Replace the values of SECRET_NAMES."""
    for name in SECRET_NAMES & event.keys():
        event[name] = "(hidden)"
    return event


def _rendering() -> list[Any]:
    if sys.stderr.isatty():
        # Plain tracebacks: the coloured ones print local variables, and with them letters.
        plain = structlog.dev.plain_traceback
        return [structlog.dev.ConsoleRenderer(exception_formatter=plain)]
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
