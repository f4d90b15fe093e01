"""Retention: the log loses its oldest part, between batches, and nothing else is lost."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from festival_push.domain.deposits.give_backs import ClaimGiveBack, OfferGiveBack, OwnReturn
from festival_push.domain.orders.payment_requests import OwnLine, PayRequest, RequestPayment
from festival_push.domain.people.people import SpendToken
from festival_push.domain.stalls.menus import ChangeMenuItem
from festival_push.domain.stalls.pairings import PAIRING_MS, AnswerPairing, OfferPairing, RequestPairing
from festival_push.domain.topics import ALL
from festival_push.domain.values import (
    AnnouncementId,
    Audience,
    DisplayId,
    GiveBackId,
    Instant,
    OrderId,
    PairingId,
    PaymentRequestId,
    UserId,
)
from festival_push.domain.words.announcements import Announce, EditAnnouncement
from festival_push.store.database import Database
from festival_push.store.errors import Unavailable, UnsafeDatabase
from festival_push.store.reads.reads import Reads
from festival_push.store.writing import retention
from tests.store.faults import Fault, FaultyDatabase, FaultyWriter
from tests.store.world import BAR, BEER, BOSS, PRICE, START, World, assert_lawful, once

ANNA = UserId("anna")
HOUR = 3600 * 1000
DAY = 24 * HOUR
KEPT = 40 * 24 * HOUR  # as docs/api.md promises: the product's own constant would prove nothing


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a few rows need several transactions."""
    chunk_rows = 4
    sql, _ = retention._OLDEST_EVENTS
    monkeypatch.setattr(retention, "CHUNK_ROWS", chunk_rows)
    monkeypatch.setattr(retention, "_OLDEST_EVENTS", (sql, (chunk_rows,)))


@pytest.fixture
async def world(database: Database) -> AsyncIterator[World]:
    """Two orders, an hour apart."""
    async with World(database) as world:
        await world.ground()
        await world.add_user(ANNA, money=10 * PRICE)
        await world.committer.submit_once(world.order(ANNA), once("old"))
        world.time = Instant(START + HOUR)
        await world.committer.submit_once(world.order(ANNA), once("new"))
        yield world
    await assert_lawful(database)


async def trim(world: World, before: int) -> int:
    """Delete what the log's clock says is older than that."""
    return await world.committer.trim(world.time - before)


async def past_a_day(world: World) -> None:
    """The wall clock has agreed with the log's clock for a day, so what expires by it may go."""
    await trim(world, 0)
    world.time = Instant(world.time + DAY)


async def trimmed_to(world: World) -> int:
    """Up to where the log was deleted."""
    [[(position,)]] = await world.database.read(("SELECT trimmed_to FROM log_head", ()))
    return int(position)


async def test_events_older_than_the_limit_leave_the_log(world: World) -> None:
    old = [row.position for row in world.rows if row.at == START]
    assert len(old) > 2 * 4
    assert await trim(world, START + 1) == len(old)
    assert await trimmed_to(world) == old[-1]
    await assert_lawful(world.database)
    assert await trim(world, START + 1) == 0
    assert await world.count("orders") == 2
    assert await world.balance("user:anna") == 8 * PRICE


async def test_the_whole_log_may_go_and_positions_go_on(world: World) -> None:
    last = world.rows[-1].position
    assert await trim(world, START + 2 * HOUR) == last
    await world.committer.submit(world.order(ANNA))
    assert next(row.position for row in world.rows if row.position > last) == last + 1
    await assert_lawful(world.database)


async def test_a_clock_that_was_set_back_changes_no_age(world: World) -> None:
    world.jump_ms = -9 * HOUR
    await world.committer.submit(world.order(ANNA))
    assert [row.at for row in world.rows] == sorted(row.at for row in world.rows)
    assert await trim(world, START + 1) == len([row for row in world.rows if row.at == START])


async def test_a_long_trim_lets_commands_pass(world: World) -> None:
    trimming = asyncio.create_task(trim(world, START + 1))
    await asyncio.sleep(0)
    await world.committer.submit(world.order(ANNA))
    assert not trimming.done()
    await trimming


async def test_kept_answers_are_forgotten_after_their_time(world: World) -> None:
    world.time = Instant(START + KEPT + 1)
    await trim(world, 0)
    assert (await world.committer.submit_once(world.order(ANNA), once("new"))).replayed
    assert not (await world.committer.submit_once(world.order(ANNA), once("old"))).replayed


async def test_expired_tokens_are_forgotten_in_chunks(world: World) -> None:
    await past_a_day(world)
    for number in range(11):
        await world.committer.submit(SpendToken(jti=f"{number}", expires_at=Instant(world.time + number // 10)))
    world.time = Instant(world.time + HOUR + 1)
    await trim(world, 0)
    assert await world.count("spent_tokens") == 1


async def test_payment_requests_that_nobody_paid_are_forgotten_in_chunks(world: World) -> None:
    await past_a_day(world)
    for number in range(11):
        request_id, wanted = PaymentRequestId(f"q{number}"), OwnLine(description="x", amount=1)
        expires_s = 30 + number // 10
        await world.committer.submit(
            RequestPayment(request_id=request_id, actor_id=UserId(BAR), wanted=wanted, expires_s=expires_s)
        )
    paid = PayRequest(request_id=PaymentRequestId("q0"), order_id=OrderId("paid"), customer_id=ANNA)
    await world.committer.submit(paid)
    world.time = Instant(world.time + HOUR + 30_000)
    await trim(world, 0)
    assert await world.count("payment_requests") == 11, "another process' clock may be behind"
    world.time = Instant(world.time + 1)
    await trim(world, 0)
    assert await world.count("payment_requests") == 2, "the one that was paid, and the youngest"


async def test_give_backs_that_nobody_took_are_forgotten_and_those_that_were_taken_stay(world: World) -> None:
    await past_a_day(world)
    await world.committer.submit(ChangeMenuItem(actor_id=BOSS, item_id=BEER, deposit=100))
    await world.committer.submit(world.order(ANNA))
    for number in range(3):
        offer = OfferGiveBack(
            give_back_id=GiveBackId(f"k{number}"), actor_id=UserId(BAR), vendor_id=BAR, expires_s=30,
            returned=OwnReturn(description="Cup", amount=10),
        )  # fmt: skip
        await world.committer.submit(offer)
    await world.committer.submit(ClaimGiveBack(give_back_id=GiveBackId("k0"), actor_id=ANNA))
    world.time = Instant(world.time + HOUR + 30_000)
    await trim(world, 0)
    assert await world.count("give_backs") == 3, "another process' clock may be behind"
    world.time = Instant(world.time + 1)
    await trim(world, 0)
    assert await world.count("give_backs") == 1, "the one that was taken"


async def test_pairings_are_forgotten_in_chunks_but_their_displays_stay(world: World) -> None:
    await past_a_day(world)
    for number in range(11):
        pairing_id, code = PairingId(f"w{number}"), f"c{number}"
        await world.committer.submit(
            OfferPairing(actor_id=BOSS, vendor_id=BAR, pairing_id=pairing_id, code_hash=code, name="Left")
        )
        await world.committer.submit(RequestPairing(code_hash=code, secret_hash="s"))
        await world.committer.submit(
            AnswerPairing(
                actor_id=BOSS, vendor_id=BAR, pairing_id=pairing_id, accept=True, display_id=DisplayId(f"d{number}")
            )
        )
    await world.committer.submit(
        OfferPairing(actor_id=BOSS, vendor_id=BAR, pairing_id=PairingId("w11"), code_hash="c11", name="Left")
    )
    world.time = Instant(world.time + PAIRING_MS + HOUR)
    await trim(world, 0)
    assert await world.count("pairings") == 12, "another process' clock may be behind"
    world.time = Instant(world.time + 1)
    await trim(world, 0)
    assert (await world.count("pairings"), await world.count("displays")) == (0, 11)


async def test_announcements_stay_when_their_events_have_left_the_log(world: World) -> None:
    announcement_id = AnnouncementId("a1")
    made = await world.committer.submit(
        Announce(
            actor_id=BOSS, announcement_id=announcement_id, message="Rain", title=None, audience=Audience.ALL,
            priority=None,
        )
    )  # fmt: skip
    await trim(world, START + 2 * HOUR)
    assert await world.count("event_log") == 0
    edited = await world.committer.submit(
        EditAnnouncement(actor_id=BOSS, announcement_id=announcement_id, message="Sun")
    )
    reads = Reads(world.database)
    [reached] = await reads.announcements(limit=9)
    assert reached.announcement == edited.reply
    assert edited.reply.position == made.position
    assert await reads.notifications([ALL], limit=9) == [], "its audience can't look it up any more"


async def test_a_trim_that_nobody_foresaw_leaves_the_committer_alive(database: Database) -> None:
    faulty = FaultyDatabase(database, FaultyWriter(database.writer()))
    async with World(faulty) as world:
        faulty.writer().fail_commit(Fault.LOST, gone_for=1, gone_error=UnsafeDatabase)
        for _ in range(2):
            with pytest.raises(Unavailable):
                await trim(world, START + 1)
        await world.ground()


async def test_a_trim_that_fails_says_so_and_harms_nothing(database: Database) -> None:
    faulty = FaultyDatabase(database, FaultyWriter(database.writer()))
    async with World(faulty) as world:
        await world.ground()
        for fault in Fault:
            faulty.writer().fail_commit(fault)
            with pytest.raises(Unavailable):
                await trim(world, START + 1)
            await assert_lawful(database)
        await trim(world, START + 1)
        assert await world.count("event_log") == 0
    with pytest.raises(Unavailable):
        await trim(world, START)
