"""Waiting has a bound, returns what it waited for, and says what did not come."""

import asyncio

import pytest

from tests.support.timing.waiting import until, until_sync


async def test_a_condition_that_holds_is_returned_at_once() -> None:
    assert await until(lambda: "here", within_s=0.0) == "here"


async def test_it_waits_until_the_condition_holds() -> None:
    done = asyncio.Event()
    asyncio.get_running_loop().call_later(0.02, done.set)
    await until(done.is_set)
    assert done.is_set()


async def test_an_async_condition_is_awaited() -> None:
    answers = [0, 0, 7]

    async def next_answer() -> int:
        return answers.pop(0)

    assert await until(next_answer) == 7


async def test_a_condition_that_never_holds_fails_with_its_name() -> None:
    def the_cows_come_home() -> bool:
        return False

    with pytest.raises(AssertionError, match=r"a herd not met within 0\.02 s: .*the_cows_come_home .*False"):
        await until(the_cows_come_home, within_s=0.02, message="a herd")


async def test_a_condition_that_hangs_is_given_up_too() -> None:
    async def hang() -> bool:
        await asyncio.Event().wait()
        return True

    with pytest.raises(AssertionError, match="hang"):
        await until(hang, within_s=0.02)


async def test_a_time_out_of_the_condition_itself_passes_through() -> None:
    async def time_out() -> bool:
        raise TimeoutError("its own")

    with pytest.raises(TimeoutError, match="its own"):
        await until(time_out)


def test_the_waiting_without_a_loop_has_a_bound_too() -> None:
    with pytest.raises(AssertionError, match="nothing not met"):
        until_sync(lambda: None, within_s=0.02, message="nothing")
    assert until_sync(lambda: 3) == 3
