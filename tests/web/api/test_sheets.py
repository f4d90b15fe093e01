"""CSV as a treasurer opens it: numbers are numbers, and nobody's name is run."""

# ruff: noqa: RUF001  # full-width signs, on purpose

import csv
import io
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import festival_push
from festival_push.web.api.sheets import amount_cell, cell, csv_lines, file_name, sheet

RUN = [
    '=HYPERLINK("http://x","y")', "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\u00a0=1", "\u3000+1",
    "\ufeff=1", "\u200b@x", "＝1+1", "＋1", "－1", "＠x", "﹦1", "−1", " \t =1", "=cmd|' /C calc'!A0",
]  # fmt: skip


@pytest.mark.parametrize("text", RUN)
def test_no_text_is_run_as_a_formula(text: str) -> None:
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", " ", "Anna", "O'Neil", "a=b", "5-7", "a;=1", 'x",=1', "{}", "#1", "'=1"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert cell(text) == text


def test_amounts_stay_numbers_with_their_sign() -> None:
    assert [cell(amount_cell(amount)) for amount in (0, 5, -1250)] == ["0", "5", "-1250"]
    assert [cell(amount_cell(amount, 2)) for amount in (0, 5, -1250)] == ["0.00", "0.05", "-12.50"]
    assert cell(amount_cell(-(10**15), 3)) == "-1000000000000.000"
    assert (cell(-7), cell(Decimal("1E+3")), cell(None)) == ("-7", "1000", "")


def test_a_sheet_has_a_mark_quotes_and_both_ends_of_lines() -> None:
    answer = sheet("money", [("name", "amount"), ("Grün; “x”", -5)])
    assert answer.body == '\ufeff"name","amount"\r\n"Grün; “x”","-5"\r\n'.encode()
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="money.csv"'


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (("Fest", "Sun", "2026-07-04"), "Fest-Sun-2026-07-04"),
        (("Größte Wiese", "Crêpes & Co."), "Grosste-Wiese-Crepes-Co"),
        (('"; filename="x', "../../etc"), "filename-x-etc"),
        (("شکر", "🍺"), "sheet"),
        (("a\r\nb", ""), "a-b"),
        (("x" * 500,), "x" * 120),
    ],
)  # fmt: skip
def test_a_file_s_name_is_plain_letters_that_every_system_takes(parts: tuple[str, ...], name: str) -> None:
    assert file_name(*parts) == name


@given(
    st.lists(
        st.lists(st.none() | st.integers() | st.text(st.characters(codec="utf-8", exclude_characters="\0"))), max_size=4
    )
)
def test_what_is_written_is_read_again(rows: list[list[str | int | None]]) -> None:
    read = list(csv.reader(io.StringIO(csv_lines(*rows), newline="")))
    assert read == [[cell(value) for value in row] for row in rows]
    for row in read:
        assert not any(text[:1] in tuple("=+@\t\r") for text in row)


def test_nothing_else_writes_csv() -> None:
    """But for the files that are imported again: there a guarding apostrophe would become part of the name."""
    root = Path(festival_push.__file__).parent
    writers = {str(path.relative_to(root)) for path in root.rglob("*.py") if "writer(" in path.read_text().lower()}
    writers = {name for name in writers if "import csv" in (root / name).read_text()}
    assert writers == {"web/api/sheets.py", "cli/imports/mongodb.py"}
