"""A stall's open orders, with the pickup numbers and queue positions that every new order needs."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import takewhile
from typing import Final

from festival_push.domain.event import Outgoing
from festival_push.domain.events import OrderChange
from festival_push.domain.orders.rows import OPEN_STATUSES, OpenOrder, Order, open_order
from festival_push.domain.values import Instant, OrderId, OrderStatus, UserId

QUEUED: Final = frozenset({OrderStatus.PENDING, OrderStatus.CONFIRMED, OrderStatus.PREPARING})
"""The statuses in which an order waits for its turn."""

_SIDES: Final = {
    OrderStatus.CONFIRMED: OrderStatus.PREPARING,
    OrderStatus.PREPARING: OrderStatus.PREPARING,
    OrderStatus.READY: OrderStatus.READY,
}  # the column of the pickup board that shows an order of this status; the board does not show the others

_Shown = tuple[OrderStatus, Instant | None]
"""How the board shows an order: its column and, of a ready order, when it was called."""

_MILESTONES: Final = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 25, 30, 40, 50, 70, 100, 150, 200, 300, 500, 700)


def band(position: int) -> int:
    """Return the band of a queue position: each of the first ten is a band of its own, further back bands are wider.

    Customers are told of their queue position when it moves to another band, so that one step of a stall with `n`
    waiting orders costs a few events and not `n`. Source: decision 0015.
    """
    return bisect_left(_MILESTONES, position)


class OpenOrders(dict[OrderId, OpenOrder]):
    """The open orders of one stall, in the order in which they were placed. Only `put`, `drop` and `renew` change it.

    Attributes:
        numbers: The pickup numbers of these orders.
        waiting: How many of them wait for their turn. This and `of` are kept up to date, so that a new order costs the
            same in any rush.
        of: How many of them each customer has.
        held: How much of them is in the stall's till, in minor units: not earned yet.
    """

    def __init__(self, orders: Iterable[OpenOrder] = ()) -> None:
        super().__init__()
        self.numbers: set[int] = set()
        self.waiting = 0
        self.of: Counter[UserId] = Counter()
        self.held = 0
        self._told: dict[OrderId, int] | None = None  # queue positions before the first move; None while nobody moved
        self._shown: dict[OrderId, _Shown | None] = {}  # of the orders that are shown differently: how it was before
        for order in orders:
            self.put(order)
        self._shown.clear()

    def put(self, order: OpenOrder) -> None:
        """Add an order, or replace it by its new version. A recalled order gets its old position."""
        before = self.get(order.order_id)
        later = self._placed_after(order) if before is None else []
        is_newest = before is None and not later
        waited, waits = before is not None and before.status in QUEUED, order.status in QUEUED
        if waited is not waits and not is_newest:
            self._someone_moves()
        if (shown := _shown_of(before)) != _shown_of(order):
            self._shown.setdefault(order.order_id, shown)
        self[order.order_id] = order
        for order_id in later:
            self[order_id] = self.pop(order_id)
        self.numbers.add(order.number)
        self.waiting += waits - waited
        self.of[order.user_id] += before is None
        self.held += order.held - (0 if before is None else before.held)
        if is_newest and waits and self._told is not None:
            self._told[order.order_id] = self.waiting  # the reply to placing the order says the same

    def drop(self, order_id: OrderId) -> None:
        """Remove an order that is finished; nothing happens if it is not here."""
        order = self.get(order_id)
        if order is None:
            return
        if order.status in QUEUED:
            self._someone_moves()
            self.waiting -= 1
        self._shown.setdefault(order_id, _shown_of(order))
        self.numbers.discard(order.number)
        self.of[order.user_id] -= 1
        self.held -= order.held
        if not self.of[order.user_id]:
            del self.of[order.user_id]  # they may never come back
        del self[order_id]

    def renew(self, orders: Sequence[OpenOrder]) -> None:
        """Take over orders as another process has left them, finished ones too. Whoever must know was told by it.

        All changes must have been taken before.
        """
        self._told = {}  # nobody's move is ours to tell, so no positions are counted
        is_open = {order.order_id: order.status in OPEN_STATUSES for order in orders}
        for order in orders:  # first, because the pickup number of one may be another's now
            before = self.get(order.order_id)
            if before is not None and (not is_open[order.order_id] or before.number != order.number):
                self.drop(order.order_id)
        for order in sorted(orders, key=lambda order: order.placed):
            if is_open[order.order_id]:
                self.put(order)
        self._told = None
        self._shown.clear()

    def queue_positions(self) -> dict[OrderId, int]:
        """Return the queue position of each waiting order: 1 is next."""
        waiting = (order_id for order_id, order in self.items() if order.status in QUEUED)
        return {order_id: position for position, order_id in enumerate(waiting, 1)}

    def take_board_change(self) -> bool:
        """Return whether the stall's board has changed since the last call; look only at orders that changed."""
        shown, self._shown = self._shown, {}
        return any(_shown_of(self.get(order_id)) != before for order_id, before in shown.items())

    def take_moves(self) -> list[tuple[OpenOrder, int]]:
        """Return the orders that moved to another band since the last call, with their queue position; not new ones."""
        told, self._told = self._told, None
        if told is None:
            return []
        return [
            (self[order_id], position)
            for order_id, position in self.queue_positions().items()
            # not in `told`: an order that was ready and is prepared again, so it had no position before
            if order_id not in told or band(position) != band(told[order_id])
        ]

    def _placed_after(self, order: OpenOrder) -> list[OrderId]:
        """Return the orders that were placed after this one, in their order; for a new order none, at little cost."""
        later = list(takewhile(lambda other: other.placed > order.placed, reversed(self.values())))
        return [other.order_id for other in reversed(later)]

    def _someone_moves(self) -> None:
        if self._told is None:
            self._told = self.queue_positions()


def _shown_of(order: OpenOrder | None) -> _Shown | None:
    if order is None or (side := _SIDES.get(order.status)) is None:
        return None
    return side, order.called_at if side is OrderStatus.READY else None


class Untold(Exception):
    """A decision changes what boards and queues need of an order, and no event says so: others would not notice."""


def require_told(before: Order | None, order: Order, events: Iterable[Outgoing]) -> None:
    """Raise Untold unless one of a decision's events tells of the change of an order."""
    if any(isinstance(told.event, OrderChange) and told.event.order_id == order.order_id for told in events):
        return
    if before is None or open_order(before) != open_order(order):
        raise Untold(order.order_id)
