"""The rows of orders: a paid order with its lines, what boards need of an unfinished one, and a request to be paid.

They are rows like those in `rows.py`.
"""

from typing import Final

import msgspec

from festival_push.domain.values import (
    Instant,
    ItemId,
    OrderId,
    OrderStatus,
    PaymentRequestId,
    PaymentStatus,
    UserId,
    VendorId,
)

OPEN_STATUSES: Final = frozenset({OrderStatus.PENDING, OrderStatus.CONFIRMED, OrderStatus.PREPARING, OrderStatus.READY})
"""Those of orders that are not finished."""


class OrderLine(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One line as it was sold; the menu may change afterwards."""

    item_id: ItemId | None  # None: not on the menu, the stall has named the price
    name: str
    quantity: int
    unit_price: int
    total: int
    notes: str | None = None
    # As the item had them when it was sold; what it had not is left out.
    tax_bp: int | msgspec.UnsetType = msgspec.UNSET
    age_min: int | msgspec.UnsetType = msgspec.UNSET
    deposit: int | msgspec.UnsetType = msgspec.UNSET  # minor units of each, beside the total
    refunded: int | msgspec.UnsetType = msgspec.UNSET  # how many of the quantity were given back; left out: none


class LineBack(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How many of one line of an order are given back."""

    index: int  # of the order's lines, from 0 on
    quantity: int


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """A paid order; amounts are in minor units."""

    order_id: OrderId
    vendor_id: VendorId
    vendor_name: str
    user_id: UserId
    customer_name: str
    number: int  # called out at the stall, 1..999
    status: OrderStatus
    lines: tuple[OrderLine, ...]
    total: int
    tip: int = 0  # beside the total; no fee is taken of it
    refunded: int = 0  # of the total
    tip_refunded: int = 0  # all of it, or nothing
    platform_fee: int = 0
    fee_refunded: int = 0
    estimated_time: int | None = None  # minutes, as the stall said
    reason: str | None = None  # why it was cancelled
    placed: int  # rises with every order, so that "earlier" needs no clock
    created_at: Instant
    updated_at: Instant
    ready_at: Instant | None = None  # when it became ready for the first time
    called_at: Instant | None = None  # when it became ready for the last time: its number was called
    completed_at: Instant | None = None  # None while it is not completed
    coming_at: Instant | None = None  # when its customer said, after the last call, that they are coming
    customer_messages: int = 0  # how many its customer has sent about it, and below, how many the stall
    vendor_messages: int = 0
    at_once: bool = False  # handed over when it was paid: nothing is called or picked up
    deposit: int = 0  # beside total and tip: paid to `deposits`, not to the till
    deposit_refunded: int = 0
    allowance: int = 0  # of total, tip and deposit: paid by the customer's allowance, not the wallet
    allowance_refunded: int = 0  # of that

    @property
    def is_amount(self) -> bool:
        """Return whether it pays an amount that the stall named, and nothing of its menu."""
        return all(line.item_id is None for line in self.lines)

    @property
    def handed_over(self) -> bool:
        """Return whether it was handed over when it was paid: nothing is prepared, called or picked up."""
        return self.at_once or self.is_amount

    @property
    def paid(self) -> int:
        """Return what its customer has paid: the total, the tip and the deposit."""
        return self.total + self.tip + self.deposit

    @property
    def back(self) -> int:
        """Return how much of what was paid went back to the customer."""
        return self.refunded + self.tip_refunded + self.deposit_refunded

    @property
    def held(self) -> int:
        """Return how much of this order is in the stall's till: what was paid less what went back and the fee."""
        paid = self.total + self.tip - self.platform_fee
        return paid - self.refunded - self.tip_refunded + self.fee_refunded

    @property
    def payment_status(self) -> PaymentStatus:
        """Return how much of what was paid went back, the tip included: nothing, a part or all."""
        back = self.refunded + self.tip_refunded
        if not back:
            return PaymentStatus.PAID
        return PaymentStatus.REFUNDED if back == self.total + self.tip else PaymentStatus.PARTIALLY_REFUNDED


class OpenOrder(msgspec.Struct, frozen=True):
    """The fields of an unfinished order that boards, queues and pickup numbers need."""

    order_id: OrderId
    vendor_id: VendorId
    user_id: UserId
    number: int
    status: OrderStatus
    placed: int
    estimated_time: int | None = None  # minutes, as the stall said
    called_at: Instant | None = None  # when it became ready for the last time
    held: int = 0  # of it in the stall's till, which has not earned it yet


def open_order(order: Order) -> OpenOrder:
    """Return what boards need of an order that is not finished."""
    return OpenOrder(
        order_id=order.order_id,
        vendor_id=order.vendor_id,
        user_id=order.user_id,
        number=order.number,
        status=order.status,
        placed=order.placed,
        estimated_time=order.estimated_time,
        called_at=order.called_at,
        held=order.held,
    )


class PaymentRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A stall's request to be paid, once, by the customer who scans it. Paying it makes it an order."""

    request_id: PaymentRequestId
    vendor_id: VendorId
    lines: tuple[OrderLine, ...]  # with the prices at the time of the request
    total: int
    order_id: OrderId | None = None  # None: nobody has paid yet
    created_at: Instant
    expires_at: Instant  # from this instant on it can't be paid
    created_by: UserId | None = None  # as a display's
