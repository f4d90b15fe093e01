"""Facts: what an event says, reduced to what can be foretold from the command that caused it."""

from collections.abc import Callable
from typing import Final

from festival_push.simulate.http.wire import Told

Fact = tuple[str | int | None, ...]
"""An event's name, and the values in it that can be foretold."""


def _cause(told: Told) -> str | None:
    """Return the order or the transaction that changed a balance; of cups that were brought back none is foretold."""
    if told.reason == "deposit":
        return told.order_id
    return told.order_id or told.transaction_id


_FACTS: Final[dict[str, Callable[[Told], Fact]]] = {
    "balance-updated": lambda told: (told.reason, _cause(told), told.amount),
    "payment-completed": lambda told: (told.transaction_id, told.amount),
    "new-order": lambda told: (told.order_id, told.total),
    "order-status-changed": lambda told: (told.order_id, told.status),
    "order-ready": lambda told: (told.order_id,),
    "customer-coming": lambda told: (told.order_id, told.coming_at),
    "order-refunded": lambda told: (told.order_id, told.amount),
    "vendor-message": lambda told: (told.order_id, told.message),
    "customer-message": lambda told: (told.order_id, told.message),
    "payment-request-paid": lambda told: (told.request_id, told.order_id, told.amount),
    "room-joined": lambda told: (told.room,),
    "room-left": lambda told: (told.room,),
    "tracking-orders": lambda told: told.order_ids,
    "give-back-claimed": lambda told: (told.give_back_id, told.amount),
    "menu-updated": lambda told: (told.item_id, told.available, told.price),
    "new-transaction": lambda told: (told.kind, told.order_id or told.transaction_id, told.amount),
    "announcement-changed": lambda told: (told.announcement_id, told.message),
    "announcement-withdrawn": lambda told: (told.announcement_id,),
}


def fact_of(event: str, told: Told) -> Fact | None:
    """Return the fact of an event; None if it is not foretold.

    A refreshed balance moves no money, and a notification only tells of another event, unless it is an announcement.
    """
    if event == "balance-updated" and told.reason == "refresh":
        return None
    if event == "new-notification":
        return (event, told.message) if told.type == "announcement" else None
    say = _FACTS.get(event)
    return None if say is None else (event, *say(told))
