"""CSV for spreadsheets, written here alone: every cell is quoted, and none is run as a formula.

UTF-8 with a byte order mark, by which spreadsheets know it, and CRLF at the ends of rows (RFC 4180).
"""

import csv
import io
import re
import unicodedata
from collections.abc import AsyncIterable, Iterable
from decimal import Decimal
from typing import Final

from starlette.responses import Response, StreamingResponse

Cell = str | int | Decimal | None
"""Text, which may be anybody's; a number, which stays one; or nothing."""

_MARK: Final = "\ufeff"
_NAME_CHARS_MAX: Final = 120
_MEDIA_TYPE: Final = "text/csv"
_FORMULA_STARTS: Final = frozenset("=+-@\u2212")


def sheet(name: str, rows: Iterable[Iterable[Cell]]) -> Response:
    """Return an answer that is saved as `name`.csv."""
    return Response(_MARK + csv_lines(*rows), headers=_saved_as(name), media_type=_MEDIA_TYPE)


def long_sheet(name: str, pieces: AsyncIterable[Iterable[Iterable[Cell]]]) -> Response:
    """Return an answer that is saved as `name`.csv and sent in pieces, so that it needs little memory."""

    async def text() -> AsyncIterable[str]:
        yield _MARK
        async for rows in pieces:
            yield csv_lines(*rows)

    return StreamingResponse(text(), headers=_saved_as(name), media_type=_MEDIA_TYPE)


def csv_lines(*rows: Iterable[Cell]) -> str:
    """Return rows as CSV with quoted cells; None is an empty cell."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows([cell(value) for value in row] for row in rows)
    return text.getvalue()


def cell(value: Cell) -> str:
    """Return a cell's text. Text that a spreadsheet would run as a formula gets an apostrophe; numbers do not."""
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if _may_run(value) else value
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def amount_cell(amount: int, digits: int = 0) -> Decimal:
    """Return an amount as a number that a spreadsheet adds up.

    Args:
        amount: Minor units, with a sign.
        digits: How many digits of it come after the point; 0 leaves it in minor units.
    """
    return Decimal(amount).scaleb(-digits)


def _may_run(text: str) -> bool:
    """Return whether a spreadsheet may take text for a formula, also by a full-width sign or after leading blanks."""
    if text[:1] in ("\t", "\r", "\n"):
        return True
    first = next((char for char in text if not _is_blank(char)), "")
    return unicodedata.normalize("NFKC", first)[:1] in _FORMULA_STARTS if first else False


def _is_blank(char: str) -> bool:
    return char.isspace() or unicodedata.category(char) in {"Cc", "Cf"}


def file_name(*parts: str) -> str:
    """Return a name for a file that every system takes: the parts in plain letters and digits, with hyphens."""
    plain = unicodedata.normalize("NFKD", "-".join(parts).replace("ß", "ss")).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-")[:_NAME_CHARS_MAX] or "sheet"


def _saved_as(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}.csv"'}
