"""A small festival ground over a real database: one stall, some customers, a running committer, and its laws."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, Self

import msgspec

from festival_push.domain.log import LogRow
from festival_push.domain.money.funds import TopUp, TopUpReply
from festival_push.domain.office.deeds import FIRST_PREVIOUS
from festival_push.domain.orders.orders import OrderReply
from festival_push.domain.orders.placing import PlaceOrder, WantedLine
from festival_push.domain.people.people import AddUser
from festival_push.domain.refusals import Refused
from festival_push.domain.stalls.menus import AddMenuItem
from festival_push.domain.values import Instant, ItemId, OrderId, Role, TransferId, UserId, VendorId
from festival_push.store.database import Database
from festival_push.store.writing.answers import Committed, OncePerKey, StoredAnswer
from festival_push.store.writing.committer import Committer
from tests.support.festival import RULES as FESTIVAL_RULES

RULES: Final = msgspec.structs.replace(FESTIVAL_RULES, balance_max=500_000)
START: Final = Instant(1_783_000_000_000)
ANNA: Final = UserId("anna")
BOSS: Final = UserId("boss")
BAR: Final = VendorId("bar")
BEER: Final = ItemId("beer")
PRICE: Final = 450


class World:
    """Use it as a context manager; `ground` opens the stall."""

    def __init__(self, database: Database, **limits: Any) -> None:
        self.database = database
        self.rows: list[LogRow] = []
        self.time = START
        self.jump_ms = 0  # how wrong the wall clock is
        self._ids = itertools.count(1)
        options = {"batch_max": 50, "pending_max": 1000, **limits}
        self.committer = Committer(
            database,
            RULES,
            now=lambda: Instant(self.time + self.jump_ms),
            monotonic=lambda: self.time / 1000,
            on_committed=self.rows.extend,
            **options,
        )
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self.committer.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        await self.committer.close()
        with suppress(asyncio.CancelledError):
            await self._task

    def cancel(self) -> None:
        """As a server that is stopped."""
        assert self._task is not None
        self._task.cancel()

    async def ground(self) -> None:
        """The organiser, one stall with one item."""
        await self.add_user(BOSS, Role.ADMIN)
        await self.add_user(UserId(BAR), Role.VENDOR)
        await self.committer.submit(
            AddMenuItem(
                actor_id=BOSS, vendor_id=BAR, item_id=BEER, name="Beer", description="", price=PRICE, available=True
            )
        )

    async def add_user(self, user_id: UserId, role: Role = Role.CUSTOMER, *, money: int = 0) -> UserId:
        """A person, with money from the cash desk."""
        await self.committer.submit(
            AddUser(user_id=user_id, role=role, name=user_id.title(), pin_hash=None, top_up_code=f"code-{user_id}")
        )
        if money:
            await self.committer.submit(self.top_up(user_id, money))
        return user_id

    def top_up(self, user_id: UserId, amount: int) -> TopUp:
        """Cash for a wallet."""
        transfer_id = TransferId(self.new_id("t"))
        return TopUp(actor_id=BOSS, user_id=user_id, amount=amount, method="cash", note=None, transfer_id=transfer_id)

    def order(self, customer_id: UserId, order_id: str | None = None, *, quantity: int = 1) -> PlaceOrder:
        """A wish for beer."""
        return PlaceOrder(
            order_id=OrderId(order_id or self.new_id("o")),
            customer_id=customer_id,
            vendor_id=BAR,
            lines=(WantedLine(item_id=BEER, quantity=quantity),),
        )

    def new_id(self, prefix: str) -> str:
        """An id that no other world makes."""
        return f"{prefix}{next(self._ids)}-{id(self)}"

    async def balance(self, account_id: str) -> int:
        """Of one account; 0 when there is none."""
        [rows] = await self.database.read(("SELECT balance FROM accounts WHERE account_id = $1", (account_id,)))
        return int(rows[0][0]) if rows else 0

    async def count(self, table: str) -> int:
        """Rows of a table."""
        [[(count,)]] = await self.database.read((f"SELECT COUNT(*) FROM {table}", ()))  # noqa: S608  # a test's own word
        return int(count)


def once(key: str, *, fingerprint: str = "f", scope: str = "anna POST /v1/orders") -> OncePerKey:
    """An idempotency key whose answer tells what happened."""
    return OncePerKey(scope, key, fingerprint, render)


def render(outcome: Committed[Any] | Refused) -> StoredAnswer:
    """201 with the reply's facts, 409 with the refusal's code."""
    if isinstance(outcome, Refused):
        return StoredAnswer(409, json.dumps({"code": outcome.code}).encode())
    reply = outcome.reply
    if isinstance(reply, OrderReply):
        facts: object = {"orderId": reply.order.order_id, "balance": reply.balance, "position": outcome.position}
    else:
        assert isinstance(reply, TopUpReply)
        facts = {"balance": reply.balance}
    return StoredAnswer(201, msgspec.json.encode(facts))


async def outcomes(*submitted: Awaitable[Any]) -> list[Any]:
    """What each became: a result or an exception."""
    return await asyncio.gather(*submitted, return_exceptions=True)


@asynccontextmanager
async def lawful_world(database: Database, *, money: int, **limits: Any) -> AsyncIterator[World]:
    """A ground on which Anna has money. At the end its laws hold."""
    async with World(database, **limits) as world:
        await world.ground()
        await world.add_user(ANNA, money=money)
        yield world
    await assert_lawful(database)


async def assert_lawful(database: Database) -> None:
    """The promises that hold at every commit: money adds up, and the log has no gap."""
    heads, log, topics, accounts, transfers, deeds = await database.read(
        ("SELECT position, transfer_seq, trimmed_to, deed_seq, deed_hash FROM log_head", ()),
        ("SELECT position, topics FROM event_log ORDER BY position", ()),
        ("SELECT topic, position FROM log_topics", ()),
        ("SELECT account_id, balance, overdraft FROM accounts", ()),
        ("SELECT seq, debit, credit, amount, debit_balance, credit_balance FROM transfers ORDER BY seq", ()),
        ("SELECT seq, previous, hash FROM deeds ORDER BY seq", ()),
    )
    [(position, transfer_seq, trimmed_to, deed_seq, deed_hash)] = heads
    assert [row[0] for row in deeds] == list(range(1, deed_seq + 1))
    hashes = [FIRST_PREVIOUS, *(row[2] for row in deeds)]
    assert [row[1] for row in deeds] == hashes[:-1]
    assert hashes[-1] == deed_hash
    assert [row[0] for row in log] == list(range(trimmed_to + 1, position + 1))
    assert {(topic, at) for at, names in log for topic in json.loads(names)} == set(topics)
    assert [row[0] for row in transfers] == list(range(1, transfer_seq + 1))
    balances: dict[str, int] = {}
    for _, debit, credit, amount, debit_balance, credit_balance in transfers:
        balances[debit] = balances.get(debit, 0) - amount
        balances[credit] = balances.get(credit, 0) + amount
        assert (balances[debit], balances[credit]) == (debit_balance, credit_balance)
    assert {name: balance for name, balance, _ in accounts if balance} == {k: v for k, v in balances.items() if v}
    assert sum(balances.values()) == 0
    assert all(balance >= 0 or overdraft for _, balance, overdraft in accounts)
