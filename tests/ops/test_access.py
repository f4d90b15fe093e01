"""One line for each answer, soon, with nothing in it that a client chose."""

import io
import sys

import msgspec
import pytest

from festival_push.ops.access import AccessLog
from tests.support.timing.waiting import until


async def test_lines_are_written_together_and_whole(capsys: pytest.CaptureFixture[str]) -> None:
    log, written = AccessLog(enabled=True), ""
    log.note("POST", "/v1/orders", 201, 0.012345, "request-1")
    log.note("GET", "none", 503, 0.1, "request-2")

    def lines() -> list[str]:
        nonlocal written
        written += capsys.readouterr().err
        return written.splitlines()

    assert lines() == []  # nobody waits for the log
    first, second = (msgspec.json.decode(line) for line in await until(lines))
    assert first.pop("time").endswith("+00:00")
    assert first == {
        "level": "info", "logger": "festival_push.access", "method": "POST", "route": "/v1/orders", "status": 201,
        "ms": 12.35, "request_id": "request-1",
    }  # fmt: skip
    assert (second["level"], second["status"], second["route"]) == ("error", 503, "none")


async def test_a_burst_does_not_pile_up(capsys: pytest.CaptureFixture[str]) -> None:
    log = AccessLog(enabled=True)
    for _ in range(2_500):
        log.note("GET", "/v1/me", 200, 0.001, "request")
    assert len(capsys.readouterr().err.splitlines()) == 2_000
    log.flush()
    assert len(capsys.readouterr().err.splitlines()) == 500


async def test_checks_that_went_well_are_not_worth_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    log = AccessLog(enabled=True)
    log.note("GET", "/readyz", 200, 0.001, "request")
    log.note("GET", "/readyz", 503, 0.001, "request")
    log.flush()
    assert len(capsys.readouterr().err.splitlines()) == 1


async def test_it_can_be_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    log = AccessLog(enabled=False)
    log.note("GET", "/v1/me", 200, 0.001, "request")
    log.flush()
    assert capsys.readouterr().err == ""


async def test_a_log_that_takes_nothing_costs_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.StringIO):
        def write(self, _text: str) -> int:
            raise OSError(28, "No space left on device")

    output = io.StringIO()
    log = AccessLog(enabled=True)
    monkeypatch.setattr(sys, "stderr", Full())
    for _ in range(1_000):  # as many as are written at once, by the answer that comes last
        log.note("GET", "/v1/me", 200, 0.001, "request")
    monkeypatch.setattr(sys, "stderr", output)
    log.note("GET", "/v1/me", 200, 0.001, "request")
    log.flush()
    assert len(output.getvalue().splitlines()) == 1
