"""Reads of orders, with their queue positions, and of the pickup boards."""

# ruff: noqa: S608  # only names of columns and numbers of parameters are filled in

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from festival_push.domain.book import OPEN_STATUSES
from festival_push.domain.orders.boards import Board, board_of, queue_positions
from festival_push.domain.orders.orders import OrderSeen
from festival_push.domain.orders.pace import estimated_minutes
from festival_push.domain.orders.rows import Order
from festival_push.domain.rows import Transfer, Vendor
from festival_push.domain.values import OrderId, OrderStatus, UserId, VendorId, user_account
from festival_push.store.database import Database
from festival_push.store.sql import Param, SqlRow
from festival_push.store.tables import OPEN, OPEN_ORDER_COLUMNS, ORDERS, TRANSFERS, VENDORS, open_order_of

NEWEST: Final = 2**63 - 1
"""Pass this as `before` to begin with the newest row."""
REFUNDS_MAX: Final = 50
"""How many refunds a receipt lists."""

_OPEN_OF_STALLS: Final = f"SELECT {OPEN_ORDER_COLUMNS} FROM orders WHERE {OPEN} AND vendor_id"
_BY_ID: Final = f"SELECT {ORDERS.columns} FROM orders WHERE order_id = $1"
_OPEN_BESIDE: Final = f"{_OPEN_OF_STALLS} = (SELECT vendor_id FROM orders WHERE order_id = $1) ORDER BY placed"
STALLS: Final = f"SELECT {VENDORS.columns} FROM vendors WHERE vendor_id"
_STALL_OF: Final = f"{STALLS} = (SELECT vendor_id FROM orders WHERE order_id = $1)"
_ITS_STALL: Final = f"{STALLS} = $1"
# What went back into the wallet; what an allowance has put there came no later than the order. Walks the wallet's
# credits since the order, which are few.
_WENT_BACK: Final = f"""
    SELECT {TRANSFERS.columns} FROM transfers WHERE credit = $1 AND seq > $2 AND order_id = $3 ORDER BY seq LIMIT $4
"""
_BOARD: Final = "SELECT position, epoch, (SELECT name FROM vendors WHERE vendor_id = $1) FROM log_head"
_OPEN_OF: Final = f"{_OPEN_OF_STALLS} = $1 ORDER BY placed"


class BoardSeen(msgspec.Struct, frozen=True):
    """A stall's board, the stall's name, and the position and epoch at which it was so."""

    board: Board
    vendor_name: str
    position: int
    epoch: str


class PaidOrder(msgspec.Struct, frozen=True):
    """What a receipt says: an order, its stall, and the transfers that gave money of it back, the oldest first."""

    order: Order
    vendor: Vendor
    went_back: tuple[Transfer, ...]  # the first REFUNDS_MAX


class OrderReads:
    """Reads of orders and boards. Every method may raise Unavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def order(self, order_id: OrderId) -> OrderSeen | None:
        """Return an order; None if it is unknown. Checks no rights: the caller must use `domain.orders.orders.sees`."""
        found, beside, stalls = await self._database.read(
            (_BY_ID, (order_id,)), (_OPEN_BESIDE, (order_id,)), (_STALL_OF, (order_id,))
        )
        return seen_orders(found, beside, stalls)[0] if found else None

    async def paid_order(self, order: Order) -> PaidOrder:
        """Return what the receipt of an order says, as it stands now. Checks no rights."""
        params = (user_account(order.user_id), order.placed, order.order_id, REFUNDS_MAX)
        found, stalls, went_back = await self._database.read(
            (_BY_ID, (order.order_id,)), (_ITS_STALL, (order.vendor_id,)), (_WENT_BACK, params)
        )
        return PaidOrder(ORDERS.decode(found[0]), VENDORS.decode(stalls[0]), tuple(map(TRANSFERS.decode, went_back)))

    async def orders(
        self,
        *,
        user_id: UserId | None = None,
        vendor_id: VendorId | None = None,
        status: OrderStatus | None = None,
        before: int | None = None,
        limit: int,
    ) -> list[OrderSeen]:
        """Return a page of orders, newest first: of a customer, of a stall, or of everyone.

        Args:
            before: Return only orders with a lower `placed`; for the next page, that of the last order of this page.
        """
        page, params = orders_page(user_id=user_id, vendor_id=vendor_id, status=status, before=before, limit=limit)
        theirs = f"IN (SELECT vendor_id FROM ({page}) AS page WHERE {OPEN})"
        found, beside, stalls = await self._database.past.read(
            (page, params), (f"{_OPEN_OF_STALLS} {theirs} ORDER BY placed", params), (f"{STALLS} {theirs}", params)
        )
        return seen_orders(found, beside, stalls)

    async def board(self, vendor_id: VendorId) -> BoardSeen | None:
        """Return a stall's board; None for an unknown stall."""
        ((head,), found) = await self._database.read((_BOARD, (vendor_id,)), (_OPEN_OF, (vendor_id,)))
        position, epoch, name = head
        if name is None:
            return None
        return BoardSeen(board_of(vendor_id, map(open_order_of, found)), name, position, epoch)


def orders_page(
    *,
    user_id: UserId | None,
    vendor_id: VendorId | None,
    status: OrderStatus | None,
    before: int | None,
    limit: int,
) -> tuple[str, Sequence[Param]]:
    """Return the statement that reads one page of orders, and its parameters."""
    params: list[Param] = [NEWEST if before is None else before, limit]
    conditions = ["placed < $1"]
    for column, value in (("user_id", user_id), ("vendor_id", vendor_id), ("status", status)):
        if value is not None:
            params.append(value)
            conditions.append(f"{column} = ${len(params)}")
    if status in OPEN_STATUSES:
        conditions.append(OPEN)  # redundant, but lets the database use the index of open orders
    where = " AND ".join(conditions)
    return f"SELECT {ORDERS.columns} FROM orders WHERE {where} ORDER BY placed DESC LIMIT $2", params


def seen_orders(found: Iterable[SqlRow], beside: Iterable[SqlRow], stalls: Iterable[SqlRow]) -> list[OrderSeen]:
    """Return the orders of a page with their queue positions and estimates.

    Args:
        beside: Rows of all open orders of the stalls that have an open order on the page.
        stalls: Rows of those stalls.
    """
    positions = queue_positions(map(open_order_of, beside))
    vendors = {vendor.vendor_id: vendor for vendor in map(VENDORS.decode, stalls)}
    seen = []
    for order in map(ORDERS.decode, found):
        queue_position, minutes = positions.get(order.order_id), order.estimated_time
        if queue_position is not None:
            minutes = estimated_minutes(minutes, vendors[order.vendor_id], queue_position)
        seen.append(OrderSeen(order, queue_position, minutes))
    return seen
