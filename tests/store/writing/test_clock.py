"""The log's own clock: whatever the machine's clock says, nothing is old before its time, and no key is forgotten."""

from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.people.people import SpendToken
from festival_push.domain.values import Instant
from festival_push.store.database import Database
from festival_push.store.opening import open_database
from festival_push.store.writing.clock import DAY_MS, LogClock, Mark, outlived, undoubted
from tests.store.world import ANNA, PRICE, START, World, lawful_world, once

HOUR = 3600 * 1000
YEAR = 365 * DAY_MS
WEEK = 7 * DAY_MS
JUMPS = st.sampled_from([0, 1, -1, HOUR, -HOUR, WEEK, -WEEK, YEAR, -YEAR, 50 * YEAR])
STEP = st.tuples(st.integers(0, 2), st.integers(0, 3 * HOUR), JUMPS, st.booleans())
"""Which process, how long since the last step, how wrong its wall clock is, and whether it has just been started."""


@given(st.lists(STEP, max_size=40))
def test_it_never_goes_back_and_never_runs_ahead_of_real_time(steps: list[tuple[int, int, int, bool]]) -> None:
    passed_ms, kept, first = 0, Instant(0), None
    clocks: dict[int, LogClock] = {}

    def seconds() -> float:
        return passed_ms / 1000

    for process, step_ms, jump_ms, restarted in steps:
        passed_ms += step_ms
        if restarted or process not in clocks:
            clocks[process] = LogClock(seconds)
        said = clocks[process].read(kept, Instant(START + passed_ms + jump_ms))
        if first is None:
            first = said, passed_ms
        assert kept <= said, "`at` never decreases"
        assert said - first[0] <= passed_ms - first[1], "nothing is older than it really is"
        kept = said


@given(st.lists(st.tuples(st.integers(0, 40 * HOUR), JUMPS), min_size=1, max_size=20))
def test_the_furthest_of_processes_that_run_on_is_right(steps: list[tuple[int, int]]) -> None:
    passed_ms, kept = 0, START
    clocks = [LogClock(lambda: passed_ms / 1000) for _ in range(3)]
    for clock in clocks:
        clock.read(kept, START)
    for number, (step_ms, jump_ms) in enumerate(steps):
        passed_ms += step_ms
        kept = clocks[number % 3].read(kept, Instant(START + passed_ms + jump_ms))
        assert kept == START + passed_ms, "a jump back holds nothing up"


@given(st.lists(st.tuples(st.integers(1, 3 * HOUR), st.booleans()), min_size=40, max_size=90), JUMPS)
def test_a_wall_clock_that_is_ahead_for_less_than_a_day_is_not_believed(
    steps: list[tuple[int, bool]], jump_ms: int
) -> None:
    """It is wrong for runs of less than a day; the marks are kept as a trim keeps them."""
    clock, wrong_ms = START, 0
    marks: list[Mark] = [(START - DAY_MS, START - DAY_MS)]
    for step_ms, wrong in steps:
        clock = Instant(clock + step_ms)
        wrong_ms = wrong_ms + step_ms if wrong else 0
        wall = Instant(clock + (jump_ms if 0 < wrong_ms < DAY_MS - 3 * HOUR else 0))
        believed = undoubted(marks, clock, wall)
        assert believed is not None
        assert believed <= clock
        gone = outlived(marks, clock)
        marks = [(at, said) for at, said in [*marks, (clock, wall)] if at not in gone]
        assert undoubted(marks, clock, wall) == believed


def test_a_wall_clock_that_was_put_right_for_good_is_believed_a_day_later() -> None:
    marks: list[Mark] = [(0, 0)]
    for hour in range(1, 26):
        clock = hour * HOUR
        marks.append((clock, clock + YEAR))
        believed = undoubted(marks, Instant(clock + DAY_MS), Instant(clock + DAY_MS + YEAR))
        marks = [mark for mark in marks if mark[0] not in outlived(marks, Instant(clock + DAY_MS))]
        assert believed == (clock + DAY_MS if hour == 1 else clock + DAY_MS + YEAR)
    assert undoubted([], START, START) is None


@pytest.fixture
async def world(database: Database) -> AsyncIterator[World]:
    async with lawful_world(database, money=10 * PRICE) as world:
        yield world


@pytest.mark.parametrize("jump_ms", [41 * DAY_MS, 50 * YEAR, -YEAR])
async def test_a_jump_deletes_nothing_and_charges_nobody_twice(world: World, jump_ms: int) -> None:
    first = await world.committer.submit_once(world.order(ANNA), once("k"))
    await world.committer.submit(SpendToken(jti="ended", expires_at=Instant(START + WEEK)))
    await world.committer.trim(WEEK)
    events = len(world.rows)
    world.time = Instant(world.time + 3 * DAY_MS)
    world.jump_ms = jump_ms
    assert await world.committer.trim(WEEK) == 0
    again = await world.committer.submit_once(world.order(ANNA), once("k"))
    assert (again.replayed, again.body) == (True, first.body)
    assert await world.balance("user:anna") == 9 * PRICE
    assert await world.count("event_log") == events
    assert await world.count("spent_tokens") == 1, "a session that was ended stays so"


async def test_a_jump_and_back_does_not_hold_the_trimming_up(world: World) -> None:
    world.jump_ms = YEAR
    await world.committer.submit(world.order(ANNA))
    world.jump_ms = 0
    await world.committer.submit(world.order(ANNA))
    ages = [row.at for row in world.rows]
    assert ages == sorted(ages)
    world.time = Instant(world.time + WEEK + 1)
    assert await world.committer.trim(WEEK) == len(ages)


async def test_it_goes_on_after_a_restart_with_a_wrong_clock(database_url: str, database: Database) -> None:
    async with World(database) as world:
        await world.ground()
        await world.add_user(ANNA, money=10 * PRICE)
        await world.committer.submit_once(world.order(ANNA), once("k"))
    again = await open_database(database_url)
    try:
        async with World(again) as world:
            world.time, world.jump_ms = Instant(START - 9 * YEAR), 50 * YEAR  # its monotonic clock begins anew, too
            assert await world.committer.trim(WEEK) == 0
            assert (await world.committer.submit_once(world.order(ANNA), once("k"))).replayed
            await world.committer.submit(world.order(ANNA))
            assert {row.at for row in world.rows} == {START}
    finally:
        await again.close()


async def test_an_idle_server_lets_things_age(world: World) -> None:
    world.time = Instant(world.time + HOUR)
    await world.committer.trim(WEEK)
    [[(clock,)]] = await world.database.read(("SELECT clock FROM log_head", ()))
    assert clock == START + HOUR
