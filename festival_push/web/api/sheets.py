"""CSV for spreadsheets: amounts as people write them, every cell quoted, and none run as a formula."""

import csv
import io
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from festival_push.domain.money.amounts import Currency

_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


def csv_lines(*rows: Iterable[str | int | Decimal | None]) -> str:
    """Return rows as CSV with quoted cells (RFC 4180); None is an empty cell."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerows([cell(value) for value in row] for row in rows)
    return text.getvalue()


def cell(value: str | int | Decimal | None) -> str | int | Decimal:
    """Return a cell that spreadsheets show as text, where they would run a name as a formula."""
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return "" if value is None else value


def money_cell(amount: int, currency: Currency) -> Decimal:
    """Return an amount of minor units as a number in major units, with all digits of the currency: 1250 is `12.50`."""
    return Decimal(amount).scaleb(-currency.digits)
