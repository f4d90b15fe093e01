"""The clock's jumps are noticed, each once; a clock that runs a little fast is no jump."""

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.ops.clock import JUMP_S, SHOWN_S, ClockWatch
from festival_push.ops.watchdog import Watchdog


class Clocks:
    """Both clocks of a machine, which a test moves."""

    def __init__(self) -> None:
        self.wall_s = 1_800_000_000.0
        self.monotonic_s = 5_000.0
        self.watch = ClockWatch(wall=lambda: self.wall_s, monotonic=lambda: self.monotonic_s)

    def pass_by(self, seconds: float, *, jump_s: float = 0.0) -> None:
        """Time passes, and somebody sets the clock meanwhile."""
        self.wall_s += seconds + jump_s
        self.monotonic_s += seconds
        self.watch.beat()


@pytest.mark.parametrize("jump_s", [JUMP_S + 0.1, -JUMP_S - 0.1, 400 * 86_400.0, -3600.0])
def test_a_jump_is_logged_once_and_shown_for_an_hour(jump_s: float, caplog: pytest.LogCaptureFixture) -> None:
    clocks = Clocks()
    clocks.pass_by(1)
    assert not clocks.watch.has_jumped
    with caplog.at_level(logging.WARNING):
        clocks.pass_by(1, jump_s=jump_s)
        clocks.pass_by(1)
    assert [f"{jump_s:+.1f} s" in record.getMessage() for record in caplog.records] == [True]
    assert (clocks.watch.jumps, clocks.watch.has_jumped) == (1, True)
    assert clocks.watch.jumped_s == pytest.approx(jump_s)
    clocks.pass_by(SHOWN_S)
    assert (clocks.watch.jumps, clocks.watch.has_jumped) == (1, False)


@given(st.lists(st.tuples(st.floats(0.1, 60), st.floats(-0.9, 0.9)), max_size=60))
def test_a_clock_that_is_steered_has_not_jumped(beats: list[tuple[float, float]]) -> None:
    clocks = Clocks()
    for seconds, drift_s in beats:
        clocks.pass_by(seconds, jump_s=drift_s)
    assert clocks.watch.jumps == 0


async def test_the_watchdog_looks_at_it_at_every_beat(monkeypatch: pytest.MonkeyPatch) -> None:
    clocks, watchdog = Clocks(), Watchdog()
    monkeypatch.setattr(watchdog, "clock", clocks.watch)
    clocks.wall_s += 60
    watchdog._beat()
    assert clocks.watch.jumps == 1
