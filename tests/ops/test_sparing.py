"""Whatever a stranger causes, the log stays small, and says how much it left out."""

import logging
from collections.abc import Iterator

import pytest

from festival_push.ops import sparing
from festival_push.ops.logs import REQUEST_ID, JsonFormatter
from festival_push.ops.sparing import LINES_MAX, WINDOW_S, SparingHandler


class Kept(logging.Handler):
    """Keeps what it is given, as it would be written."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.setFormatter(JsonFormatter())
        self.is_closed = False

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))

    def close(self) -> None:
        self.is_closed = True
        super().close()


class Log:
    """A logger that writes through the handler, and a clock that is moved by hand."""

    def __init__(self) -> None:
        self.now_s = 1_000.0
        self.kept = Kept()
        self.handler = SparingHandler(self.kept, clock_s=lambda: self.now_s)
        self.logger = logging.Logger("festival_push.test")
        self.logger.addHandler(self.handler)

    @property
    def lines(self) -> list[str]:
        return self.kept.lines


@pytest.fixture
def log() -> Iterator[Log]:
    log = Log()
    yield log
    log.handler.close()


def test_of_one_kind_some_lines_are_written_and_the_rest_are_said_in_one(log: Log) -> None:
    for number in range(14_328):
        log.logger.warning("a webhook for %s was refused: %s", "zeffy", f"reason {number}")
    assert len(log.lines) == LINES_MAX
    log.now_s += WINDOW_S
    token = REQUEST_ID.set("somebody-elses")
    try:
        log.logger.warning("something else")
    finally:
        REQUEST_ID.reset(token)
    rest, other = log.lines[LINES_MAX:]
    assert f'"{14_328 - LINES_MAX} more lines like this one within a minute: a webhook for %s was refused: %s"' in rest
    assert f'"count":{14_328 - LINES_MAX}' in rest
    assert '"level":"warning"' in rest
    assert "request_id" not in rest
    assert "something else" in other


def test_a_flood_of_one_kind_hides_no_other(log: Log) -> None:
    for _ in range(100):
        log.logger.warning("noise")
    log.logger.error("noise")
    log.logger.warning("a signal")
    for _ in range(100):
        log.logger.critical("the end")
    assert len(log.lines) == LINES_MAX + 2 + 100


def test_errors_of_different_places_are_different_kinds(log: Log) -> None:
    def fail(things: list[int] | dict[int, int]) -> None:
        try:
            things.pop(0)
        except LookupError:
            log.logger.exception("unexpected error")

    for _ in range(LINES_MAX + 5):
        fail([])
    for _ in range(LINES_MAX + 5):
        fail({})
    assert len(log.lines) == 2 * LINES_MAX
    log.handler.say_rest()
    assert [("KeyError" in line, "IndexError" in line) for line in log.lines[-2:]] == [(False, True), (True, False)]


def test_a_new_window_begins_anew(log: Log) -> None:
    for _ in range(3):
        log.logger.warning("once a second")
        log.now_s += WINDOW_S
    assert len(log.lines) == 3


def test_texts_that_are_all_different_are_bounded_too(log: Log) -> None:
    for number in range(5_000):
        log.logger.warning(f"made of outside text: {number}")
    assert len(log.lines) == 500 + LINES_MAX


def test_the_rest_is_said_when_the_window_ends_in_silence(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    timers: list[tuple[float, object]] = []

    class Timer:
        def __init__(self, seconds: float, act: object) -> None:
            timers.append((seconds, act))

        def start(self) -> None: ...

        def cancel(self) -> None: ...

    monkeypatch.setattr(sparing, "Timer", Timer)
    log.now_s += 20
    for _ in range(LINES_MAX + 9):
        log.logger.warning("noise")
    [(seconds, act)] = timers
    assert seconds == WINDOW_S - 20
    assert callable(act)
    act()
    assert "9 more lines like this one" in log.lines[-1]


def test_the_rest_is_said_at_the_end(log: Log) -> None:
    for _ in range(LINES_MAX + 7):
        log.logger.warning("noise")
    log.handler.close()
    assert "7 more lines like this one" in log.lines[-1]
    assert log.kept.is_closed


def test_a_storm_is_one_line_for_each_cause_and_a_count(log: Log) -> None:
    for _ in range(870):
        log.logger.warning("the database is unavailable: %s", "it is gone", extra={"storm": True})
    log.logger.warning("the database is unavailable: %s", "it is locked", extra={"storm": True})
    assert ["it is gone" in line for line in log.lines] == [True, False]
    log.now_s += WINDOW_S
    log.handler.say_rest()
    [rest] = log.lines[2:]
    assert "869 more lines like this one within a minute: the database is unavailable: it is gone" in rest
