"""One JSON object a line, whatever is logged."""

import logging
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from festival_push.ops.logs import JsonFormatter, TextFormatter
from festival_push.ops.sparing import LINES_MAX
from festival_push.settings.variables import LOG_VARIABLE


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


def test_logs_go_to_standard_error_or_to_the_file_that_is_named(tmp_path: Path) -> None:
    said = "import os, logging as l; from festival_push.ops.logs import *; configure_logs(); l.warning('late'); "
    said += "os.write(log_descriptor(), b'stuck')"
    log = tmp_path / "demo.log"
    for named in ("", str(log)):
        environ = {**os.environ, LOG_VARIABLE: named}
        done = subprocess.run([sys.executable, "-c", said], env=environ, capture_output=True, text=True, check=True)
        lines = (log.read_text() if named else done.stderr).splitlines()
        assert msgspec.json.decode(lines[0], type=dict[str, str])["message"] == "late"
        assert lines[1] == "stuck"
        assert bool(done.stderr) is not bool(named)


def test_a_flood_of_lines_is_counted_and_what_is_left_is_said_at_the_end() -> None:
    said = "import logging as l; from festival_push.ops.logs import *; configure_logs(); "
    said += "[l.warning('refused: %s', number) for number in range(1000)]"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    *lines, rest = done.stderr.splitlines()
    assert len(lines) == LINES_MAX
    assert msgspec.json.decode(rest, type=dict[str, object])["count"] == 1000 - LINES_MAX


@pytest.mark.parametrize("hostile", ["two\nlines", "\x1b[31mred\x1b[0m", "\r\n", "\x00", "\u2028", "\u202e"])
def test_a_line_for_people_is_one_line_without_control_characters(hostile: str) -> None:
    record = logging.LogRecord("festival_push.test", logging.WARNING, __file__, 1, hostile, None, None)
    record.__dict__.update(code=hostile, token="secret")
    line = TextFormatter().format(record)
    assert line.isprintable()
    assert " warning " in line
    assert "secret" not in line


def test_on_a_terminal_logs_are_text() -> None:
    said = "import logging as l; from festival_push.ops.logs import *; configure_logs(); l.warning('late')"
    terminal, end = os.openpty()
    try:
        subprocess.run([sys.executable, "-c", said], stderr=end, check=True)
        shown = os.read(terminal, 4_096).decode()
    finally:
        os.close(terminal)
        os.close(end)
    assert shown.endswith(" warning late\r\n")
    assert "{" not in shown
