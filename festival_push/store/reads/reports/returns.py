"""What was given back of orders in a stretch of the ledger: of goods, for the tax in them, and of deposits."""

# ruff: noqa: S608  # only names of columns and our own conditions are filled in

from collections import defaultdict
from typing import Final

import msgspec

from festival_push.domain.orders.rows import OrderLine
from festival_push.domain.reports.returns import RefundedOrder
from festival_push.domain.values import VendorId
from festival_push.store.reads.reports.windows import DEPOSITS_BACK, OUT_OF_TILLS, REFUNDS, Window
from festival_push.store.sql import Rows, Statement

_OTHERS: Final = "FROM transfers AS b WHERE b.kind = 'refund' AND b.order_id = t.order_id AND b.seq"
_lines: Final = msgspec.json.Decoder(tuple[OrderLine, ...]).decode


def refunds(window: Window, vendor_id: VendorId | None) -> Statement:
    """Return the SELECT for the refunds of one stall, or of all of them, each with its order's other refunds."""
    stall = "" if vendor_id is None else " AND t.debit = $3"
    tip = "b.reverses = t.order_id || '-tip'"
    select = f"""
        SELECT o.order_id, o.vendor_id, o.lines, o.refunded, o.tip_refunded, t.amount,
               CAST((SELECT COALESCE(SUM(b.amount), 0) {_OTHERS} < t.seq) AS BIGINT),
               CAST((SELECT COALESCE(SUM(b.amount), 0) {_OTHERS} > t.seq) AS BIGINT),
               EXISTS (SELECT 1 {_OTHERS} < t.seq AND {tip}),
               EXISTS (SELECT 1 {_OTHERS} = t.seq AND {tip}),
               EXISTS (SELECT 1 {_OTHERS} > t.seq AND {tip})
          FROM transfers AS t JOIN orders AS o ON o.order_id = t.order_id
         WHERE {REFUNDS} AND {OUT_OF_TILLS} AND {window.condition}{stall}
    """
    return select, window.params(vendor_id)


def refunded_orders(rows: Rows) -> list[RefundedOrder]:
    """Return the refunds."""
    return [
        RefundedOrder(
            order_id=order_id, vendor_id=vendor_id, lines=_lines(lines), refunded=refunded, tip_refunded=tip_refunded,
            amount=amount, before=before, after=after,
            tip_before=bool(tip_before), is_tip=bool(is_tip), tip_after=bool(tip_after),
        )
        for order_id, vendor_id, lines, refunded, tip_refunded, amount, before, after, tip_before, is_tip, tip_after
        in rows
    ]  # fmt: skip


def deposits_back(window: Window, vendor_id: VendorId | None) -> Statement:
    """Return the SELECT for the deposits that went back with orders of one stall, or of each."""
    stall = "" if vendor_id is None else " AND 'till:' || o.vendor_id = $3"
    select = f"""
        SELECT o.vendor_id, CAST(SUM(t.amount) AS BIGINT)
          FROM transfers AS t JOIN orders AS o ON o.order_id = t.order_id
         WHERE {DEPOSITS_BACK} AND {window.condition}{stall} GROUP BY o.vendor_id
    """
    return select, window.params(vendor_id)


def by_stall(found: list[RefundedOrder]) -> dict[VendorId, list[RefundedOrder]]:
    """Return the refunds of each stall."""
    stalls: defaultdict[VendorId, list[RefundedOrder]] = defaultdict(list)
    for refund in found:
        stalls[refund.vendor_id].append(refund)
    return stalls
