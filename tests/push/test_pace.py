"""Without a broker, all processes together read the log so often as one database bears."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.push.pace import READS_PER_S, Pace


@pytest.mark.parametrize(("processes", "wait_s"), [(1, 0.1), (20, 0.1), (50, 0.25), (150, 0.75), (1_000, 1.0)])
def test_the_more_processes_the_less_often_each_reads(processes: int, wait_s: float) -> None:
    assert Pace(1.0, lambda: processes, draw=lambda: 0.5).wait_s(healthy=False) == wait_s


def test_a_slow_database_gets_a_rest() -> None:
    pace = Pace(1.0, lambda: 1, draw=lambda: 0.5)
    pace.took(0.02)
    assert pace.wait_s(healthy=False) == pytest.approx(0.4)
    pace.took(5)
    assert pace.wait_s(healthy=False) == 1.0
    pace.took(0.001)
    assert pace.wait_s(healthy=False) == 0.1


@given(st.integers(1, 10_000), st.floats(0, 100), st.floats(0.01, 10), st.floats(0, 1, exclude_max=True))
def test_the_log_is_read_as_often_as_promised(processes: int, took_s: float, poll_s: float, drawn: float) -> None:
    pace = Pace(poll_s, lambda: processes, draw=lambda: drawn)
    pace.took(took_s)
    for healthy in (True, False):
        assert min(0.075, poll_s * 0.75) <= pace.wait_s(healthy=healthy) <= poll_s


def test_fifty_processes_that_lose_redis_at_once_are_no_storm() -> None:
    """Over ten seconds, by the clock of the waits: less than half of 500 reads a second, and soon not at once."""
    times = []
    for seed in range(50):
        pace, now_s = Pace(1.0, lambda: 50, draw=Random(seed).random), 0.0  # noqa: S311 - no secret
        while now_s < 10:
            times.append(now_s)
            now_s += pace.wait_s(healthy=False)
    assert len(times) <= 10 * READS_PER_S * 1.1
    in_tenths = [sum(tenth / 10 <= time < (tenth + 1) / 10 for time in times) for tenth in range(30, 100)]
    assert max(in_tenths) <= 40, "fifty at once would be fifty in one tenth of a second, and none in the next"
