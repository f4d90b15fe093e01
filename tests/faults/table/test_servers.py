"""Rows of the table in short: what happens to the servers."""

import random

import pytest

from tests.faults.table.conftest import Table
from tests.faults.table.row import Row
from tests.faults.table.rows.servers import ROWS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_nothing_is_lost(row: Row, table: Table, dice: random.Random) -> None:
    table.check(row, dice)
