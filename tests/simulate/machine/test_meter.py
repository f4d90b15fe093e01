"""The meter: a loop that comes late or has no CPU left is saturated."""

import asyncio
from contextlib import suppress

import pytest

from festival_push.simulate.machine.meter import Meter


class Machine:
    """A clock and a CPU that go on while somebody sleeps."""

    def __init__(self, late_s: list[float], busy: float) -> None:
        self.late_s = late_s
        self.busy = busy
        self.slept = asyncio.Event()
        self.clock_s = self.cpu_s = 100.0

    async def sleep(self, seconds: float) -> None:
        if not self.late_s:
            self.slept.set()
            await asyncio.Event().wait()
        passed_s = seconds + self.late_s.pop(0)
        self.clock_s += passed_s
        self.cpu_s += passed_s * self.busy
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("late_s", "busy", "saturated"),
    [([0.0] * 10, 0.3, 0.0), ([0.0] * 9 + [0.2], 0.3, 0.1), ([0.0] * 10, 0.95, 1.0)],
)
async def test_what_is_measured_is_told(late_s: list[float], busy: float, saturated: float) -> None:
    most_ms = max(late_s) * 1_000
    machine = Machine(late_s, busy)
    meter = Meter(clock_s=lambda: machine.clock_s, cpu_s=lambda: machine.cpu_s, sleep=machine.sleep)
    running = asyncio.create_task(meter.run())
    await machine.slept.wait()
    load = meter.load()
    assert (load.cpu, load.saturated, load.late_ms) == (busy, saturated, most_ms)
    assert load.memory_mib > 10
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


def test_before_the_first_tick_nothing_is_measured() -> None:
    load = Meter(clock_s=lambda: 1.0, cpu_s=lambda: 1.0).load()
    assert (load.cpu, load.saturated, load.late_ms) == (0.0, 0.0, 0.0)
