"""The watchdog measures the loop, and says where it stood while it still stands there."""

import asyncio
import logging
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from festival_push.ops.watchdog import BEAT_S, BLOCKED_S, WINDOW_S, Watchdog
from tests.support.timing.waiting import until, until_sync

STILL_S = BEAT_S + BLOCKED_S


class Clock:
    """Stands still until it is moved: however slow the machine is, nothing is late."""

    def __init__(self) -> None:
        self.now_s = 1_000.0
        self.looks_aside = 0  # of other threads than the loop's
        self._thread = threading.get_ident()

    def __call__(self) -> float:
        if threading.get_ident() != self._thread:
            self.looks_aside += 1
        return self.now_s


@asynccontextmanager
async def watching(watchdog: Watchdog) -> AsyncIterator[None]:
    task = asyncio.create_task(watchdog.run())
    try:
        await asyncio.sleep(0)  # it begins
        yield
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.wait((task,))


def stand_still(clock: Clock) -> None:
    """Keep the loop until the watchdog has looked twice."""
    looks = clock.looks_aside
    until_sync(lambda: clock.looks_aside >= looks + 2)


async def test_a_loop_that_stands_still_is_shown_with_its_stack(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    clock = Clock()
    watchdog = Watchdog(monotonic=clock)
    async with watching(watchdog):
        clock.now_s += STILL_S
        stand_still(clock)
        assert watchdog.stalls >= 1, "it is told while it happens"
        stand_still(clock)
        await until(lambda: watchdog.lag_s == pytest.approx(BLOCKED_S))
        assert watchdog.stalls == 1, "and once"
    [record] = caplog.records
    assert "in stand_still" in record.__dict__["stack"]
    assert record.getMessage() == f"the event loop has stood still for {BLOCKED_S:.1f} s"


async def test_a_loop_that_is_late_but_not_still_is_only_measured() -> None:
    clock = Clock()
    watchdog = Watchdog(monotonic=clock)
    async with watching(watchdog):
        clock.now_s += STILL_S - 0.1
        stand_still(clock)
        assert watchdog.stalls == 0
        await until(lambda: watchdog.lag_s == pytest.approx(BLOCKED_S - 0.1))


async def test_a_loop_that_runs_beats() -> None:
    clock = Clock()
    watchdog = Watchdog(monotonic=clock)
    async with watching(watchdog):
        for _ in range(3):
            clock.now_s += BEAT_S
            await until(lambda: watchdog._beat_at == clock.now_s)
        assert (watchdog.stalls, watchdog.lag_s) == (0, 0)


def test_how_late_the_loop_was_is_known_for_a_window_and_forgotten_after_two() -> None:
    clock = Clock()
    watchdog = Watchdog(monotonic=clock)
    clock.now_s += BEAT_S + 0.4
    watchdog._beat()
    known = []
    for _ in range(int(2 * WINDOW_S / BEAT_S)):
        clock.now_s += BEAT_S
        watchdog._beat()
        known.append(watchdog.lag_s)
    assert min(known[: int(WINDOW_S / BEAT_S)]) == pytest.approx(0.4)
    assert known[-1] == pytest.approx(0)


def test_what_holds_the_interpreter_is_shown_too(tmp_path: Path) -> None:
    errors = tmp_path / "errors"
    with errors.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.ops.stuck"], cwd=Path(__file__).parents[2], stderr=file
        )
    try:
        until_sync(
            lambda: "in hold_the_interpreter" in errors.read_text().partition("most recent call first")[2], within_s=60
        )
    finally:
        process.kill()
        process.wait()
