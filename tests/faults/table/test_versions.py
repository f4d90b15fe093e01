"""Rows of the table in short: one version after the other."""

import pytest

from tests.faults.table.conftest import Check
from tests.faults.table.row import Row
from tests.faults.table.rows.versions import ROWS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_nothing_is_lost(row: Row, check: Check) -> None:
    check(row)
