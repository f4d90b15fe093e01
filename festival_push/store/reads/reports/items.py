"""What was sold in a stretch of the ledger, by item, out of the lines of its orders."""

# ruff: noqa: S608  # only names of columns and our own conditions are filled in

from collections.abc import Mapping
from typing import Final

from festival_push.domain.reports.figures import ItemLine
from festival_push.domain.values import VendorId
from festival_push.store.reads.reports.windows import INTO_TILLS, Window
from festival_push.store.sql import Dialect, Rows, Statement

_LINES: Final[Mapping[Dialect, str]] = {
    "sqlite": "json_each(o.lines) AS l",
    "postgres": "json_array_elements(o.lines::json) AS l (value)",
}
_TEXT: Final[Mapping[Dialect, str]] = {"sqlite": "json_extract(l.value, '$.{}')", "postgres": "(l.value ->> '{}')"}
_NUMBER: Final[Mapping[Dialect, str]] = {
    "sqlite": "json_extract(l.value, '$.{}')",
    "postgres": "CAST(l.value ->> '{}' AS BIGINT)",
}


def sold_items(dialect: Dialect, window: Window, vendor_id: VendorId | None) -> Statement:
    """Return the SELECT for the items that one stall, or all of them, sold."""
    text, number = _TEXT[dialect].format, _NUMBER[dialect].format
    item, quantity = text("itemId"), number("quantity")
    back = f"CASE WHEN o.status = 'cancelled' THEN {quantity} ELSE COALESCE({number('refunded')}, 0) END"
    stall = "" if vendor_id is None else " AND t.credit = $3"
    select = f"""
        SELECT o.vendor_id, {item}, CASE WHEN {item} IS NULL THEN '' ELSE {text("name")} END, {number("taxBp")},
               CAST(SUM({quantity}) AS BIGINT), CAST(SUM({number("total")}) AS BIGINT), CAST(SUM({back}) AS BIGINT),
               CAST(SUM(({back}) * {number("unitPrice")}) AS BIGINT),
               CAST(SUM(COALESCE({number("deposit")}, 0) * {quantity}) AS BIGINT)
          FROM transfers AS t JOIN orders AS o ON o.order_id = t.order_id CROSS JOIN {_LINES[dialect]}
         WHERE t.kind = 'purchase' AND {INTO_TILLS} AND {window.condition}{stall}
         GROUP BY 1, 2, 3, 4
    """
    return select, window.params(vendor_id)


def item_lines(rows: Rows) -> tuple[ItemLine, ...]:
    """Return the items, those that took most first."""
    lines = (ItemLine(**dict(zip(ItemLine.__struct_fields__, row, strict=True))) for row in rows)
    return tuple(sorted(lines, key=lambda line: (-line.amount, line.vendor_id, line.name, line.item_id or "")))
