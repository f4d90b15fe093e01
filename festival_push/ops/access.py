"""The access log: one JSON line for each answer; on a terminal one for people.

Lines are buffered: a write per line costs more than parsing the request."""

import asyncio
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

import msgspec

_FLUSH_S: Final = 0.2
_LINES_MAX: Final = 1_000
_QUIET: Final = frozenset({"/healthz", "/readyz", "/metrics"})
"""Routes that machines request every few seconds; only their failures are logged."""


class _Line(msgspec.Struct, frozen=True):
    time: str
    level: str
    logger: str
    method: str
    route: str
    status: int
    ms: float
    request_id: str


class AccessLog:
    """Writes a line for each answer to standard error. Lines name no caller and no query: routes are templates.

    Args:
        enabled: If False, nothing is written.
    """

    def __init__(self, *, enabled: bool) -> None:
        self._enabled = enabled
        self._waiting: list[tuple[float, str, str, int, float, str]] = []

    def note(self, method: str, route: str, status: int, seconds: float, request_id: str) -> None:
        """Buffer one line; it is written within 0.2 s. Call it on the event loop."""
        if not self._enabled or (route in _QUIET and status < 400):
            return
        if not self._waiting:
            asyncio.get_running_loop().call_later(_FLUSH_S, self.flush)
        self._waiting.append((time.time(), method, route, status, seconds, request_id))
        if len(self._waiting) >= _LINES_MAX:
            self.flush()

    def flush(self) -> None:
        """Write the buffered lines."""
        waiting, self._waiting = self._waiting, []
        if waiting:
            lines = [_line(*noted) for noted in waiting]
            text = "".join(map(_for_people, lines)) if sys.stderr.isatty() else _encode(lines)
            with suppress(OSError):  # the disk is full, or the pipe's reader has gone: no reason to stop answering
                sys.stderr.write(text)
                sys.stderr.flush()


def _line(at_s: float, method: str, route: str, status: int, seconds: float, request_id: str) -> _Line:
    return _Line(
        time=datetime.fromtimestamp(at_s, UTC).isoformat(timespec="milliseconds"),
        level="info" if status < 500 else "error",
        logger="festival_push.access",
        method=method,
        route=route,
        status=status,
        ms=round(seconds * 1000, 2),
        request_id=request_id,
    )


def _encode(lines: list[_Line]) -> str:
    return msgspec.json.Encoder().encode_lines(lines).decode()


def _for_people(line: _Line) -> str:
    """Return a line of text. Nothing in it is a caller's own words: routes are templates, ids are checked."""
    at = datetime.fromisoformat(line.time).astimezone()
    return f"{at:%Y-%m-%d %H:%M:%S} {line.method} {line.route} {line.status} {line.ms} ms {line.request_id}\n"
