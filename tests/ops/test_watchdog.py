"""The watchdog measures the loop, and says where it stood while it still stands there."""

import asyncio
import logging
import subprocess
import sys
import time
from pathlib import Path

import pytest

from festival_push.ops.watchdog import Watchdog
from tests.support.waiting import until

STILL_S = 0.9


def stand_still() -> None:
    time.sleep(STILL_S)


async def test_a_loop_that_stands_still_is_shown_with_its_stack(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    watchdog = Watchdog(blocked_s=0.1)
    task = asyncio.create_task(watchdog.run())
    await asyncio.sleep(0)
    stand_still()
    assert watchdog.stalls == 1  # it was told while it happened
    await until(lambda: watchdog.lag_s > 0.5)
    [record] = caplog.records
    assert "stand_still" in record.__dict__["stack"]
    task.cancel()
    await asyncio.wait((task,))


async def test_a_loop_that_runs_is_left_alone() -> None:
    watchdog = Watchdog(blocked_s=60)
    task = asyncio.create_task(watchdog.run())
    await asyncio.sleep(0)
    began = watchdog._beat_at
    await until(lambda: watchdog._beat_at > began)
    assert (watchdog.stalls, watchdog.lag_s < 60) == (0, True)
    task.cancel()
    await asyncio.wait((task,))


def test_what_holds_the_interpreter_is_shown_too() -> None:
    command = [sys.executable, "-m", "tests.ops.stuck"]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True)
    dump = done.stderr.partition("most recent call first")[2]
    assert "in hold_the_interpreter" in dump
