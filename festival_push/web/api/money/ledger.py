"""The ledger as the organiser reads it: every transfer, and each stall's settlement."""

from typing import Final

import msgspec
from msgspec import UNSET, UnsetType
from starlette.responses import Response

from festival_push.domain.money.amounts import Currency
from festival_push.domain.money.settlements import Settlement
from festival_push.domain.people.relations import Act
from festival_push.domain.refusals import NotFound
from festival_push.domain.reports.figures import TaxLine
from festival_push.domain.values import (
    AccountId,
    Actor,
    OrderId,
    ReceiptId,
    TransferId,
    TransferKind,
    VendorId,
    rfc3339,
)
from festival_push.store.reads.ledger import Entry
from festival_push.store.reads.reports.windows import WHOLE
from festival_push.web.api.reports.periods import saved_as, today
from festival_push.web.api.reports.views import TaxView, tax_cells, tax_view
from festival_push.web.api.sheets import amount_cell, sheet
from festival_push.web.api.views import Page, View, page
from festival_push.web.parsing.fields import left_out
from festival_push.web.parsing.queries import NoQuery, PageQuery
from festival_push.web.routing.access import who_may
from festival_push.web.routing.endpoint import Call, Endpoints, json_response

ENDPOINTS: Final = Endpoints()

_OFFICE: Final = who_may(Act.SEE_OFFICE)
_AMOUNTS: Final = ("sales", "refunds", "fees", "paidOut", "other", "balance", "payoutDue", "owed", "tips")
"""The columns of a settlement that are money."""


class TransferView(View, frozen=True, kw_only=True):
    """A transfer, as the ledger keeps it; `debit` and `credit` are accounts."""

    transaction_id: TransferId
    kind: TransferKind
    amount: int
    debit: AccountId
    credit: AccountId
    debit_balance: int  # right after the transfer
    credit_balance: int
    order_id: OrderId | UnsetType = UNSET
    note: str | UnsetType = UNSET
    timestamp: str
    actor: Actor  # who moved it; `unknown`: before this was kept
    reverses: TransferId | UnsetType = UNSET  # the transfer that it takes back
    reversed: int  # how much of it was taken back; of an order's, by all refunds
    funds_id: ReceiptId | UnsetType = UNSET  # of the provider's payment whose money it is


class SettlementView(View, frozen=True, kw_only=True):
    """What a stall's till consists of: sales + tips - refunds - fees - paidOut + other = balance."""

    vendor_id: VendorId
    vendor_name: str
    currency: str
    currency_digits: int
    orders: int
    sales: int
    refunds: int
    fees: int
    paid_out: int
    other: int
    balance: int
    payout_due: int
    owed: int
    tips: int
    taxes: tuple[TaxView, ...] | UnsetType = UNSET  # left out: the stall has never said a rate


@ENDPOINTS.get("/v1/admin/transactions", _OFFICE, query=PageQuery, answers={200: Page[TransferView]})
async def list_transfers(call: Call) -> Response:
    """GET /v1/admin/transactions: the whole ledger, newest first."""
    query = call.query(PageQuery)
    found = await call.services.reads.transfers(before=query.before, limit=query.limit + 1)
    return json_response(page(found, query.limit, _transfer_view, before=lambda entry: entry.transfer.seq))


@ENDPOINTS.get("/v1/admin/vendors/{vendorId}/settlement", _OFFICE, query=NoQuery, answers={200: SettlementView})
async def show_settlement(call: Call) -> Response:
    """GET /v1/admin/vendors/{vendorId}/settlement."""
    return json_response(await _read_settlement(call))


@ENDPOINTS.get("/v1/admin/vendors/{vendorId}/settlement.csv", _OFFICE, query=NoQuery, answers={200: "text/csv"})
async def download_settlement(call: Call) -> Response:
    """GET /v1/admin/vendors/{vendorId}/settlement.csv: a heading and one row; amounts in major units."""
    settlement = await _read_settlement(call)
    columns, digits = msgspec.to_builtins(settlement), call.services.rules.currency.digits
    for name in _AMOUNTS:
        columns[name] = amount_cell(columns[name], digits)
    for line in columns.pop("taxes", ()):
        columns |= tax_cells(line.get("taxBp"), line, digits)
    return sheet(saved_as(call, f"{settlement.vendor_name} settlement", today(call)), (columns, columns.values()))


async def _read_settlement(call: Call) -> SettlementView:
    call.query(NoQuery)
    vendor_id = VendorId(call.id("vendorId"))
    settlement = await call.services.reads.settlement(vendor_id)
    if settlement is None:
        raise NotFound(what="vendor")
    figures = await call.services.reads.figures(WHOLE, vendor_id)
    return _settlement_view(settlement, figures.taxes, call.services.rules.currency)


def _settlement_view(settlement: Settlement, taxes: tuple[TaxLine, ...], currency: Currency) -> SettlementView:
    says_rates = any(line.tax_bp is not None for line in taxes)
    return SettlementView(
        vendor_id=settlement.vendor.vendor_id,
        vendor_name=settlement.vendor.name,
        currency=currency.code,
        currency_digits=currency.digits,
        orders=settlement.orders,
        sales=settlement.sales,
        refunds=settlement.refunds,
        fees=settlement.fees,
        paid_out=settlement.paid_out,
        other=settlement.other,
        balance=settlement.balance,
        payout_due=settlement.payout_due,
        owed=settlement.owed,
        tips=settlement.tips,
        taxes=tuple(map(tax_view, taxes)) if says_rates else UNSET,
    )


def _transfer_view(entry: Entry) -> TransferView:
    transfer = entry.transfer
    return TransferView(
        transaction_id=transfer.transfer_id,
        kind=transfer.kind,
        amount=transfer.amount,
        debit=transfer.debit,
        credit=transfer.credit,
        debit_balance=transfer.debit_balance,
        credit_balance=transfer.credit_balance,
        order_id=left_out(transfer.order_id),
        note=left_out(transfer.note),
        timestamp=rfc3339(transfer.at),
        actor=transfer.actor,
        reverses=left_out(transfer.reverses),
        reversed=entry.reversed,
        funds_id=left_out(transfer.receipt_id),
    )
