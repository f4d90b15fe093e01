"""Queue positions, pickup numbers and the pickup board: all derived from a stall's open orders."""

from collections import Counter
from collections.abc import Container, Iterable
from typing import Final

import msgspec

from festival_push.domain.book import Book, Outgoing
from festival_push.domain.events import QueueUpdated
from festival_push.domain.open_orders import QUEUED
from festival_push.domain.orders.pace import estimated_minutes
from festival_push.domain.orders.rows import OpenOrder
from festival_push.domain.refusals import VendorBusy
from festival_push.domain.rows import Vendor
from festival_push.domain.stalls.events import BoardUpdated, CalledNumber
from festival_push.domain.topics import board_topic, user_topic
from festival_push.domain.values import Instant, OrderId, OrderStatus, VendorId, rfc3339

NUMBER_MAX: Final = 999
_PREPARING: Final = frozenset({OrderStatus.CONFIRMED, OrderStatus.PREPARING})


class Board(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The numbers on one stall's board, oldest order first. Pending orders are not on it yet."""

    vendor_id: VendorId
    preparing: tuple[int, ...]
    ready: tuple[int, ...]
    called: tuple[CalledNumber, ...]  # the ready numbers again, the newest call first


def board_of(vendor_id: VendorId, open_orders: Iterable[OpenOrder]) -> Board:
    """Return the board of a stall from its open orders, which are given in the order in which they were placed."""
    preparing, ready = [], []
    for order in open_orders:
        if order.status in _PREPARING:
            preparing.append(order.number)
        elif order.status is OrderStatus.READY:
            ready.append(order)
    # Of numbers that were called in the same batch, the one that was placed last comes first.
    called = sorted(reversed(ready), key=_called_at, reverse=True)
    return Board(
        vendor_id=vendor_id,
        preparing=tuple(preparing),
        ready=tuple(order.number for order in ready),
        called=tuple(CalledNumber(number=order.number, called_at=rfc3339(_called_at(order))) for order in called),
    )


def queue_position(placed: int, status: OrderStatus, open_orders: Iterable[OpenOrder]) -> int | None:
    """Return an order's queue position at its stall: 1 is next; None if the order no longer waits.

    Args:
        placed: The order's `placed`.
        open_orders: All open orders of the stall, in any order.
    """
    if status not in QUEUED:
        return None
    return 1 + sum(1 for order in open_orders if order.placed < placed and order.status in QUEUED)


def queue_positions(open_orders: Iterable[OpenOrder]) -> dict[OrderId, int]:
    """Return the queue position of every waiting order of some stalls, in one pass.

    Args:
        open_orders: All open orders of these stalls, in the order in which they were placed.
    """
    waiting: Counter[VendorId] = Counter()
    positions = {}
    for order in open_orders:
        if order.status in QUEUED:
            waiting[order.vendor_id] += 1
            positions[order.order_id] = waiting[order.vendor_id]
    return positions


def next_number(vendor: Vendor, taken: Container[int], day: str) -> int:
    """Return the day's next pickup number, 1..999, that no open order holds. Raises VendorBusy if all are taken."""
    last = vendor.last_number if vendor.number_day == day else 0
    for step in range(NUMBER_MAX):
        number = (last + step) % NUMBER_MAX + 1
        if number not in taken:
            return number
    raise VendorBusy


def board_changes(book: Book, now: Instant) -> list[Outgoing]:
    """Return one event with the whole board for each stall whose board a batch changed, however many orders did so."""
    changed = [
        board_of(vendor_id, open_orders.values())
        for vendor_id, open_orders in sorted(book.open_orders.items())  # the same on every database
        if open_orders.take_board_change()
    ]
    return [
        Outgoing(
            (board_topic(board.vendor_id),),
            board_updated(board, now),
        )
        for board in changed
    ]


def board_updated(board: Board, now: Instant) -> BoardUpdated:
    """Return the event that tells a board as it is now."""
    return BoardUpdated(
        timestamp=rfc3339(now),
        vendor_id=board.vendor_id,
        preparing=board.preparing,
        ready=board.ready,
        called=board.called,
    )


def queue_changes(book: Book, now: Instant) -> list[Outgoing]:
    """Return one event for each waiting order that a batch moved to another band, however often it moved."""
    return [
        Outgoing(
            (user_topic(order.user_id),),
            QueueUpdated(
                timestamp=rfc3339(now),
                order_id=order.order_id,
                user_id=order.user_id,
                queue_position=position,
                estimated_time=estimated_minutes(order.estimated_time, book.vendors[vendor_id], position),
            ),
        )
        for vendor_id, open_orders in sorted(book.open_orders.items())
        for order, position in open_orders.take_moves()
    ]


def _called_at(order: OpenOrder) -> Instant:
    """Return when a ready order was called; for one of before this was noted, long ago."""
    return order.called_at or Instant(0)
