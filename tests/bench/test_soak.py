"""The table of a soak: what runs have shown together, what was promised, and that the page has every row."""

import re
from pathlib import Path
from typing import Final

from bench.soak.table import late, merged, promises, table, together
from tests.faults.table.row import Outcome, Row, longest_gap
from tests.faults.table.rows import ALL
from tests.support.wire.history import Try

PAGE: Final = (Path(__file__).parents[2] / "docs/reliability.md").read_text("utf-8")
AWAY: Final = Outcome(
    name="away", wishes=1_200, tries=1_300, events=9, not_now=2, unknown=1, gap_s=1.26, back_s=0.2, findings=[]
)
LOST: Final = Outcome(name="away", wishes=1, tries=1, gap_s=0.5, back_s=7.0, findings=["an order is lost"])


def decided(*moments_s: float, status: int = 201) -> list[Try]:
    return [
        Try(who="anna", path="/", key=str(at), body=b"", server=0, asked_s=at, answered_s=at, status=status)
        for at in moments_s
    ]


def test_the_page_promises_what_the_rows_hold_the_product_to() -> None:
    assert promises(ALL) in PAGE


def test_no_two_rows_are_called_alike() -> None:
    names = [row.name for row in ALL]
    assert len(set(names)) == len(names)


def test_the_page_measures_rows_that_there_are_in_their_order() -> None:
    told = PAGE.partition("<!-- begin soak")[2].partition("<!-- end soak")[0]
    measured = re.findall(r"^\| (.+?) \| [\d,]+ / [\d,]+ \|", told, re.MULTILINE)
    assert len(measured) > len(ALL) / 2
    assert measured == [row.name for row in ALL if row.name in measured]


def test_runs_of_one_row_are_summed_and_the_longest_times_count() -> None:
    line = table([together([AWAY, LOST])]).splitlines()[-1]
    assert line == "| away | 1,201 / 1,301 | 9 | 2 | 1 | 1.3 | 7.0 | 1 |"


def test_new_rows_take_the_place_of_old_ones_in_the_order_of_the_table() -> None:
    old = table([LOST, Outcome(name="frozen")])
    text = merged(f"made by\n\n{old}\n", [AWAY], ["frozen", "away", "never run"]).splitlines()
    assert [line.split(" | ")[0] for line in text[2:]] == ["| frozen", "| away"]
    assert text[3].endswith("| 0 |")


def test_times_that_were_not_kept_are_told() -> None:
    assert late(Row(name="away", gap_s=1, back_s=5), LOST) == ["away: time back 7.0 s, promised 5 s"]
    assert late(Row(name="away", gap_s=None, back_s=9), together([AWAY, LOST])) == []


def test_the_longest_gap_counts_decided_tries_only_and_both_ends() -> None:
    assert longest_gap(decided(1, 2, 6), 0, 7) == 4
    assert longest_gap(decided(1, 2, 6), 0, 20) == 14
    assert longest_gap([*decided(1, 9), *decided(5, status=503)], 0, 10) == 8
    assert longest_gap([], 3, 5) == 2
