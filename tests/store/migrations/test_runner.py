"""Migrations: once, together or not at all; and the guards that they put up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import get_args

import pytest

from festival_push.domain.orders.payment_requests import OwnLine, PayRequest, RequestPayment
from festival_push.domain.payouts.payouts import PAYOUTS_MAX, RequestPayout
from festival_push.domain.refusals import MenuFull, TooManyDisplays, TooManyPayouts
from festival_push.domain.signing_in.guesses import Counts, CountTry
from festival_push.domain.stalls.displays import DISPLAYS_MAX, AddDisplay
from festival_push.domain.stalls.menus import AddMenuItem
from festival_push.domain.stalls.pairings import OfferPairing, RequestPairing
from festival_push.domain.values import (
    DisplayId,
    ItemId,
    OrderId,
    OrderStatus,
    PairingId,
    PaymentRequestId,
    PayoutId,
    UserId,
)
from festival_push.domain.words.messages import SendMessage
from festival_push.store.database import Database
from festival_push.store.errors import UnsafeDatabase, WriteFailed
from festival_push.store.migrations.runner import is_empty, migrate
from festival_push.store.migrations.scripts import read_migrations
from festival_push.store.opening import open_database
from festival_push.store.reads.reads import Reads
from festival_push.store.sql import Dialect, Write
from tests.store.world import BAR, BOSS, PRICE, RULES, START, World


async def change(database: Database, sql: str) -> None:
    """Try one change, as an intruder or a bug would."""
    writer = database.writer()
    await writer.begin()
    await writer.commit((sql, [()]))


async def test_migrations_run_once(database_url: str) -> None:
    database = await open_database(database_url)
    try:
        assert await is_empty(database)
        assert await migrate(database) == list(read_migrations(database.dialect))
        assert not await is_empty(database)
        assert await migrate(database) == []
        [[(epoch, position)]] = await database.read(("SELECT epoch, position FROM log_head", ()))
        assert len(epoch) == 8
        assert position == 0
    finally:
        await database.close()


async def test_processes_that_start_together_migrate_once(database_url: str) -> None:
    databases = [await open_database(database_url) for _ in range(4)]
    try:
        applied = await asyncio.gather(*(migrate(database) for database in databases))
        assert sorted(map(len, applied)) == [0, 0, 0, len(read_migrations(databases[0].dialect))]
    finally:
        for database in databases:
            await database.close()


async def test_a_database_newer_than_the_program_is_refused(database: Database) -> None:
    await change(database, "INSERT INTO schema_migrations (name) VALUES ('9999_tomorrow')")
    with pytest.raises(UnsafeDatabase, match="9999_tomorrow"):
        await migrate(database)
    await change(database, "DELETE FROM schema_migrations WHERE name = '9999_tomorrow'")
    assert await migrate(database) == []


async def test_a_migration_that_fails_leaves_nothing(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    database = await open_database(database_url)
    try:
        scripts = {
            **read_migrations(database.dialect),
            "9998_broken": "CREATE TABLE ghosts (id TEXT);\nSELECT nothing;\n",
        }
        with monkeypatch.context() as patch:
            patch.setattr("festival_push.store.migrations.runner.read_migrations", lambda _: scripts)
            with pytest.raises(WriteFailed):
                await migrate(database)
        assert await migrate(database) == list(read_migrations(database.dialect))
    finally:
        await database.close()


@asynccontextmanager
async def database_before(
    migration: str, database_url: str, monkeypatch: pytest.MonkeyPatch, *rows: Write
) -> AsyncIterator[Database]:
    """A database as the version before a migration left it, with these rows."""
    database = await open_database(database_url)
    try:
        before = {name: script for name, script in read_migrations(database.dialect).items() if name < migration}
        with monkeypatch.context() as patch:
            patch.setattr("festival_push.store.migrations.runner.read_migrations", lambda _: before)
            assert await migrate(database) == list(before)
        writer = database.writer()
        await writer.begin()
        await writer.commit(*rows)
        yield database
    finally:
        await database.close()


async def test_0011_fills_the_times_of_the_orders_of_before(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An order that never was ready, two that are (of one not even the first call is known), one that was, two done."""
    async with database_before("0011_recall", database_url, monkeypatch, *orders_of_before()) as database:
        assert "0011_recall" in await migrate(database)
        [rows] = await database.read(
            ("SELECT order_id, ready_at, called_at, completed_at, coming_at FROM orders ORDER BY order_id", ())
        )
        assert rows == [
            ("cancelled", 20, 20, None, None),
            ("completed", 20, 20, 30, None),
            ("long-completed", None, None, 30, None),
            ("long-ready", None, 30, None, None),
            ("preparing", None, None, None, None),
            ("ready", 20, 20, None, None),
            ("ready-before", 20, 20, None, None),
        ]
        board = await Reads(database).board(BAR)
        assert board is not None
        assert (board.board.preparing, board.board.ready) == ((2, 5), (3, 4))
        reads = await Reads(database).orders(status=OrderStatus.COMPLETED, limit=5)
        assert [(seen.order.order_id, seen.order.completed_at) for seen in reads] == [
            ("long-completed", 30), ("completed", 30),
        ]  # fmt: skip


async def test_0014_counts_what_was_there_before(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Menus, displays and payouts of before count, but those taken off do not; messages and PIN tries begin anew."""
    rows = *orders_of_before(), *sizes_of_before()
    async with database_before("0014_sizes", database_url, monkeypatch, *rows) as database:
        assert (await migrate(database))[0] == "0014_sizes"
        async with World(database) as world:
            submit, stew = world.committer.submit, ItemId("stew")
            more = AddMenuItem(
                actor_id=BOSS, vendor_id=BAR, item_id=stew, name="Stew", description="", price=1, available=True
            )
            with pytest.raises(MenuFull):
                await submit(more)
            with pytest.raises(TooManyDisplays):
                await submit(AddDisplay(actor_id=BOSS, vendor_id=BAR, display_id=DisplayId("d"), name="Left"))
            with pytest.raises(TooManyPayouts):
                await submit(RequestPayout(actor_id=UserId("anna"), payout_id=PayoutId("p"), amount=1, note=None))
            await submit(RequestPayout(actor_id=UserId("ben"), payout_id=PayoutId("p"), amount=1, note=None))
            for order_id in ("preparing", "completed"):
                await submit(SendMessage(actor_id=UserId("anna"), order_id=OrderId(order_id), message="Hi"))
            tried = await submit(CountTry(counts=Counts(account="k"), names=("ben", "ben")))
            assert tried.reply.user is not None
        [sent] = await database.read(
            ("SELECT order_id FROM orders WHERE customer_messages = 1 AND vendor_messages = 0 ORDER BY order_id", ())
        )
        assert sent == [("completed",), ("preparing",)]
        assert len(await Reads(database).menu(BAR) or ()) == RULES.menu_items_max
        assert len(await Reads(database).displays(BAR, limit=200)) == DISPLAYS_MAX


def sizes_of_before() -> list[Write]:
    """A full menu, and an item that was taken off it; as many displays as there may be, and one that is revoked; as
    many payouts of Anna, and of Ben one less and one that is settled. Ben has just used up his tries."""
    users = [("ben", "customer", None, "b", 10, START - 1_000), (BOSS, "admin", None, "x", 0, 0)]
    items = [(f"i{number}", BAR, int(number == 0), number) for number in range(RULES.menu_items_max + 1)]
    displays = [(f"d{number}", BAR, int(number == 0), number) for number in range(DISPLAYS_MAX + 1)]
    payouts = [
        (f"{who}{number}", seq * 100 + number, who, "rejected" if (who, number) == ("ben", 0) else "requested")
        for seq, who in enumerate(("anna", "ben"), 1)
        for number in range(PAYOUTS_MAX)
    ]
    return [
        (
            "INSERT INTO users (user_id, role, name, vendor_id, top_up_code, suspended, pin_tries, pin_window_at,"
            " read_up_to, created_at) VALUES ($1, $2, 'X', $3, $4, 0, $5, $6, 0, 0)",
            users,
        ),
        ("INSERT INTO accounts (account_id, balance, overdraft) VALUES ('user:ben', $1, 0)", [(100,)]),
        (
            "INSERT INTO menu_items (item_id, vendor_id, name, description, price, available, deleted, created_at)"
            " VALUES ($1, $2, 'Soup', '', 400, 1, $3, $4)",
            items,
        ),
        (
            "INSERT INTO displays (display_id, vendor_id, name, revoked, created_at) VALUES ($1, $2, 'Left', $3, $4)",
            displays,
        ),
        (
            "INSERT INTO payouts (payout_id, seq, user_id, name, owner_id, amount, status, created_at, updated_at)"
            " VALUES ($1, $2, $3, 'X', $3, 1, $4, 0, 0)",
            payouts,
        ),
    ]


def orders_of_before() -> list[Write]:
    """A stall, its customer, and an order of every kind, as version 0010 wrote them."""
    line = '[{"itemId":"beer","name":"Beer","quantity":1,"unitPrice":450,"total":450,"notes":null}]'
    kinds = [
        ("cancelled", "cancelled", 20),
        ("preparing", "preparing", None),
        ("ready", "ready", 20),
        ("long-ready", "ready", None),
        ("ready-before", "preparing", 20),
        ("completed", "completed", 20),
        ("long-completed", "completed", None),
    ]
    orders = [
        (order_id, BAR, "Bar", "anna", "Anna", number, status, line, 450, 0, 0, 0, number, 10, 30, ready_at)
        for number, (order_id, status, ready_at) in enumerate(kinds, 1)
    ]
    return [
        (
            "INSERT INTO vendors (vendor_id, name, open, auto_accept, last_number, number_day)"
            " VALUES ($1, 'Bar', 1, 1, 0, '')",
            [(BAR,)],
        ),
        (
            "INSERT INTO users (user_id, role, name, top_up_code, suspended, pin_tries, pin_window_at, read_up_to,"
            " created_at) VALUES ($1, 'customer', 'Anna', 'c', 0, 0, 0, 0, 0)",
            [("anna",)],
        ),
        (
            "INSERT INTO orders (order_id, vendor_id, vendor_name, user_id, customer_name, number, status, lines,"
            " total, refunded, platform_fee, fee_refunded, placed, created_at, updated_at, ready_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
            orders,
        ),
    ]


NUMBERED_TWICE = {"0009_paid_once", "0009_sessions"}
"""Names are what a database remembers, so these stay as they are; they touch different tables, in any order."""


@pytest.mark.parametrize("dialect", get_args(Dialect))
def test_no_two_migrations_share_a_number(dialect: Dialect) -> None:
    names = list(read_migrations(dialect))
    assert set(names) > NUMBERED_TWICE
    numbers = [name.partition("_")[0] for name in names if name not in NUMBERED_TWICE] + ["0009"]
    assert sorted(numbers) == [f"{number:04}" for number in range(1, len(numbers) + 1)]


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE transfers SET amount = amount + 1",
        "DELETE FROM transfers",
        "UPDATE event_log SET data = '{}'",
        "DELETE FROM event_log WHERE position = 1",
        "UPDATE accounts SET balance = -1 WHERE account_id = 'user:anna'",
        "UPDATE log_head SET trimmed_to = position + 1",
        "UPDATE orders SET refunded = total + 1",
        "UPDATE orders SET number = 1000",
        "UPDATE orders SET number = 0",
        "UPDATE orders SET status = 'lost'",
        "UPDATE users SET admin = 2",
        "UPDATE keepers SET part = 'king'",
        "INSERT INTO keepers VALUES ('x', 'bar', 'bar', 'keeper', 0)",
        "INSERT INTO log_head VALUES (2, 'e', 0, 0, 0)",
        "INSERT INTO announcements VALUES ('a', 'm', NULL, 'nobody', 'normal', 1, 0, 'boss', NULL, NULL)",
        "INSERT INTO announcements VALUES ('a', 'm', NULL, 'all', 'urgent', 1, 0, 'boss', NULL, NULL)",
        "INSERT INTO announcements VALUES ('a', 'm', NULL, 'all', 'normal', 1, 0, 'nobody', NULL, NULL)",
        "INSERT INTO transfers VALUES ('x', 99, 'top-up', 'held', 'held', 1, 0, 0, NULL, NULL, 0)",
        "INSERT INTO transfers VALUES ('x', 99, 'top-up', 'funds:cash', 'user:anna', 0, 0, 0, NULL, NULL, 0)",
        "INSERT INTO transfers VALUES ('x', 99, 'top-up', 'user:nobody', 'user:anna', 1, 0, 0, NULL, NULL, 0)",
    ],
)
async def test_the_database_refuses_what_no_rule_allows(database: Database, sql: str) -> None:
    async with World(database) as world:
        await world.ground()
        await world.committer.submit(world.order(await world.add_user(UserId("anna"), money=PRICE)))
        with pytest.raises(WriteFailed):
            await change(database, sql)
        await change(database, "UPDATE accounts SET balance = balance")  # and all is well afterwards


async def test_a_stall_may_be_overdrawn(database: Database) -> None:
    async with World(database) as world:
        await world.ground()
        await change(database, "UPDATE accounts SET balance = -1 WHERE account_id = 'till:bar'")


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE payment_requests SET order_id = 'o2' WHERE request_id = 'q1'",
        "UPDATE payment_requests SET order_id = NULL WHERE request_id = 'q1'",
        "DELETE FROM payment_requests WHERE request_id = 'q1'",
        "UPDATE payment_requests SET order_id = 'q1-paid' WHERE request_id = 'q2'",
        "UPDATE payment_requests SET order_id = 'none' WHERE request_id = 'q2'",
        "UPDATE payment_requests SET expires_at = created_at",
        "UPDATE payment_requests SET total = 0",
    ],
)
async def test_a_payment_request_stays_the_order_that_paid_it(database: Database, sql: str) -> None:
    async with World(database) as world:
        await world.ground()
        anna = await world.add_user(UserId("anna"), money=2 * PRICE)
        await world.committer.submit(world.order(anna, "o2"))
        for name in ("q1", "q2"):
            wanted = OwnLine(description="Deposit", amount=1)
            asked = RequestPayment(request_id=PaymentRequestId(name), actor_id=UserId(BAR), wanted=wanted, expires_s=60)
            await world.committer.submit(asked)
        paid = PayRequest(request_id=PaymentRequestId("q1"), order_id=OrderId("q1-paid"), customer_id=anna)
        await world.committer.submit(paid)
        with pytest.raises(WriteFailed):
            await change(database, sql)
        await change(database, "UPDATE payment_requests SET order_id = order_id")  # as the committer may write it again
        await change(database, "DELETE FROM payment_requests WHERE order_id IS NULL")


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE pairings SET code_hash = 'again' WHERE pairing_id = 'typed'",
        "UPDATE pairings SET code_hash = NULL WHERE pairing_id = 'made'",
        "UPDATE pairings SET secret_hash = NULL, code_hash = 'again' WHERE pairing_id = 'typed'",
        "UPDATE pairings SET status = 'refused' WHERE pairing_id = 'made'",
        "UPDATE pairings SET status = 'confirmed' WHERE pairing_id = 'typed'",
        "UPDATE pairings SET display_id = 'none' WHERE pairing_id = 'typed'",
        "UPDATE pairings SET status = 'lost' WHERE pairing_id = 'typed'",
        "UPDATE pairings SET expires_at = created_at",
    ],
)
async def test_a_pairing_goes_from_a_code_to_a_screen_and_not_back(database: Database, sql: str) -> None:
    async with World(database) as world:
        await world.ground()
        for name in ("typed", "made"):
            offer = OfferPairing(
                actor_id=UserId(BAR), vendor_id=BAR, pairing_id=PairingId(name), code_hash=name, name="Left"
            )
            await world.committer.submit(offer)
            if name == "typed":
                await world.committer.submit(RequestPairing(code_hash=name, secret_hash="s"))
        with pytest.raises(WriteFailed):
            await change(database, sql)
        await change(database, "UPDATE pairings SET status = 'refused' WHERE pairing_id = 'typed'")


def test_no_number_is_given_twice() -> None:
    for dialect in ("sqlite", "postgres"):
        numbers = [name.partition("_")[0] for name in read_migrations(dialect)]
        numbers.remove("0009")  # released twice, and names are keys
        assert len(set(numbers)) == len(numbers)
        assert numbers == sorted(numbers)
