"""One JSON object a line, whatever is logged."""

import logging

import msgspec
import pytest

from festival_push.ops.logs import JsonFormatter


def line_of(message: str, **extra: object) -> dict[str, object]:
    record = logging.LogRecord("festival_push.test", logging.WARNING, __file__, 1, message, None, None)
    record.__dict__.update(extra)
    line = JsonFormatter().format(record)
    assert "\n" not in line
    return msgspec.json.decode(line, type=dict[str, object])


@pytest.mark.parametrize("hostile", ['a"}\n{"level": "error"', "\x1b[31mred\x1b[0m", "\r\n", "\x00", "\u2028"])
def test_no_text_can_forge_a_line(hostile: str) -> None:
    entry = line_of(hostile)
    assert entry["message"] == hostile
    assert entry["level"] == "warning"


def test_only_allowed_extras_are_written() -> None:
    entry = line_of("refused", code="forbidden", token="secret")
    assert entry["code"] == "forbidden"
    assert "token" not in entry


def test_a_traceback_stays_on_its_line() -> None:
    try:
        raise ValueError("broken\nin two")
    except ValueError as error:
        entry = line_of("failed", exc_info=(type(error), error, error.__traceback__))
    assert "ValueError: broken" in str(entry["traceback"])
