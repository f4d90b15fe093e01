"""A log that nobody can fill: of each kind of line some are written, and the rest are counted and said in one line.

A stranger can cause lines as fast as requests, unsigned webhooks for example, and a full disk stops sales. Lines of the
access log are bounded by the answers, and are not written here.
"""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from contextvars import Context
from threading import Timer
from typing import Final, NamedTuple

LINES_MAX: Final = 20
"""How many lines of one kind are written within `WINDOW_S`."""
WINDOW_S: Final = 60.0
_KINDS_MAX: Final = 500  # within one window; the lines of all further kinds count as one kind


class _Kind(NamedTuple):
    """What makes lines alike: who wrote them, and the text without what is filled into it."""

    logger: str
    level: int
    text: str
    error: str = ""  # its type, and the line of code that raised it
    is_storm: bool = False  # then the text is the whole one: each cause is named once


_OTHERS: Final = _Kind("festival_push.ops.sparing", logging.WARNING, "lines of many other kinds")


class SparingHandler(logging.Handler):
    """Hands at most `LINES_MAX` records of a kind to another handler within `WINDOW_S`, and all that are critical.

    Of records with the extra `storm`, which one fault causes for everybody at once, one of each text is written.

    The rest are said when the window has ended: by the first record after it, by a timer, or when the handler is
    closed, which closes the other one too.
    """

    def __init__(self, target: logging.Handler, *, clock_s: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self.target = target
        self._clock_s = clock_s
        self._ends_at_s = clock_s() + WINDOW_S
        self._seen: dict[_Kind, int] = {}  # within this window
        self._timer: Timer | None = None  # while there is something to say

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record, or count it."""
        left_s = self._ends_at_s - self._clock_s()
        if left_s <= 0:
            self.say_rest()
            left_s = WINDOW_S
        kind = _kind_of(record)
        if kind not in self._seen and len(self._seen) >= _KINDS_MAX:
            kind = _OTHERS
        written_max = 1 if kind.is_storm else LINES_MAX
        seen = self._seen[kind] = self._seen.get(kind, 0) + 1
        if seen <= written_max or record.levelno >= logging.CRITICAL:
            self.target.handle(record)
        elif self._timer is None:
            self._timer = Timer(left_s, self.say_rest)
            self._timer.daemon = True  # the process may end meanwhile; then `close` says it
            with suppress(RuntimeError):  # the interpreter ends, and lets no thread begin
                self._timer.start()

    def say_rest(self) -> None:
        """Begin a new window; write a line for each kind of which the last one had more than were written."""
        self.acquire()  # the timer has a thread of its own
        try:
            seen, self._seen = self._seen, {}
            self._ends_at_s = self._clock_s() + WINDOW_S
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            for kind, lines in seen.items():
                left = lines - (1 if kind.is_storm else LINES_MAX)
                if left > 0 and kind.level < logging.CRITICAL:
                    Context().run(self.target.handle, _rest(kind, left))  # it belongs to no request
        finally:
            self.release()

    def close(self) -> None:
        """Say the rest, and close the other handler."""
        self.say_rest()
        self.target.close()
        super().close()


def _kind_of(record: logging.LogRecord) -> _Kind:
    if getattr(record, "storm", False):
        return _Kind(record.name, record.levelno, record.getMessage(), is_storm=True)
    if not record.exc_info or record.exc_info[0] is None:
        return _Kind(record.name, record.levelno, str(record.msg))
    kind, _, trace = record.exc_info
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else ""
    return _Kind(record.name, record.levelno, str(record.msg), f"{kind.__name__}{place}")


def _rest(kind: _Kind, count: int) -> logging.LogRecord:
    named = {"name": kind.logger, "levelno": kind.level, "levelname": logging.getLevelName(kind.level), "count": count}
    alike = f"{kind.text} ({kind.error})" if kind.error else kind.text
    text = "%d more lines like this one within a minute: %s"
    return logging.makeLogRecord({**named, "msg": text, "args": (count, alike)})
