"""Queues, pickup numbers and the pickup board: what follows from a stall's open orders."""

from collections import Counter
from collections.abc import Container, Iterable
from typing import Final

import msgspec

from festival_push.domain.book import Book, Outgoing
from festival_push.domain.events import BoardUpdated, QueueUpdated
from festival_push.domain.open_orders import QUEUED
from festival_push.domain.orders.pace import estimated_minutes
from festival_push.domain.refusals import VendorBusy
from festival_push.domain.rows import OpenOrder, Vendor
from festival_push.domain.topics import board_topic, user_topic
from festival_push.domain.values import Instant, OrderId, OrderStatus, VendorId, rfc3339

NUMBER_MAX: Final = 999
_PREPARING: Final = frozenset({OrderStatus.CONFIRMED, OrderStatus.PREPARING})


class Board(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The numbers on one stall's screen, in the order they were placed. Pending orders are not on it yet."""

    vendor_id: VendorId
    preparing: tuple[int, ...]
    ready: tuple[int, ...]
    vendor_name: str = ""  # where a screen is to show it


def board_of(vendor_id: VendorId, open_orders: Iterable[OpenOrder]) -> Board:
    """Sort a stall's open orders, given in placing order, onto its board."""
    preparing, ready = [], []
    for order in open_orders:
        if order.status in _PREPARING:
            preparing.append(order.number)
        elif order.status is OrderStatus.READY:
            ready.append(order.number)
    return Board(vendor_id=vendor_id, preparing=tuple(preparing), ready=tuple(ready))


def queue_position(placed: int, status: OrderStatus, open_orders: Iterable[OpenOrder]) -> int | None:
    """Orders of the stall that are served before this one, plus one; None when it waits no more."""
    if status not in QUEUED:
        return None
    return 1 + sum(1 for order in open_orders if order.placed < placed and order.status in QUEUED)


def queue_positions(open_orders: Iterable[OpenOrder]) -> dict[OrderId, int]:
    """`queue_position` of every waiting order of some stalls, in one pass; all their open orders, in placing order."""
    waiting: Counter[VendorId] = Counter()
    positions = {}
    for order in open_orders:
        if order.status in QUEUED:
            waiting[order.vendor_id] += 1
            positions[order.order_id] = waiting[order.vendor_id]
    return positions


def next_number(vendor: Vendor, taken: Container[int], day: str) -> int:
    """The next pickup number of the day that no open order holds, 1..999. Raises VendorBusy when all are out."""
    last = vendor.last_number if vendor.number_day == day else 0
    for step in range(NUMBER_MAX):
        number = (last + step) % NUMBER_MAX + 1
        if number not in taken:
            return number
    raise VendorBusy


def board_changes(book: Book, now: Instant) -> list[Outgoing]:
    """One whole-board event for each stall whose board a batch has changed, however many orders did it."""
    changed = [
        board_of(vendor_id, open_orders.values())
        for vendor_id, open_orders in book.open_orders.items()
        if open_orders.take_board_change()
    ]
    return [
        Outgoing(
            (board_topic(board.vendor_id),),
            BoardUpdated(
                timestamp=rfc3339(now), vendor_id=board.vendor_id, preparing=board.preparing, ready=board.ready
            ),
        )
        for board in changed
    ]


def queue_changes(book: Book, now: Instant) -> list[Outgoing]:
    """An event for each waiting order that a batch has moved to another band of its queue, however often it moved."""
    return [
        Outgoing(
            (user_topic(order.user_id),),
            QueueUpdated(
                timestamp=rfc3339(now),
                order_id=order.order_id,
                queue_position=place,
                estimated_time=estimated_minutes(order.estimated_time, book.vendors[vendor_id], place),
            ),
        )
        for vendor_id, open_orders in book.open_orders.items()
        for order, place in open_orders.take_moves()
    ]
