"""A stall's open orders, and what is asked of them for every new one."""

from bisect import bisect_left
from collections.abc import Iterable
from typing import Final

from festival_push.domain.rows import OpenOrder
from festival_push.domain.values import OrderId, OrderStatus

QUEUED: Final = frozenset({OrderStatus.PENDING, OrderStatus.CONFIRMED, OrderStatus.PREPARING})
"""Where an order waits for its turn."""

_SIDES: Final = {
    OrderStatus.CONFIRMED: OrderStatus.PREPARING,
    OrderStatus.PREPARING: OrderStatus.PREPARING,
    OrderStatus.READY: OrderStatus.READY,
}  # of the pickup board; it does not show an order without one

_MILESTONES: Final = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 25, 30, 40, 50, 70, 100, 150, 200, 300, 500, 700)


def band(place: int) -> int:
    """The stretch of a queue that a place is in: each of the first ten is its own, further back they are longer.

    Customers are told of their place when it changes its band, so that one step of a stall with `n` orders waiting
    costs a few events and not `n`. Source: decision 0015.
    """
    return bisect_left(_MILESTONES, place)


class OpenOrders(dict[OrderId, OpenOrder]):
    """The open orders of one stall, in placing order. Changed by `put` and `drop` only.

    Attributes:
        numbers: The pickup numbers that they hold.
        waiting: How many of them wait for their turn; counted along, so that a new order costs the same in any rush.
    """

    def __init__(self, orders: Iterable[OpenOrder] = ()) -> None:
        super().__init__()
        self.numbers: set[int] = set()
        self.waiting = 0
        self._told: dict[OrderId, int] | None = None  # places before anyone moved; None while nobody has
        self._shown: dict[OrderId, OrderStatus | None] = {}  # the sides of those that changed theirs, before that
        for order in orders:
            self.put(order)
        self._shown.clear()

    def put(self, order: OpenOrder) -> None:
        """Add the newest order, or a new version of one in its place."""
        before = self.get(order.order_id)
        waited, waits = before is not None and before.status in QUEUED, order.status in QUEUED
        if before is not None and waited is not waits:
            self._someone_moves()
        if (side := _side_of(before)) is not _side_of(order):
            self._shown.setdefault(order.order_id, side)
        self[order.order_id] = order
        self.numbers.add(order.number)
        self.waiting += waits - waited
        if before is None and waits and self._told is not None:
            self._told[order.order_id] = self.waiting  # what the answer to placing it says

    def drop(self, order_id: OrderId) -> None:
        """Take out an order that is finished, if it is there."""
        order = self.get(order_id)
        if order is None:
            return
        if order.status in QUEUED:
            self._someone_moves()
            self.waiting -= 1
        self._shown.setdefault(order_id, _side_of(order))
        self.numbers.discard(order.number)
        del self[order_id]

    def places(self) -> dict[OrderId, int]:
        """The place of each order that waits: 1 is next."""
        waiting = (order_id for order_id, order in self.items() if order.status in QUEUED)
        return {order_id: place for place, order_id in enumerate(waiting, 1)}

    def take_board_change(self) -> bool:
        """Whether the stall's board looks otherwise than when this was last asked. Looks at what has changed only."""
        shown, self._shown = self._shown, {}
        return any(_side_of(self.get(order_id)) is not side for order_id, side in shown.items())

    def take_moves(self) -> list[tuple[OpenOrder, int]]:
        """The orders whose place is in another band than when this was last asked, and that place; new ones not."""
        told, self._told = self._told, None
        if told is None:
            return []
        return [
            (self[order_id], place)
            for order_id, place in self.places().items()
            if order_id not in told or band(place) != band(told[order_id])  # who comes back to the queue had no place
        ]

    def _someone_moves(self) -> None:
        if self._told is None:
            self._told = self.places()


def _side_of(order: OpenOrder | None) -> OrderStatus | None:
    return None if order is None else _SIDES.get(order.status)
