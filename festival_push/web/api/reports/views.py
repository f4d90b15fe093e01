"""Figures on the wire."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import UNSET, UnsetType

from festival_push.domain.money.amounts import Currency
from festival_push.domain.people.relations import Act, require
from festival_push.domain.refusals import NotFound
from festival_push.domain.reports.figures import Figures, ItemLine, MethodLine, Sums, TaxLine
from festival_push.domain.rows import Vendor
from festival_push.domain.values import ItemId, VendorId
from festival_push.web.api.sheets import Cell, amount_cell
from festival_push.web.api.views import View
from festival_push.web.parsing.fields import left_out
from festival_push.web.routing.endpoint import Call

UNTAXED: Final = "untaxed"
ITEMS_MAX: Final = 2_000
"""The most rows in one answer. Totals are of all, and `left` says how many rows are left out."""


class TaxView(View, frozen=True, kw_only=True):
    """What was sold at one rate, less what went back of it: net + tax = gross. Tips and deposits are not in it."""

    tax_bp: int | UnsetType = UNSET  # left out: nobody said the rate
    gross: int
    net: int
    tax: int


class SoldView(View, frozen=True, kw_only=True):
    """How much was sold of one item at one rate; amounts that the stall named are one line without `itemId`."""

    item_id: ItemId | UnsetType = UNSET
    name: str
    tax_bp: int | UnsetType = UNSET
    quantity: int
    amount: int
    back: int | UnsetType = UNSET  # how many of these were given back since, as lines or with a cancelled order
    back_amount: int | UnsetType = UNSET


class MethodView(View, frozen=True, kw_only=True):
    """What came in by one method, at the desk or from a payment provider."""

    source: str
    method: str
    top_ups: int
    amount: int
    back: int | UnsetType = UNSET  # to whoever paid
    paid_out: int | UnsetType = UNSET  # at the desk


class FiguresView(View, frozen=True, kw_only=True):
    """What tills did: sales + tips − refunds − fees = net. Sales have the tax in the prices, and no deposits."""

    currency: str
    currency_digits: int
    orders: int
    sales: int
    tips: int
    refunds: int  # of sales and of tips
    fees: int
    net: int
    deposits: int | UnsetType = UNSET  # charged beside the sales
    deposits_back: int | UnsetType = UNSET
    taxes: tuple[TaxView, ...]


def figures_of(figures: Figures, currency: Currency) -> dict[str, Any]:
    """Return the fields of a `FiguresView`."""
    return {
        "currency": currency.code,
        "currency_digits": currency.digits,
        **sums_of(figures.sums),
        "deposits": figures.deposits or UNSET,
        "deposits_back": figures.deposits_back or UNSET,
        "taxes": tuple(map(tax_view, figures.taxes)),
    }


def sums_of(sums: Sums) -> dict[str, Any]:
    """Return the sums of tills as fields."""
    return {
        "orders": sums.orders, "sales": sums.sales, "tips": sums.tips, "refunds": sums.refunds, "fees": sums.fees,
        "net": sums.net,
    }  # fmt: skip


def tax_view(line: TaxLine) -> TaxView:
    """Return a rate on the wire."""
    return TaxView(tax_bp=left_out(line.tax_bp), gross=line.gross, net=line.net, tax=line.tax)


def tax_cells(rate: int | None, parts: Mapping[str, int], digits: int) -> dict[str, Cell]:
    """Return the columns of one rate in a file, by their headings; of goods without a rate there is only one."""
    if rate is None:
        return {UNTAXED: amount_cell(parts["gross"], digits)}
    percent = f"{amount_cell(rate, 2):f}%"
    return {f"{what} {percent}": amount_cell(parts[what], digits) for what in ("gross", "net", "tax")}


def sold_view(line: ItemLine) -> SoldView:
    """Return an item on the wire."""
    return SoldView(
        item_id=left_out(line.item_id), name=line.name, tax_bp=left_out(line.tax_bp), quantity=line.quantity,
        amount=line.amount, back=line.back or UNSET, back_amount=line.back_amount or UNSET,
    )  # fmt: skip


def method_view(line: MethodLine) -> MethodView:
    """Return a method on the wire."""
    return MethodView(
        source=line.source, method=line.method, top_ups=line.top_ups, amount=line.amount, back=line.back or UNSET,
        paid_out=line.paid_out or UNSET,
    )  # fmt: skip


async def stall_of(call: Call, act: Act) -> Vendor:
    """Return the stall of the path, to which the caller may do this. Raises NotFound, Forbidden."""
    vendor_id = VendorId(call.id("vendorId"))
    require(call.person, act, vendor_id=vendor_id, what="vendor")
    vendor = await call.services.reads.vendor(vendor_id)
    if vendor is None:
        raise NotFound(what="vendor")
    return vendor
