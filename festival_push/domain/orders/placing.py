"""Placing an order pays for it: the stall is open, the menu's prices hold, and the wallet covers it."""

from collections.abc import Iterable
from typing import ClassVar

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.draft import Draft
from festival_push.domain.ledger import platform_fee
from festival_push.domain.office.refusals import WalletFrozen
from festival_push.domain.orders.boards import next_number
from festival_push.domain.orders.orders import OrderReply, reply_of
from festival_push.domain.orders.rows import Order, OrderLine
from festival_push.domain.orders.sales import owed, pay_for
from festival_push.domain.orders.stock import has, quantities_of, take
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
from festival_push.domain.reports.days import business_day
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
        WalletFrozen,
    )

    order_id: OrderId
    customer_id: UserId
    vendor_id: VendorId
    lines: tuple[WantedLine, ...]  # 1..order_lines_max
    expected_total: int | None = None  # as the customer saw it, without tip and deposit
    expected_deposit: int | None = None
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
        require_deposit(lines, self.expected_deposit)
        draft = Draft(book, now, user=self.customer_id)
        return draft.decision(place(draft, self.order_id, customer, vendor, lines, tip=self.tip))


def paying(book: Book, customer_id: UserId) -> User:
    """Return the caller, who pays from their own wallet. Raises NotFound, Suspended, WalletFrozen."""
    customer = book.spender(customer_id)
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
    """Return the wanted lines at the present prices of the stall's menu.

    Raises ItemUnavailable for what it does not sell now, or of which it has less than is wanted.
    """
    items = [book.items.get(line.item_id) for line in wanted]
    quantities = quantities_of(wanted)
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
        if item is not None and item.vendor_id == vendor_id and has(item, quantities[item.item_id])
    )
    if len(sold) < len(wanted):
        ids = {line.item_id for line in wanted} - {line.item_id for line in sold}
        raise ItemUnavailable(item_ids=tuple(sorted(ids)))
    return sold


def deposit_of(lines: Iterable[OrderLine]) -> int:
    """Return the deposit of all pieces of an order's lines, in minor units."""
    return sum((line.deposit or 0) * line.quantity for line in lines)


def require_deposit(lines: tuple[OrderLine, ...], expected: int | None) -> None:
    """Raise PriceChanged if the deposit of the lines is not what the customer saw; None: they did not say."""
    if expected is not None and (deposit := deposit_of(lines)) != expected:
        total = sum(line.total for line in lines)
        raise PriceChanged(total=total, expected_total=total, deposit=deposit, expected_deposit=expected)


def place(
    draft: Draft, order_id: OrderId, customer: User, vendor: Vendor, lines: tuple[OrderLine, ...], *, tip: int = 0
) -> OrderReply:
    """Pay and place. What is handed over at once is completed, so it holds no number and is never one of too many.

    Raises AmountTooLarge, TooManyOpenOrders, VendorBusy, InsufficientFunds.
    """
    assert tip >= 0
    book, now = draft.book, draft.now
    total = sum(line.total for line in lines)
    deposit = deposit_of(lines)
    if (amount := total + tip + deposit) > book.rules.amount_max:
        raise AmountTooLarge(amount=amount, amount_max=book.rules.amount_max)
    open_orders = book.open_orders[vendor.vendor_id]
    at_once = vendor.at_once or all(line.item_id is None for line in lines)
    day = business_day(now, book.rules)
    order = Order(
        order_id=order_id,
        vendor_id=vendor.vendor_id,
        vendor_name=vendor.name,
        user_id=customer.user_id,
        customer_name=customer.name,
        number=next_number(vendor, () if at_once else open_orders.numbers, day),
        status=_first_status(vendor, at_once=at_once),
        lines=lines,
        total=total,
        tip=tip,
        deposit=deposit,
        platform_fee=platform_fee(total, book.rules.platform_fee_bp),
        placed=book.transfer_seq + 1,
        created_at=now,
        updated_at=now,
        completed_at=now if at_once else None,
        at_once=at_once,
    )
    if not at_once and open_orders.of[customer.user_id] >= book.rules.open_orders_max:
        raise TooManyOpenOrders(open_orders_max=book.rules.open_orders_max)
    position = None if at_once else open_orders.waiting + 1  # every waiting order was placed before this one
    order = owed(draft, order)
    draft.new(order)
    draft.put(msgspec.structs.replace(vendor, last_number=order.number, number_day=day))
    pay_for(draft, order, queue_position=position)
    take(draft, lines)
    return reply_of(draft, order, position)


def _first_status(vendor: Vendor, *, at_once: bool) -> OrderStatus:
    if at_once:
        return OrderStatus.COMPLETED
    return OrderStatus.PREPARING if vendor.auto_accept else OrderStatus.PENDING
