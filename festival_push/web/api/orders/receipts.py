"""Receipts: what a customer has paid, and what of it went back; and what was put into a wallet. Made to be printed."""

from typing import Final

from msgspec import UNSET, UnsetType
from starlette.responses import Response

from festival_push.domain.orders.rows import Order, OrderLine
from festival_push.domain.orders.taxes import OrderTax, order_taxes
from festival_push.domain.people.relations import Act
from festival_push.domain.refusals import NotFound
from festival_push.domain.rows import Transfer
from festival_push.domain.values import (
    AccountId,
    OrderId,
    OrderStatus,
    TransferId,
    TransferKind,
    VendorId,
    desk_method_of,
    is_cash,
    provider_of,
    rfc3339,
    user_account,
)
from festival_push.store.reads.ledger import Entry
from festival_push.store.reads.orders import PaidOrder
from festival_push.web.api.orders.order_views import seen_by
from festival_push.web.api.views import View
from festival_push.web.parsing.fields import left_out
from festival_push.web.parsing.queries import NoQuery
from festival_push.web.routing.access import who_may
from festival_push.web.routing.endpoint import USER, Call, Endpoints, json_response

ENDPOINTS: Final = Endpoints()


class ReceiptTaxView(View, frozen=True, kw_only=True):
    """What the goods of an order took at one rate; gross = net + tax."""

    tax_bp: int | UnsetType = UNSET  # of the net; left out: the stall has not said, and the tax is 0
    gross: int
    net: int
    tax: int
    returned: int  # of the gross
    tax_returned: int  # of the tax


class PaymentView(View, frozen=True, kw_only=True):
    """What of an order was paid from where, and what of that went back there."""

    account: str  # wallet or allowance
    amount: int
    returned: int


class RefundView(View, frozen=True, kw_only=True):
    """One time that money of an order went back."""

    kind: TransferKind  # refund (of goods and tip), deposit
    amount: int
    reason: str | UnsetType = UNSET
    timestamp: str


class ReceiptView(View, frozen=True, kw_only=True):
    """The receipt of an order: total + tip + deposit = paid, and paid - returned = kept."""

    festival: str
    timezone: str  # in which to print the times
    vendor_id: VendorId
    vendor_name: str
    legal_name: str | UnsetType = UNSET  # of the business, as the stall's owner has said; so are the two below
    tax_id: str | UnsetType = UNSET
    address: str | UnsetType = UNSET
    order_id: OrderId
    number: int
    status: OrderStatus
    at_once: bool | UnsetType = UNSET  # true: nothing was called, so nobody knows the number
    timestamp: str  # when it was paid
    items: tuple[OrderLine, ...]
    total: int  # of the goods, their tax included
    taxes: tuple[ReceiptTaxView, ...]  # of the total; the highest rate first
    tip: int  # beside the total, without tax
    deposit: int  # beside the total, without tax
    paid: int
    payments: tuple[PaymentView, ...]
    refunds: tuple[RefundView, ...]  # the oldest first
    returned: int  # of all that was paid
    kept: int
    currency: str
    currency_digits: int


class TopUpReceiptView(View, frozen=True, kw_only=True):
    """The receipt of a top-up. Nothing is bought by it, so it has no tax."""

    festival: str
    timezone: str
    transaction_id: TransferId
    name: str  # whose wallet it is
    amount: int
    returned: int  # what of it was taken back
    method: str | UnsetType = UNSET  # at the desk: cash, card …; left out: neither desk nor provider
    provider: str | UnsetType = UNSET
    note: str | UnsetType = UNSET
    timestamp: str
    currency: str
    currency_digits: int


@ENDPOINTS.get("/v1/orders/{orderId}/receipt", USER, query=NoQuery, answers={200: ReceiptView})
async def show_receipt(call: Call) -> Response:
    """GET /v1/orders/{orderId}/receipt: for whoever may see the order; 404 for everybody else."""
    call.query(NoQuery)
    reads = call.services.reads
    seen = seen_by(call.person, await reads.order(OrderId(call.id("orderId"))))
    return json_response(_receipt_view(call, await reads.paid_order(seen.order)))


@ENDPOINTS.get(
    "/v1/me/transactions/{transactionId}/receipt",
    who_may(Act.USE_ACCOUNT),
    query=NoQuery,
    answers={200: TopUpReceiptView},
    refuses=(NotFound,),
)
async def show_top_up_receipt(call: Call) -> Response:
    """GET /v1/me/transactions/{transactionId}/receipt: of a top-up of the caller's wallet; else 404."""
    call.query(NoQuery)
    top_up = await call.services.reads.top_up(TransferId(call.id("transactionId")), user_account(call.actor_id))
    if top_up is None:
        raise NotFound(what="transfer")
    return json_response(_top_up_view(call, top_up))


def method_of(account_id: AccountId) -> str | None:
    """Return how money from an account was paid at the desk: `cash`, as what a drawer got, or another method.

    None if it is no account of the desk.
    """
    return "cash" if is_cash(account_id) else desk_method_of(account_id)


def _receipt_view(call: Call, paid_order: PaidOrder) -> ReceiptView:
    rules, order, vendor = call.services.rules, paid_order.order, paid_order.vendor
    paid = order.total + order.tip + order.deposit
    returned = order.refunded + order.tip_refunded + order.deposit_refunded
    return ReceiptView(
        festival=call.services.settings.festival.name,
        timezone=str(rules.timezone),
        vendor_id=order.vendor_id,
        vendor_name=order.vendor_name,
        legal_name=left_out(vendor.legal_name),
        tax_id=left_out(vendor.tax_id),
        address=left_out(vendor.address),
        order_id=order.order_id,
        number=order.number,
        status=order.status,
        at_once=order.handed_over or UNSET,
        timestamp=rfc3339(order.created_at),
        items=order.lines,
        total=order.total,
        taxes=tuple(map(_tax_view, order_taxes(order))),
        tip=order.tip,
        deposit=order.deposit,
        paid=paid,
        payments=_payments(order, paid=paid, returned=returned),
        refunds=tuple(map(_refund_view, paid_order.went_back)),
        returned=returned,
        kept=paid - returned,
        currency=rules.currency.code,
        currency_digits=rules.currency.digits,
    )


def _tax_view(tax: OrderTax) -> ReceiptTaxView:
    return ReceiptTaxView(
        tax_bp=left_out(tax.tax_bp),
        gross=tax.gross,
        net=tax.net,
        tax=tax.tax,
        returned=tax.returned,
        tax_returned=tax.tax_returned,
    )


def _payments(order: Order, *, paid: int, returned: int) -> tuple[PaymentView, ...]:
    """Return what each of the customer's two accounts paid, without one that paid nothing."""
    shares = (
        PaymentView(account="wallet", amount=paid - order.allowance, returned=returned - order.allowance_refunded),
        PaymentView(account="allowance", amount=order.allowance, returned=order.allowance_refunded),
    )
    return tuple(share for share in shares if share.amount)


def _refund_view(transfer: Transfer) -> RefundView:
    return RefundView(
        kind=transfer.kind, amount=transfer.amount, reason=left_out(transfer.note), timestamp=rfc3339(transfer.at)
    )


def _top_up_view(call: Call, top_up: Entry) -> TopUpReceiptView:
    rules, transfer = call.services.rules, top_up.transfer
    return TopUpReceiptView(
        festival=call.services.settings.festival.name,
        timezone=str(rules.timezone),
        transaction_id=transfer.transfer_id,
        name=call.person.name,
        amount=transfer.amount,
        returned=top_up.reversed,
        method=left_out(method_of(transfer.debit)),
        provider=left_out(provider_of(transfer.debit)),
        note=left_out(transfer.note),
        timestamp=rfc3339(transfer.at),
        currency=rules.currency.code,
        currency_digits=rules.currency.digits,
    )
