"""The committer: batches, refusals, poison, keys, callers that leave, and the laws that hold at every commit."""

import asyncio
import json
from collections.abc import AsyncIterator

import msgspec
import pytest

from festival_push.domain.book import Book, Decision
from festival_push.domain.draft import Draft
from festival_push.domain.people.people import SpendToken
from festival_push.domain.refusals import IdempotencyKeyReused, InsufficientFunds, TokenSpent
from festival_push.domain.row_kinds import Needs
from festival_push.domain.rows import Account
from festival_push.domain.values import AccountId, Instant, UserId
from festival_push.store.database import Database
from festival_push.store.errors import CommandFailed, Overloaded, Unavailable
from festival_push.store.writing.answers import Committed, OncePerKey, StoredAnswer
from tests.store.world import BEER, BOSS, PRICE, START, World, assert_lawful, once, outcomes, render

ANNA, BEN = UserId("anna"), UserId("ben")


@pytest.fixture
async def world(database: Database) -> AsyncIterator[World]:
    """Anna has money for two beers, Ben for none."""
    async with World(database) as world:
        await world.ground()
        await world.add_user(ANNA, money=2 * PRICE)
        await world.add_user(BEN)
        yield world
    await assert_lawful(database)


class Poison(msgspec.Struct, frozen=True):
    """A command with a bug."""

    where: str

    def needs(self) -> Needs:
        if self.where == "needs":
            raise ZeroDivisionError
        return Needs()

    def decide(self, book: Book, now: Instant) -> Decision[None]:
        if self.where == "decide":
            raise ZeroDivisionError
        draft = Draft(book, now)
        if self.where == "apply":  # an account that was not loaded
            loaded = Account(account_id=AccountId("held"), balance=0, overdraft=True)
            draft.put(loaded, object())  # type: ignore[arg-type]  # that is the bug
        else:  # a balance below zero: the database refuses it
            draft.put(Account(account_id=AccountId("user:poison"), balance=-1))
        return draft.decision(None)


async def test_a_command_is_durable_told_and_answered(world: World) -> None:
    world.rows.clear()
    committed = await world.committer.submit(world.order(ANNA, "o1"))
    assert committed.reply.balance == PRICE
    [[(position,)]] = await world.database.read(("SELECT position FROM log_head", ()))
    assert [row.position for row in world.rows] == list(range(position - len(world.rows) + 1, position + 1))
    assert committed.position == position - 1  # the board's change comes after the batch's commands
    assert world.rows[-1].type == "board-updated"
    assert [row.type for row in world.rows].count("new-order") == 1
    logged = await world.database.read(("SELECT position, data FROM event_log ORDER BY position DESC LIMIT 1", ()))
    assert logged == [[(position, world.rows[-1].data)]]
    assert json.loads(world.rows[-1].data)["preparing"] == [1]


async def test_good_refused_and_poisoned_commands_of_one_batch_do_not_harm_each_other(world: World) -> None:
    batches = sum(world.committer.stats.sizes.counts)
    first, refused, *poisoned, last = await outcomes(
        world.committer.submit(world.order(ANNA)),
        world.committer.submit(world.order(BEN)),
        world.committer.submit(Poison("decide")),
        world.committer.submit(Poison("needs")),
        world.committer.submit(world.order(ANNA)),
    )
    assert isinstance(first, Committed)
    assert isinstance(last, Committed)
    assert isinstance(refused, InsufficientFunds)
    assert [type(outcome) for outcome in poisoned] == [CommandFailed, CommandFailed]
    assert sum(world.committer.stats.sizes.counts) == batches + 1
    assert await world.count("orders") == 2


@pytest.mark.parametrize("where", ["apply", "flush"])
async def test_what_spoils_a_batch_fails_alone(world: World, where: str) -> None:
    found = await outcomes(
        world.committer.submit(world.order(ANNA)),
        world.committer.submit(Poison(where)),
        world.committer.submit(world.order(ANNA)),
        world.committer.submit(world.order(BEN)),
    )
    assert [type(outcome) for outcome in found] == [Committed, CommandFailed, Committed, InsufficientFunds]
    assert await world.balance("user:anna") == 0


async def test_a_broken_render_keeps_nothing(world: World) -> None:
    def broken(_: object) -> StoredAnswer:
        raise ZeroDivisionError

    with pytest.raises(CommandFailed):
        await world.committer.submit_once(world.order(ANNA), OncePerKey("s", "k", "f", broken))
    assert await world.balance("user:anna") == 2 * PRICE
    assert (await world.committer.submit_once(world.order(ANNA), OncePerKey("s", "k", "f", render))).status == 201


async def test_two_hundred_orders_with_money_for_one(world: World) -> None:
    carl = await world.add_user(UserId("carl"), money=PRICE)
    found = await outcomes(*(world.committer.submit(world.order(carl)) for _ in range(200)))
    assert sum(isinstance(outcome, Committed) for outcome in found) == 1
    assert sum(isinstance(outcome, InsufficientFunds) for outcome in found) == 199
    assert await world.balance("user:carl") == 0


async def test_one_wish_sent_fifty_times_is_done_once(world: World) -> None:
    batches = sum(world.committer.stats.sizes.counts)
    answers = await asyncio.gather(*(world.committer.submit_once(world.order(ANNA), once("k")) for _ in range(50)))
    assert sum(world.committer.stats.sizes.counts) == batches + 1, (
        "found in the batch itself, not refused by the database"
    )
    again = await world.committer.submit_once(world.order(ANNA), once("k"))
    assert {(answer.status, answer.body) for answer in (*answers, again)} == {(201, answers[0].body)}
    assert [answer.replayed for answer in answers].count(False) == 1
    assert again.replayed
    assert await world.count("orders") == 1


async def test_the_same_key_with_another_body_or_of_another_person(world: World) -> None:
    await world.committer.submit_once(world.order(ANNA), once("k"))
    with pytest.raises(IdempotencyKeyReused):
        await world.committer.submit_once(world.order(ANNA), once("k", fingerprint="other"))
    other = await world.committer.submit_once(world.order(ANNA), once("k", scope="ben POST /v1/orders"))
    assert not other.replayed
    assert await world.count("orders") == 2


async def test_a_refusal_by_a_business_rule_is_kept_and_others_are_not(world: World) -> None:
    refused = await world.committer.submit_once(world.order(BEN), once("k"))
    await world.committer.submit(world.top_up(BEN, PRICE))
    replayed = await world.committer.submit_once(world.order(BEN), once("k"))
    assert (refused.status, json.loads(refused.body)) == (409, {"code": "insufficient-funds"})
    assert replayed == StoredAnswer(refused.status, refused.body, replayed=True)
    await world.committer.submit(SpendToken(jti="j", expires_at=world.time))
    with pytest.raises(TokenSpent):
        await world.committer.submit_once(SpendToken(jti="j", expires_at=world.time), once("spent"))
    assert await world.count("kept_answers") == 1


async def test_a_caller_who_leaves_cancels_nothing(world: World) -> None:
    calls = [asyncio.create_task(world.committer.submit(world.order(ANNA, f"o{n}"))) for n in range(2)]
    await asyncio.sleep(0)
    assert world.committer.waiting == 2
    for call in calls:
        call.cancel()
    stayed = await world.committer.submit(world.top_up(ANNA, 1))
    assert stayed.reply.balance == 1
    assert await world.count("orders") == 2


async def test_too_many_waiting_are_refused_at_once(database: Database) -> None:
    async with World(database, pending_max=3) as world:
        found = await outcomes(
            *(world.committer.submit(SpendToken(jti=f"{n}", expires_at=world.time)) for n in range(5))
        )
        assert [type(outcome) for outcome in found] == [Committed] * 3 + [Overloaded] * 2
        assert found[-1].retry_after == 1
        assert world.committer.stats.overloaded == 2
        await world.committer.submit(SpendToken(jti="later", expires_at=world.time))


async def test_closing_finishes_what_was_accepted(world: World) -> None:
    accepted = [asyncio.create_task(world.committer.submit(world.order(ANNA))) for _ in range(2)]
    await asyncio.sleep(0)
    await world.committer.close()
    assert all(isinstance(outcome, Committed) for outcome in await outcomes(*accepted))
    with pytest.raises(Unavailable):
        await world.committer.submit(world.order(ANNA))


async def test_a_cancelled_committer_finishes_its_batch_and_turns_the_rest_away(database: Database) -> None:
    async with World(database, batch_max=1) as world:
        await world.ground()
        tasks = [asyncio.create_task(world.committer.submit(world.top_up(BOSS, 5))) for _ in range(3)]
        turns = 0  # of the loop, one by one: a batch is quicker than the poll of `until`
        while world.committer.waiting != 2:
            await asyncio.sleep(0)
            assert (turns := turns + 1) < 10
        world.cancel()
        first, *rest = await outcomes(*tasks)
        assert isinstance(first, Committed)
        assert [type(outcome) for outcome in rest] == [Unavailable, Unavailable]
        assert await world.balance("user:boss") == 5


async def test_a_hub_that_fails_costs_nobody_an_answer(database: Database) -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError

    async with World(database) as world:
        world.committer._groups._on_committed = broken
        await world.ground()
        assert (await world.committer.submit(world.top_up(BOSS, 5))).reply.balance == 5


async def test_readers_see_whole_commits_only(world: World) -> None:
    looked = 0

    async def look() -> None:
        nonlocal looked
        while not done.is_set():
            [[(position,)], [(events,)], [(total,)]] = await world.database.read(
                ("SELECT position FROM log_head", ()),
                ("SELECT COUNT(*) FROM event_log", ()),
                ("SELECT SUM(balance) FROM accounts", ()),
            )
            assert (position, int(total)) == (events, 0)
            looked += 1

    done = asyncio.Event()
    batches = 0
    async with asyncio.TaskGroup() as group:
        for _ in range(3):
            group.create_task(look())
        while batches < 20 or looked < 20:
            await asyncio.gather(*(world.committer.submit(world.top_up(ANNA, 1)) for _ in range(5)))
            batches += 1
        done.set()


class HalfApplied(msgspec.Struct, frozen=True):
    """A command with a bug that shows only after a part of what it decided is in the book: beer for one cent."""

    def needs(self) -> Needs:
        return Needs(items=(BEER,))

    def decide(self, book: Book, now: Instant) -> Decision[None]:
        draft = Draft(book, now)
        draft.put(msgspec.structs.replace(book.item(BEER), price=1), object())  # type: ignore[arg-type]  # that is it
        return draft.decision(None)


async def test_nobody_is_decided_on_a_book_that_a_failed_command_has_changed(world: World) -> None:
    poisoned, order = await outcomes(
        world.committer.submit(HalfApplied()),
        world.committer.submit(world.order(ANNA)),
    )
    assert isinstance(poisoned, CommandFailed)
    assert isinstance(order, Committed)
    assert order.reply.order.total == PRICE
    assert await world.balance("user:anna") == PRICE


async def test_a_trim_gets_on_however_many_commands_wait(database: Database) -> None:
    async with World(database, batch_max=1) as world:
        await world.ground()
        old = len(world.rows)
        world.time = Instant(START + 1)
        calls = [asyncio.create_task(world.committer.submit(world.top_up(BOSS, 1))) for _ in range(100)]
        await asyncio.sleep(0)  # each has accepted its command
        assert world.committer.waiting == len(calls)
        assert await world.committer.trim(0) == old
        assert world.committer.waiting > 0, "it was their turn, one by one, and the trim's"
        await asyncio.gather(*calls)
