"""A fault at any statement of a batch, then a retry with the same key: done once, for all of it."""

import asyncio
import json
from collections.abc import AsyncIterator
from itertools import count

import pytest

from festival_push.domain.orders.orders import ChangeOrderStatus
from festival_push.domain.values import OrderId, OrderStatus
from festival_push.store.database import Database
from festival_push.store.errors import CommandFailed, Unavailable, UnsafeDatabase, WriteFailed
from festival_push.store.writing.answers import Committed, StoredAnswer
from tests.store.faults import Fault, FaultyDatabase, FaultyWriter
from tests.store.world import ANNA, BAR, BOSS, PRICE, World, assert_lawful, once, outcomes

STATEMENTS_MIN = 15  # of one order: fewer, and the test would miss some


@pytest.fixture
async def faulty(database: Database) -> FaultyDatabase:
    return FaultyDatabase(database, FaultyWriter(database.writer()))


@pytest.fixture
def settle_s() -> float:
    """For how long the committer asks what became of a COMMIT: longer than any server here is gone."""
    return 60.0


@pytest.fixture
async def world(faulty: FaultyDatabase, settle_s: float) -> AsyncIterator[World]:
    """Anna has money for a hundred beers."""
    async with World(faulty, settle_s=settle_s) as world:
        await world.ground()
        await world.add_user(ANNA, money=100 * PRICE)
        yield world
    await assert_lawful(faulty)


@pytest.mark.parametrize("fault", Fault)
async def test_a_retry_after_a_fault_at_any_statement_charges_once(
    world: World, faulty: FaultyDatabase, fault: Fault
) -> None:
    for statement in count(1):
        faulty.writer().fail_at(statement, fault)
        [first] = await outcomes(world.committer.submit_once(world.order(ANNA), once(f"k{statement}")))
        if not isinstance(first, StoredAnswer):
            assert isinstance(first, CommandFailed if fault is Fault.REFUSED else Unavailable)
            assert not getattr(first, "outcome_unknown", False)
            assert await world.count("orders") == statement - 1, "nothing of it may be left"
        if faulty.writer().armed():
            break
        answer = await world.committer.submit_once(world.order(ANNA), once(f"k{statement}"))
        assert answer.replayed is isinstance(first, StoredAnswer)
        assert not isinstance(first, StoredAnswer) or first.body == answer.body
        assert json.loads(answer.body)["balance"] == (100 - statement) * PRICE
        assert await world.count("orders") == await world.count("kept_answers") == statement
        await assert_lawful(faulty)
    assert statement > STATEMENTS_MIN


@pytest.mark.parametrize("fault", Fault)
async def test_a_fault_at_any_statement_of_a_shared_batch(world: World, faulty: FaultyDatabase, fault: Fault) -> None:
    """Refused together, they succeed one by one; unavailable, none of them does, and all may try again."""
    for statement in count(1):
        faulty.writer().fail_at(statement, fault)
        placed = await world.count("orders")
        found = await outcomes(
            *(world.committer.submit_once(world.order(ANNA), once(f"{statement}-{n}")) for n in range(2)),
            world.committer.submit(world.top_up(ANNA, 1)),
        )
        kinds = {type(outcome) for outcome in found}
        assert kinds in ({StoredAnswer, Committed}, {Unavailable})
        assert await world.count("orders") == placed + (0 if kinds == {Unavailable} else 2)
        assert fault is not Fault.REFUSED or kinds != {Unavailable}
        await assert_lawful(faulty)
        if faulty.writer().armed():
            break
    assert statement > STATEMENTS_MIN


@pytest.mark.parametrize("fault", [Fault.LOST, Fault.LOST_AFTER_COMMIT])
async def test_an_order_step_is_taken_once_too(world: World, faulty: FaultyDatabase, fault: Fault) -> None:
    """Its rows are read in two rounds, so that the second can break as well."""
    for statement in count(1):
        order_id = OrderId(f"o{statement}")
        await world.committer.submit(world.order(ANNA, order_id))
        faulty.writer().fail_at(statement, fault)
        cancel = ChangeOrderStatus(order_id=order_id, actor_id=BOSS, status=OrderStatus.CANCELLED)
        for _ in range(3):
            await outcomes(world.committer.submit(cancel))
        assert await world.balance("user:anna") == 100 * PRICE
        assert await world.balance(f"user:{BAR}") == 0
        if faulty.writer().armed():
            break
    assert statement > STATEMENTS_MIN


async def test_a_lost_commit_is_told_to_the_streams_as_well(world: World, faulty: FaultyDatabase) -> None:
    world.rows.clear()
    faulty.writer().fail_commit(Fault.LOST_AFTER_COMMIT)
    await world.committer.submit_once(world.order(ANNA), once("k"))
    assert await world.count("orders") == 1
    assert "new-order" in [row.type for row in world.rows]


@pytest.mark.parametrize("settle_s", [0.05])
async def test_an_outcome_that_nobody_can_find_out_is_said_to_be_unknown(world: World, faulty: FaultyDatabase) -> None:
    faulty.writer().fail_commit(Fault.LOST_AFTER_COMMIT, gone_for=1000)
    with pytest.raises(Unavailable) as caught:
        await world.committer.submit_once(world.order(ANNA), once("k"))
    assert caught.value.outcome_unknown
    faulty.writer().come_back()
    answer = await world.committer.submit_once(world.order(ANNA), once("k"))
    assert answer.replayed, "the retry with the same key finds out"


@pytest.mark.parametrize("settle_s", [0.05])
async def test_a_server_that_falls_silent_after_a_lost_commit_is_not_waited_for(
    world: World, faulty: FaultyDatabase
) -> None:
    faulty.writer().fail_commit(Fault.LOST_AFTER_COMMIT, gone_for=1, gone_error=None)
    with pytest.raises(Unavailable) as caught:
        async with asyncio.timeout(60):
            await world.committer.submit_once(world.order(ANNA), once("k"))
    assert caught.value.outcome_unknown
    answer = await world.committer.submit_once(world.order(ANNA), once("k"))
    assert answer.replayed, "the retry with the same key finds out"


@pytest.mark.parametrize("error", [UnsafeDatabase, WriteFailed])
async def test_whatever_hinders_the_question_the_batch_is_not_done_again(
    world: World, faulty: FaultyDatabase, error: type[Exception]
) -> None:
    faulty.writer().fail_commit(Fault.LOST_AFTER_COMMIT, gone_for=1, gone_error=error)
    found = await outcomes(*(world.committer.submit(world.order(ANNA)) for _ in range(2)))
    assert [type(outcome) for outcome in found] == [Committed, Committed]
    assert await world.count("orders") == 2


async def test_a_server_that_comes_back_in_time_is_asked(world: World, faulty: FaultyDatabase) -> None:
    faulty.writer().fail_commit(Fault.LOST_AFTER_COMMIT, gone_for=1)
    assert (await world.committer.submit_once(world.order(ANNA), once("k"))).status == 201
