"""Rows of the table in short: what happens to the servers."""

import pytest

from tests.faults.table.conftest import Check
from tests.faults.table.row import Outcome, Row, twice_if_late
from tests.faults.table.rows.servers import ROWS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_nothing_is_lost(row: Row, check: Check) -> None:
    check(row)


def found(not_now: int, *findings: str) -> Outcome:
    """What a row has shown in which no command may be answered "not now"."""
    outcome = Outcome(name="", not_now=not_now, findings=[*findings])
    outcome.find_not_now()
    return outcome


@pytest.mark.parametrize(
    ("first", "again", "is_good"),
    [
        (found(0), None, True),
        (found(5), found(0), True),
        (found(5), found(1), False),
        (found(5), found(0, "an order is lost"), False),
        (found(5, "an order is lost"), None, False),
    ],
)
def test_a_row_is_run_again_only_if_it_was_only_late(first: Outcome, again: Outcome | None, *, is_good: bool) -> None:
    attempts = [first] if again is None else [first, again]
    assert (twice_if_late(lambda: attempts.pop(0)).findings == []) is is_good
    assert not attempts
