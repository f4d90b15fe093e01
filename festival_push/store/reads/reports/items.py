"""What was sold in a stretch of the ledger, by item, out of the lines of its orders."""

# ruff: noqa: S608  # only names of columns and our own conditions are filled in

from collections.abc import Mapping
from typing import Final

from festival_push.domain.reports.figures import ItemLine
from festival_push.domain.values import VendorId
from festival_push.store.reads.reports.windows import INTO_TILLS, Window
from festival_push.store.sql import Dialect, Rows, Statement

_LINES: Final[Mapping[Dialect, str]] = {
    "sqlite": "json_each(same.lines) AS l",
    "postgres": "json_array_elements(same.lines::json) AS l (value)",
}
_TEXT: Final[Mapping[Dialect, str]] = {"sqlite": "json_extract(l.value, '$.{}')", "postgres": "(l.value ->> '{}')"}
_NUMBER: Final[Mapping[Dialect, str]] = {
    "sqlite": "json_extract(l.value, '$.{}')",
    "postgres": "CAST(l.value ->> '{}' AS BIGINT)",
}


def sold_items(dialect: Dialect, window: Window, vendor_id: VendorId | None) -> Statement:
    """Return the SELECT for the items that one stall, or all of them, sold.

    Most orders of a stall are like others, so equal ones are counted before their lines are taken apart.
    """
    text, number = _TEXT[dialect].format, _NUMBER[dialect].format
    item = text("itemId")
    stall = "" if vendor_id is None else " AND t.credit = $3"
    select = f"""
        SELECT vendor_id, item_id, name, tax_bp, CAST(SUM(quantity * orders) AS BIGINT),
               CAST(SUM(total * orders) AS BIGINT), CAST(SUM(back * orders) AS BIGINT),
               CAST(SUM(back * unit_price * orders) AS BIGINT), CAST(SUM(deposit * quantity * orders) AS BIGINT)
          FROM (SELECT same.vendor_id, {item} AS item_id,
                       CASE WHEN {item} IS NULL THEN '' ELSE {text("name")} END AS name, {number("taxBp")} AS tax_bp,
                       {number("quantity")} AS quantity, {number("total")} AS total,
                       {number("unitPrice")} AS unit_price, COALESCE({number("deposit")}, 0) AS deposit,
                       CASE WHEN cancelled = 1 THEN {number("quantity")}
                            ELSE COALESCE({number("refunded")}, 0) END AS back, same.orders
                  FROM (SELECT o.vendor_id, o.lines, CASE WHEN o.status = 'cancelled' THEN 1 ELSE 0 END AS cancelled,
                               COUNT(*) AS orders
                          FROM transfers AS t JOIN orders AS o ON o.order_id = t.order_id
                         WHERE t.kind = 'purchase' AND {INTO_TILLS} AND {window.condition}{stall}
                         GROUP BY 1, 2, 3) AS same
                 CROSS JOIN {_LINES[dialect]}) AS sold
         GROUP BY 1, 2, 3, 4
    """
    return select, window.params(vendor_id)


def item_lines(rows: Rows) -> tuple[ItemLine, ...]:
    """Return the items, those that took most first."""
    lines = (ItemLine(**dict(zip(ItemLine.__struct_fields__, row, strict=True))) for row in rows)
    return tuple(sorted(lines, key=lambda line: (-line.amount, line.vendor_id, line.name, line.item_id or "")))
