"""Placing an order pays for it: the stall is open, the menu's prices hold, and the wallet covers it."""

from typing import ClassVar

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.days import business_day
from festival_push.domain.draft import Draft
from festival_push.domain.ledger import platform_fee
from festival_push.domain.orders.boards import next_number
from festival_push.domain.orders.orders import OrderReply, reply_of
from festival_push.domain.orders.rows import Order, OrderLine
from festival_push.domain.orders.sales import pay_for
from festival_push.domain.people.relations import Act, require
from festival_push.domain.refusals import (
    AmountTooLarge,
    InsufficientFunds,
    ItemUnavailable,
    NotFound,
    PriceChanged,
    Refusals,
    TooManyOpenOrders,
    VendorBusy,
    VendorClosed,
    VendorUnattended,
)
from festival_push.domain.row_kinds import Needs
from festival_push.domain.rows import User, Vendor
from festival_push.domain.values import Instant, ItemId, OrderId, OrderStatus, UserId, VendorId


class WantedLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line that a customer or a stall asks for; the price comes from the menu."""

    item_id: ItemId
    quantity: int
    notes: str | None = None


class PlaceOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Place and pay a customer's order at one stall."""

    REFUSES: ClassVar[Refusals] = (
        NotFound,
        AmountTooLarge,
        InsufficientFunds,
        ItemUnavailable,
        PriceChanged,
        TooManyOpenOrders,
        VendorBusy,
        VendorClosed,
        VendorUnattended,
    )

    order_id: OrderId
    customer_id: UserId
    vendor_id: VendorId
    lines: tuple[WantedLine, ...]  # 1..order_lines_max
    expected_total: int | None = None  # as the customer saw it, without the tip
    tip: int = 0  # minor units, 0..amount_max

    def needs(self) -> Needs:
        return Needs(
            users=(self.customer_id,), vendors=(self.vendor_id,), items=tuple(line.item_id for line in self.lines)
        )

    def decide(self, book: Book, now: Instant) -> Decision[OrderReply]:
        """Pay for the order and place it.

        Raises NotFound, Suspended, Forbidden, VendorClosed, ItemUnavailable, PriceChanged, and what `place` raises.
        """
        customer = paying(book, self.customer_id)
        vendor = open_stall(book, self.vendor_id)
        lines = priced(book, self.vendor_id, self.lines)
        total = sum(line.total for line in lines)
        if self.expected_total is not None and self.expected_total != total:
            raise PriceChanged(total=total, expected_total=self.expected_total)
        draft = Draft(book, now, user=self.customer_id)
        return draft.decision(place(draft, self.order_id, customer, vendor, lines, tip=self.tip))


def paying(book: Book, customer_id: UserId) -> User:
    """Return the caller, who pays from their own wallet. Raises NotFound, Suspended."""
    customer = book.actor(customer_id)
    require(customer, Act.PLACE_ORDER, user_id=customer_id)
    return customer.user


def open_stall(book: Book, vendor_id: VendorId) -> Vendor:
    """Return the stall, which must be taking orders. Raises NotFound, VendorClosed, VendorUnattended."""
    vendor = book.vendor(vendor_id)
    if not vendor.open:
        raise VendorClosed
    if not vendor.attended:
        raise VendorUnattended
    return vendor


def priced(book: Book, vendor_id: VendorId, wanted: tuple[WantedLine, ...]) -> tuple[OrderLine, ...]:
    """Return the wanted lines at the present prices of the stall's menu. Raises ItemUnavailable."""
    items = [book.items.get(line.item_id) for line in wanted]
    sold = tuple(
        OrderLine(
            item_id=item.item_id,
            name=item.name,
            quantity=line.quantity,
            unit_price=item.price,
            total=item.price * line.quantity,
            notes=line.notes,
            tax_bp=msgspec.UNSET if item.tax_bp is None else item.tax_bp,
            age_min=item.age_min or msgspec.UNSET,
            deposit=item.deposit or msgspec.UNSET,
        )
        for item, line in zip(items, wanted, strict=True)
        if item is not None and item.vendor_id == vendor_id and item.available and not item.deleted
    )
    if len(sold) < len(wanted):
        ids = {line.item_id for line in wanted} - {line.item_id for line in sold}
        raise ItemUnavailable(item_ids=tuple(sorted(ids)))
    return sold


def place(
    draft: Draft, order_id: OrderId, customer: User, vendor: Vendor, lines: tuple[OrderLine, ...], *, tip: int = 0
) -> OrderReply:
    """Pay and place; an amount is completed at once, so it is never one of too many.

    Raises AmountTooLarge, TooManyOpenOrders, VendorBusy, InsufficientFunds.
    """
    assert tip >= 0
    book, now = draft.book, draft.now
    total = sum(line.total for line in lines)
    deposit = sum((line.deposit or 0) * line.quantity for line in lines)
    if (amount := total + tip + deposit) > book.rules.amount_max:
        raise AmountTooLarge(amount=amount, amount_max=book.rules.amount_max)
    open_orders = book.open_orders[vendor.vendor_id]
    day = business_day(now, book.rules)
    order = Order(
        order_id=order_id,
        vendor_id=vendor.vendor_id,
        vendor_name=vendor.name,
        user_id=customer.user_id,
        customer_name=customer.name,
        number=next_number(vendor, open_orders.numbers, day),
        status=OrderStatus.PREPARING if vendor.auto_accept else OrderStatus.PENDING,
        lines=lines,
        total=total,
        tip=tip,
        deposit=deposit,
        platform_fee=platform_fee(total, book.rules.platform_fee_bp),
        placed=book.transfer_seq + 1,
        created_at=now,
        updated_at=now,
    )
    if not order.is_amount and open_orders.of[customer.user_id] >= book.rules.open_orders_max:
        raise TooManyOpenOrders(open_orders_max=book.rules.open_orders_max)
    position = None if order.is_amount else open_orders.waiting + 1  # every waiting order was placed before this one
    if order.is_amount:
        order = msgspec.structs.replace(order, status=OrderStatus.COMPLETED, completed_at=now)
    draft.new(order)
    draft.put(msgspec.structs.replace(vendor, last_number=order.number, number_day=day))
    pay_for(draft, order, queue_position=position)
    return reply_of(draft, order, position)
