"""The reconciliation as text: the tables that the organiser reads."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import msgspec

from festival_push.domain.money.amounts import Currency, major_text
from festival_push.domain.money.report import Comparison, Reconciliation
from festival_push.domain.values import PayoutStatus

_NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?$")


def report_lines(report: Reconciliation, currency: Currency) -> Iterator[str]:
    """Yield the lines of the report, with amounts in major units; counts are not converted."""

    def money(amount: int) -> str:
        return major_text(amount, currency)

    crew, donations = report.crew or 0, report.donations or 0
    left = report.came_in + report.losses + crew - report.paid_out - report.fees - donations
    yield f"Reconciliation at event {report.position}, transfer {report.transfers}; amounts in {currency.code}"
    parts = [f"in {money(report.came_in)}"]
    if report.losses:
        parts.append(f"+ losses {money(report.losses)}")
    if crew:
        parts.append(f"+ crew {money(crew)}")
    parts.append(f"− out {money(report.paid_out)} − fees {money(report.fees)}")
    if donations:
        parts.append(f"− donations {money(donations)}")
    parts.append(f"= {money(left)}")
    yield " ".join(parts)
    for name, amount in (("deposits", report.deposits), ("allowances", report.allowances)):
        if amount:
            yield f"{money(amount)} of that in {name}"
    yield ""
    yield from _table(
        ("money came in by", "times", "in all", "credited", "assigned", "held"),
        [
            (source.name if source.provider else f"{source.name} (desk)", str(source.count),
             *map(money, (source.came_in, source.credited, source.assigned, source.held)))
            for source in report.sources
        ],
    )  # fmt: skip
    yield ""
    if any(cash := msgspec.structs.astuple(report.cash)):
        yield from _table(
            ("cash: top-ups", "payouts", "in drawers", "in the safe", "differences"), [tuple(map(money, cash))]
        )
        yield ""
    wallets = report.wallets
    yield from _table(
        ("wallets", "top-ups", "purchases", "tips", "refunds", "payouts", "other", "left"),
        [
            (str(wallets.count), *map(money, (
                wallets.top_ups, wallets.purchases, wallets.tips, wallets.refunds, wallets.payouts, wallets.other,
                wallets.balance,
            )))
        ],
    )  # fmt: skip
    if wallets.payout_fees or wallets.donations:
        given = f"{money(wallets.donations or 0)} were donated"
        yield f"fees of payouts: {money(wallets.payout_fees or 0)}; {given}"
    yield ""
    yield from _table(
        ("stall", "name", "orders", "sales", "tips", "refunds", "fees", "asked", "paid out", "left", "difference"),
        [
            (till.vendor_id, till.name, str(till.orders), *map(money, (
                till.sales, till.tips, till.refunds, till.fees, till.payouts_requested, till.payouts_completed,
                till.balance, till.difference,
            )))
            for till in report.tills
        ],
    )  # fmt: skip
    yield ""
    asked, completed, rejected = (money(report.payouts[status]) for status in PayoutStatus)
    yield f"payouts: {asked} asked for, {completed} completed, {rejected} rejected"
    yield ""
    shown = [comparison for comparison in report.comparisons if _worth_a_line(comparison)]
    yield from _table(("must be equal", "one", "", "other", "", "difference"), [_compared(one, money) for one in shown])
    yield ""
    off = sum(1 for comparison in report.comparisons if comparison.difference)
    yield f"{len(report.comparisons)} totals compared: " + (f"{off} differ" if off else "all are equal")


def _worth_a_line(comparison: Comparison) -> bool:
    """False for a stall's comparison without a difference: the stalls' table has a column for the difference."""
    return comparison.vendor_id is None or comparison.difference != 0


def _compared(comparison: Comparison, money: Callable[[int], str]) -> tuple[str, ...]:
    text = money if comparison.unit == "money" else str
    one, other, off = map(text, (comparison.one_total, comparison.other_total, comparison.difference))
    return comparison.what, comparison.one, one, comparison.other, other, off


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the rows with columns as wide as their widest cell, and numbers aligned to the right."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    for row in (head, *rows):
        cells = (
            cell.rjust(width) if number and _NUMBER.match(cell) else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join(cells).rstrip()
