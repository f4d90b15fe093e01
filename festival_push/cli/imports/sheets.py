"""A CSV file, read row by row: which column says what, and on which line."""

import csv
import io
from collections.abc import Callable, Collection, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from festival_push.cli.databases import CommandError
from festival_push.domain.imports.tally import ROWS_MAX, Fault
from festival_push.domain.money.amounts import Currency
from festival_push.web.parsing.fields import Id
from festival_push.web.parsing.minor_units import BadAmount, parse_major
from festival_push.web.parsing.problems import ProblemError
from festival_push.web.parsing.text import clean_line

T = TypeVar("T")

BYTES_MAX: Final = 64 * 1024 * 1024
_YES: Final = frozenset({"true", "yes", "1"})
_NO: Final = frozenset({"false", "no", "0"})


class FaultyCell(Exception):
    """What a cell says can't be meant; the message says why."""


class Line:
    """One row of a file. Its methods note a fault and return a stand-in, so that all faults are found at once."""

    def __init__(self, number: int, cells: dict[str, str], faults: list[Fault], *, comma: bool) -> None:
        self.number = number
        self._cells = cells
        self._faults = faults
        self._comma = comma  # columns are divided by semicolons, so that a comma may be a decimal one

    def text(self, column: str) -> str | None:
        """Return what a cell says, without blanks around it; None if it is empty, or there is no such column."""
        return self._cells.get(column, "").strip() or None

    def fault(self, column: str, why: str) -> None:
        self._faults.append(Fault(self.number, column, why))

    def read(self, column: str, parse: Callable[[str], T]) -> T | None:
        """Return a cell as it is meant; None if it is empty, or at fault."""
        text = self.text(column)
        if text is None:
            return None
        try:
            return parse(text)
        except (FaultyCell, BadAmount, msgspec.ValidationError) as error:
            self.fault(column, str(error))
        except ProblemError as problem:
            errors = problem.extra.get("errors")
            self.fault(column, errors[0].message if isinstance(errors, list) else problem.title)
        return None

    def required(self, column: str, parse: Callable[[str], T], stand_in: T) -> T:
        """Return a cell that must say something; `stand_in` if it is at fault."""
        if self.text(column) is None:
            self.fault(column, "must not be empty")
            return stand_in
        found = self.read(column, parse)
        return stand_in if found is None else found

    def amount(self, text: str, currency: Currency) -> int:
        """Read an amount in major units: `12.50`, and with semicolons between columns `12,50`. Raises BadAmount."""
        return parse_major(text.replace(",", ".") if self._comma and text.count(",") == 1 else text, currency)


def flag(text: str) -> bool:
    """Read `true`, `yes` or `1`, or their opposites. Raises FaultyCell."""
    if (said := text.lower()) not in _YES | _NO:
        raise FaultyCell("must be true or false")
    return said in _YES


def whole(least: int, most: int) -> Callable[[str], int]:
    """Make what reads a whole number within these bounds."""

    def parse(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and len(text) < 20 and least <= int(text) <= most):
            raise FaultyCell(f"must be a whole number from {least} to {most}")
        return int(text)

    return parse


def line_of(chars_max: int) -> Callable[[str], str]:
    """Make what reads one line of text, as the API does."""
    return lambda text: clean_line(text, field="cell", chars_max=chars_max)


def id_of(text: str) -> str:
    """Read an id. Raises FaultyCell, msgspec.ValidationError."""
    if "/" in text or text in {".", ".."}:
        raise FaultyCell("the API names it in its paths, which could not hold this one")
    return str(msgspec.convert(text, Id))


def made_id(kind: str, *names: str) -> str:
    """Make the id of a row that has none of its own: the same for the same names."""
    digest = sha256("\n".join(names).encode()).hexdigest()
    return f"{kind}-{digest[:16]}"


def read_sheet(path: Path, columns: Collection[str], required: Collection[str], faults: list[Fault]) -> Iterator[Line]:
    """Yield the rows of a CSV file: UTF-8, with or without a byte order mark, divided by `,` or `;`.

    Args:
        columns: All that the file may have.
        faults: Where to note what is wrong.

    Raises:
        CommandError: The file is too large, or no such text.
    """
    text = _text(path)
    header = text.partition("\n")[0]
    divider = ";" if header.count(";") > header.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=divider, strict=True)
    names: list[str] | None = None
    rows, before = 0, 0
    try:
        for cells in reader:
            number, before = before + 1, reader.line_num
            if names is None:
                names = [name.strip() for name in cells]
                if not _has_columns(names, columns, required, faults):
                    return
            elif any(cell.strip() for cell in cells):
                rows += 1
                if rows > ROWS_MAX:
                    raise CommandError(f"{path} has more than {ROWS_MAX} rows: divide it")
                if len(cells) > len(names):
                    faults.append(Fault(number, f"column {len(names) + 1}", "is not in the header"))
                yield Line(number, dict(zip(names, cells, strict=False)), faults, comma=divider == ";")
    except csv.Error as error:
        raise CommandError(f"{path}, line {reader.line_num}: {error}") from None


def _has_columns(names: list[str], columns: Collection[str], required: Collection[str], faults: list[Fault]) -> bool:
    unknown = [name for name in names if name not in columns]
    missing = [name for name in required if name not in names]
    double = {name for name in names if names.count(name) > 1}
    faults += [Fault(1, name, f"is no column here; there are {', '.join(columns)}") for name in unknown]
    faults += [Fault(1, name, "is missing") for name in missing]
    faults += [Fault(1, name, "is there twice") for name in sorted(double)]
    return not (unknown or missing or double)


def _text(path: Path) -> str:
    if path.stat().st_size > BYTES_MAX:
        raise CommandError(f"{path} has more than {BYTES_MAX // 1024 // 1024} MiB: divide it")
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise CommandError(f"{path}, line {line}: it is not UTF-8 text; save it as `CSV UTF-8`") from None
