"""The composition: what the end of a core task means for the process."""

import asyncio

import pytest

from festival_push import app
from tests.support.waiting import until


@pytest.fixture
def exits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The codes with which the process would have ended."""
    codes: list[int] = []
    monkeypatch.setattr("os._exit", codes.append)
    return codes


async def test_a_core_task_that_dies_ends_the_process(exits: list[int]) -> None:
    async def work() -> None:
        raise OSError("broken")

    async with app._at_work("work", work()):
        await until(lambda: exits == [1])


async def test_a_core_task_that_fails_while_it_is_ended_does_not_cut_the_rest_short(exits: list[int]) -> None:
    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise OSError("broken")

    async with app._at_work("work", work()):
        await asyncio.sleep(0)  # it begins
    await asyncio.sleep(0)
    assert exits == []
