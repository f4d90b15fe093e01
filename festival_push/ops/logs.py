"""Logs: one JSON object a line on standard error, so that no text from outside can forge a line.

On a terminal each is a line of text.
"""

import logging
import os
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Final

import msgspec

from festival_push.ops.sparing import SparingHandler
from festival_push.settings.variables import LOG_VARIABLE

REQUEST_ID: Final[ContextVar[str]] = ContextVar("request_id", default="")
"""Id of the request that the present task serves; every line that the task logs has it."""

_STDERR: Final = 2  # the descriptor; `sys.stderr` may be something else

_FIELDS: Final = ("code", "reason", "batch", "position", "count", "stack")
"""Keys of `extra` that are logged; all others are dropped, so that no body or token is logged by mistake."""


class JsonFormatter(logging.Formatter):
    """Write `time, level, logger, message`, the request's id, the allowed extras, and the traceback of an exception."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line; JSON escapes line breaks inside a value."""
        entry: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id := REQUEST_ID.get():
            entry["request_id"] = request_id
        entry |= {name: getattr(record, name) for name in _FIELDS if hasattr(record, name)}
        if record.exc_info:
            entry["traceback"] = "".join(traceback.format_exception(*record.exc_info))
        return msgspec.json.encode(entry, enc_hook=str).decode()


class TextFormatter(logging.Formatter):
    """Write a line for people: time, level, message, the allowed extras. Tracebacks follow on lines of their own."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line; control characters of a message are escaped, so that none forges a line."""
        time = datetime.fromtimestamp(record.created).astimezone().isoformat(" ", "milliseconds")[:-6]
        extras = {name: getattr(record, name) for name in _FIELDS if hasattr(record, name)}
        if request_id := REQUEST_ID.get():
            extras["request_id"] = request_id
        said = "".join(f" {name}={value}" for name, value in extras.items())
        line = _escaped(f"{time} {record.levelname.lower():7} {record.getMessage()}{said}")
        if record.exc_info:
            line += "\n" + "".join(traceback.format_exception(*record.exc_info)).rstrip()
        return line


def _escaped(text: str) -> str:
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def configure_logs() -> None:
    """Send every logger of this process to standard error as JSON, on a terminal as text; or as JSON to the file that
    LOG_VARIABLE names.

    Of lines that come in masses only some are written; `sparing.py` says how many.
    """
    path = os.environ.get(LOG_VARIABLE)
    handler = logging.FileHandler(path, encoding="utf-8") if path else logging.StreamHandler(sys.stderr)
    is_terminal = path is None and sys.stderr.isatty()
    handler.setFormatter(TextFormatter() if is_terminal else JsonFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[SparingHandler(handler)], force=True)
    logging.getLogger("sse_starlette").setLevel(logging.WARNING)  # it logs each chunk
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)  # its start and stop lines are ours to print
    logging.getLogger("uvicorn.error").addFilter(_says_more)


def _says_more(record: logging.LogRecord) -> bool:
    """Drop uvicorn's last line of a start that failed: the line before it says why."""
    return record.msg != "Application startup failed. Exiting."


def log_descriptor() -> int:
    """Return the file descriptor that logs are written to, for `faulthandler`, which writes without Python's help."""
    for handler in logging.getLogger().handlers:
        target = handler.target if isinstance(handler, SparingHandler) else handler
        if isinstance(target, logging.FileHandler) and target.stream is not None:
            return target.stream.fileno()
    return _STDERR
