"""The figures of the orders: what each stall's books must say, and whether the server's reports say it."""

import csv
import io
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from festival_push.simulate.festival import Festival, Stall
from festival_push.simulate.findings import Law
from festival_push.simulate.http.client import Answer
from festival_push.simulate.http.money_wire import Books, Closed, Report, Sums, Tax, TaxReport
from festival_push.simulate.http.wire import Item, Page
from festival_push.simulate.model import Model

_HALF: Final = Decimal("0.5")  # of a minor unit: the tax of all sales at one rate is rounded once


class Figures(NamedTuple):
    """What one stall has sold, in minor units."""

    orders: int
    sales: int
    tips: int
    refunds: int
    fees: int

    @property
    def net(self) -> int:
        """What is left to the stall."""
        return self.sales + self.tips - self.refunds - self.fees


def figures_of(model: Model, vendor_id: str) -> Figures:
    """Return the figures of a stall's orders."""
    orders = [kept for kept in model.orders.values() if kept.stall == vendor_id]
    return Figures(
        orders=len(orders),
        sales=sum(kept.total for kept in orders),
        tips=sum(kept.tip for kept in orders),
        refunds=sum(kept.refunded + kept.tip_refunded for kept in orders),
        fees=sum(kept.fee - kept.fee_share(kept.refunded) for kept in orders),
    )


def taxed_by_rate(model: Model, stall: Stall) -> tuple[Counter[int], int]:
    """Return what was sold at each rate less the lines that went back, and what of all that went back as amounts.

    Nobody can say of which rate an amount was.
    """
    gross, amounts = Counter[int](), 0
    for kept in model.orders.values():
        if kept.stall != stall.vendor_id:
            continue
        back = kept.refunded
        for line in kept.lines:
            gross[stall.rates[line.item_id]] += line.unit_price * line.quantity
        for item_id, quantity in kept.lines_back.items():
            gross[stall.rates[item_id]] -= stall.prices[item_id] * quantity
            back -= stall.prices[item_id] * quantity
        amounts += back
    return gross, amounts


async def check_figures(festival: Festival) -> None:
    """Compare the office's reports and files with the orders, then close the books of all. Raises ServerGone."""
    await _check_reports(festival)
    await _check_settlements(festival)
    for stall in festival.stalls:
        await _check_taxes(festival, stall)
        await _check_stock(festival, stall)
        await _close_stall(festival, stall)
    await _close_festival(festival)


def _days() -> str:
    """Return the days around now, wherever the festival is."""
    now = datetime.now(UTC)
    return "&".join(f"{name}={now + timedelta(days=days):%Y-%m-%d}" for name, days in (("from", -1), ("to", 1)))


async def _office(festival: Festival, path: str) -> Answer | None:
    answer = await festival.client.get(path, who=festival.organiser)
    return answer if festival.client.expect(answer, 200, path.partition("?")[0]) else None


def _is_right(festival: Festival, told: Sums, stall: Stall, where: str) -> None:
    found = (told.orders, told.sales, told.tips, told.refunds, told.fees, told.net)
    figures = figures_of(festival.model, stall.vendor_id)
    text = f"{where} of {stall.vendor_id} says {found}, its orders come to {(*figures, figures.net)}"
    festival.findings.check(Law.FIGURES, found == (*figures, figures.net), text)


async def _check_reports(festival: Festival) -> None:
    """Compare the report by stall: each stall's row, and the sum of all rows, other people's too."""
    if (answer := await _office(festival, f"/v1/admin/reports?{_days()}&by=stall")) is None:
        return
    report = answer.read(Report)
    rows = {row.key: row for row in report.rows}
    for stall in festival.stalls:
        if figures_of(festival.model, stall.vendor_id).orders:
            told = rows.get(stall.vendor_id)
            if festival.findings.check(Law.FIGURES, told is not None, f"no report of {stall.vendor_id}") and told:
                _is_right(festival, told, stall, "the report")
    total, summed = report.total.net, sum(row.net for row in report.rows)
    festival.findings.check(
        Law.FIGURES, report.left > 0 or total == summed, f"a total of {total} over rows of {summed}"
    )


async def _check_settlements(festival: Festival) -> None:
    """Compare the file for the accounts: a row for each stall, in major units."""
    if (answer := await _office(festival, f"/v1/admin/settlements.csv?{_days()}")) is None:
        return
    rows = {row["vendorId"]: row for row in csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))}
    unit = Decimal(1).scaleb(-festival.currency_digits)
    for stall in festival.stalls:
        figures = figures_of(festival.model, stall.vendor_id)
        if not figures.orders:
            continue
        row = rows.get(stall.vendor_id, {})
        named = {**figures._asdict(), "net": figures.net, "paidOut": festival.model.paid_out[stall.vendor_id]}
        wanted = {name: amount if name == "orders" else amount * unit for name, amount in named.items()}
        found = {name: Decimal(row.get(name) or "NaN") for name in wanted}
        text = f"the settlement of {stall.vendor_id} says {row}, and should say {wanted}"
        festival.findings.check(Law.FIGURES, found == wanted, text)


async def _check_taxes(festival: Festival, stall: Stall) -> None:
    """Compare the tax by rate: the gross of all rates is what was sold and not refunded, and tax is a part of it."""
    answer = await _office(festival, f"/v1/admin/reports?{_days()}&by=tax&vendorId={stall.vendor_id}")
    if answer is not None:
        check_taxes(festival, stall, answer.read(TaxReport).taxes, "the report of taxes")


def check_taxes(festival: Festival, stall: Stall, taxes: list[Tax], where: str) -> None:
    """Check what some books say of the tax in a stall's sales."""
    gross, amounts = taxed_by_rate(festival.model, stall)
    told = {tax.tax_bp: tax for tax in taxes}
    text = f"{where} of {stall.vendor_id} says {taxes}; sold were {dict(gross)}, of which {amounts} went back"
    total = sum(tax.gross for tax in taxes)
    festival.findings.check(Law.FIGURES, total == gross.total() - amounts, text)
    for rate, sold in gross.items():
        tax = told.get(rate, Tax(tax_bp=rate, gross=0, net=0, tax=0))
        exact = Decimal(tax.gross * rate) / (10_000 + rate)
        holds = sold - amounts <= tax.gross <= sold and tax.net + tax.tax == tax.gross and abs(tax.tax - exact) <= _HALF
        festival.findings.check(Law.FIGURES, holds, text)


async def _check_stock(festival: Festival, stall: Stall) -> None:
    """Compare what is left of the items that are counted, and that no more was sold than there was."""
    answer = await festival.client.get(f"/v1/vendors/{stall.vendor_id}/menu", who=stall.keeper)
    if not festival.client.expect(answer, 200, "menu"):
        return
    left = {item.item_id: item.stock for item in answer.read(Page[Item]).items}
    for item_id, there in stall.stock.items():
        sold = sum(kept.pieces[item_id] for kept in festival.model.orders.values() if kept.stall == stall.vendor_id)
        text = f"of {there} pieces of {item_id} {sold} were sold, and the menu says {left.get(item_id)}"
        festival.findings.check(Law.FIGURES, left.get(item_id) == there - sold >= 0, text)


async def _close_stall(festival: Festival, stall: Stall) -> None:
    """Make the first Z report of a stall: all that it ever sold."""
    key, figures = festival.new_key(), figures_of(festival.model, stall.vendor_id)
    path = f"/v1/vendors/{stall.vendor_id}/z-reports"
    answer = await festival.client.post(path, {}, who=stall.keeper, key=key)
    if not figures.orders:
        text = f"empty books of {stall.vendor_id} were closed: {answer}"
        festival.findings.check(Law.FIGURES, str(answer) == "409 nothing-to-close", text)
    elif festival.client.expect(answer, 201, "Z report"):
        books = answer.read(Closed).report
        _is_right(festival, books, stall, f"Z {books.number}")
        check_taxes(festival, stall, books.taxes, f"Z {books.number}")
        paid = festival.model.paid_out[stall.vendor_id]
        text = f"Z {books.number} of {stall.vendor_id} says {books.paid_out} paid out, it was {paid}"
        festival.findings.check(Law.FIGURES, books.number == 1 and books.paid_out == paid, text)


async def _close_festival(festival: Festival) -> None:
    """Make a Z report of the festival: it holds at least what was sold here, and reads the same for ever."""
    path, key = "/v1/admin/z-reports", festival.new_key()
    answer = await festival.client.post(path, {}, who=festival.organiser, key=key)
    if not festival.client.expect(answer, 201, "Z report of the festival"):
        return
    books = answer.read(Closed).report
    here = [figures_of(festival.model, stall.vendor_id) for stall in festival.stalls]
    orders, sales = sum(figures.orders for figures in here), sum(figures.sales for figures in here)
    text = f"Z {books.number} of the festival says {books}; {orders} orders of {sales} were placed here"
    festival.findings.check(Law.FIGURES, books.orders >= orders and books.sales >= sales, text)
    text = f"Z {books.number} of the festival does not add up: {books}"
    festival.findings.check(
        Law.FIGURES, books.sales + books.tips - books.refunds - books.fees == books.net, text
    )  # fmt: skip
    if (again := await _office(festival, f"{path}/{books.number}")) is not None:
        text = f"Z {books.number} of the festival was {books}, and is {again.content!r}"
        festival.findings.check(Law.FIGURES, again.read(Books) == books, text)
