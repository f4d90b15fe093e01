"""All that is kept of one person, read page by page, for the file that they may have of it."""

# ruff: noqa: S608  # only names of columns and numbers of parameters are filled in

from collections.abc import AsyncIterator
from typing import Any, Final

import msgspec

from festival_push.domain.events import CustomerMessage, NewNotification, VendorMessage
from festival_push.domain.office.deeds import KeptDeed, subject_of
from festival_push.domain.orders.rows import Order
from festival_push.domain.rows import Payout, Receipt, Transfer
from festival_push.domain.signing_in.rows import Factor
from festival_push.domain.topics import order_topic, user_topic
from festival_push.domain.values import AccountId, Position, UserId
from festival_push.store.database import Database
from festival_push.store.reads.money import TRANSACTIONS
from festival_push.store.reads.orders import NEWEST
from festival_push.store.tables import DEEDS, FACTORS, ORDERS, PAYOUT_ROWS, PRESENT, RECEIPTS, TRANSFERS, Table

_PAGE: Final = 500

_ORDERS: Final = f"SELECT {ORDERS.columns} FROM orders WHERE user_id = $1 AND placed < $2 ORDER BY placed DESC LIMIT $3"
_PAYOUTS: Final = (
    f"SELECT {PAYOUT_ROWS.columns} FROM payouts WHERE user_id = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3"
)
_DEEDS: Final = f"SELECT {DEEDS.columns} FROM deeds WHERE subject = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3"
_RECEIPTS: Final = f"""
    SELECT {RECEIPTS.columns} FROM receipts WHERE user_id = $1 AND receipt_id > $2 ORDER BY receipt_id LIMIT $3
"""
_FACTORS: Final = f"SELECT {FACTORS.columns} FROM factors WHERE {PRESENT} AND user_id = $1"
_EVENTS: Final = """
    SELECT e.position, e.type, e.data FROM log_topics AS t JOIN event_log AS e ON e.position = t.position
     WHERE t.topic {in_1} AND t.position > $2 ORDER BY t.position LIMIT $3
"""


class ExportReads:
    """Reads of all of a person's rows. Every method may raise Unavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def factors_of(self, user_id: UserId) -> list[Factor]:
        """Return somebody's second factors."""
        (found,) = await self._database.read((_FACTORS, (user_id,)))
        return [FACTORS.decode(row) for row in found]

    async def all_orders(self, user_id: UserId) -> AsyncIterator[Order]:
        """Yield somebody's orders, newest first."""
        async for order in self._down(_ORDERS, ORDERS, user_id, "placed"):
            yield order

    async def all_payouts(self, user_id: UserId) -> AsyncIterator[Payout]:
        """Yield the payouts that somebody has asked for, newest first."""
        async for payout in self._down(_PAYOUTS, PAYOUT_ROWS, user_id, "seq"):
            yield payout

    async def all_transfers(self, account_id: AccountId) -> AsyncIterator[Transfer]:
        """Yield the transfers of an account, newest first."""
        async for transfer in self._down(TRANSACTIONS, TRANSFERS, account_id, "seq"):
            yield transfer

    async def deeds_about(self, user_id: UserId) -> AsyncIterator[KeptDeed]:
        """Yield what staff did to somebody, newest first."""
        async for deed in self._down(_DEEDS, DEEDS, subject_of("user", user_id), "seq"):
            yield deed

    async def all_payments(self, user_id: UserId) -> AsyncIterator[Receipt]:
        """Yield the payments that providers reported for somebody."""
        after, found = "", True
        while found:
            (rows,) = await self._database.past.read((_RECEIPTS, (user_id, after, _PAGE)))
            for receipt in map(RECEIPTS.decode, rows):
                after = receipt.receipt_id
                yield receipt
            found = len(rows) == _PAGE

    async def told(self, user_id: UserId) -> AsyncIterator[dict[str, Any]]:
        """Yield the notifications to somebody that are still in the log, oldest first."""
        async for event in self._events([user_topic(user_id)], {NewNotification.TYPE}):
            yield event

    async def written(self, user_id: UserId) -> AsyncIterator[dict[str, Any]]:
        """Yield the messages about somebody's orders that are still in the log."""
        async for order in self.all_orders(user_id):
            if order.customer_messages or order.vendor_messages:
                kinds = {CustomerMessage.TYPE, VendorMessage.TYPE}
                async for event in self._events([order_topic(order.order_id)], kinds):
                    yield event

    async def _events(self, topics: list[str], kinds: set[str]) -> AsyncIterator[dict[str, Any]]:
        after, found = Position(0), True
        while found:
            (rows,) = await self._database.past.read((_EVENTS, (topics, after, _PAGE)))
            for position, kind, data in rows:
                after = position
                if kind in kinds:
                    yield {"type": kind, **msgspec.json.decode(data)}
            found = len(rows) == _PAGE

    async def _down(self, select: str, table: Table[Any], key: str, column: str) -> AsyncIterator[Any]:
        """Yield the rows of a statement that takes a key, what to begin below, and how many."""
        before, found = NEWEST, True
        while found:
            (rows,) = await self._database.past.read((select, (key, before, _PAGE)))
            for row in map(table.decode, rows):
                before = getattr(row, column)
                yield row
            found = len(rows) == _PAGE
