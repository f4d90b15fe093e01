"""Virtual time: exact, in order, instant, and never in the middle of something."""

import asyncio

import pytest

from tests.support.timing.virtual_time import START_S, run
from tests.support.timing.waiting import until


async def test_timers_run_in_their_order_and_at_their_time() -> None:
    loop, rung = asyncio.get_running_loop(), list[tuple[float, str]]()

    def ring(name: str) -> None:
        rung.append((loop.time() - START_S, name))

    for after_s, name in ((7_200.0, "late"), (0.5, "early"), (3_600.0, "middle")):
        loop.call_later(after_s, ring, name)
    await asyncio.sleep(10_000)
    assert rung == [(0.5, "early"), (3_600.0, "middle"), (7_200.0, "late")]
    assert loop.time() == START_S + 10_000


async def test_no_time_passes_while_somebody_has_something_to_do() -> None:
    loop = asyncio.get_running_loop()
    for _ in range(1_000):
        await asyncio.sleep(0)
    assert loop.time() == START_S


async def test_a_bound_on_waiting_is_exact() -> None:
    loop = asyncio.get_running_loop()
    with pytest.raises(AssertionError, match="not met within 20 s"):
        await until(lambda: False, within_s=20)
    assert loop.time() == pytest.approx(START_S + 20)


def test_who_waits_for_ever_is_told() -> None:
    with pytest.raises(RuntimeError, match="every task waits"):
        run(_forever())


def test_a_result_is_returned() -> None:
    assert run(asyncio.sleep(3_600, "done")) == "done"


async def _forever() -> None:
    await asyncio.Event().wait()
