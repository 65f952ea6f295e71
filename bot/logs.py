"""How are logs written? Structured, naming rows and never people; secrets are struck out."""

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import structlog

# A bot's token, a Chinese mobile or identity number, a long hex secret: struck out.
SECRETS = re.compile(
    r"\d{6,}:[\w-]{20,}|(?<!\d)1[3-9]\d{9}(?!\d)|\b[0-9a-f]{32,}\b|\b\d{17}[\dXx]\b"
)

FRAMES_MAX = 12


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Strike secrets and phone numbers out of every word that is logged."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = SECRETS.sub("•••", value)
    return event


def tell_where(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Say where an exception was raised; its words stay out, they may quote what somebody said."""
    error = sys.exception() if event.pop("exc_info", None) else None
    if error is not None:
        frames = traceback.extract_tb(error.__traceback__)[-FRAMES_MAX:]
        event["where"] = " < ".join(
            f"{'/'.join(Path(frame.filename).parts[-2:])}:{frame.lineno} {frame.name}"
            for frame in reversed(frames)
        )
        # What a database or the system says of itself, "disk is full", quotes nobody.
        if isinstance(error, OSError) or type(error).__name__ == "OperationalError":
            event["says"] = str(error)
    return event


def configure_logs(level: str) -> None:
    """Lines for people on a terminal, JSON otherwise; to standard error."""
    is_terminal = sys.stderr.isatty()
    render: Any = (
        structlog.dev.ConsoleRenderer()
        if is_terminal
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            tell_where,
            redact,
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level.upper()]
        ),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s")
