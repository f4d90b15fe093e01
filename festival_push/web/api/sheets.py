"""CSV for spreadsheets: every cell is quoted, and none is run as a formula."""

import csv
import io
from collections.abc import Iterable
from typing import Final

_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


def csv_lines(*rows: Iterable[str | int | None]) -> str:
    """Return rows as CSV with quoted cells (RFC 4180); None is an empty cell."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerows([cell(value) for value in row] for row in rows)
    return text.getvalue()


def cell(value: str | int | None) -> str | int:
    """Return a cell that spreadsheets show as text, where they would run a name as a formula."""
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return "" if value is None else value
