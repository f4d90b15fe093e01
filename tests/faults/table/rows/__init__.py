"""The rows of the table, one module for each thing that breaks; `ALL` is the table in the order in which it is told."""

from typing import Final

from tests.faults.table.row import Row
from tests.faults.table.rows import postgres, redis, servers, standby, versions

ALL: Final[tuple[Row, ...]] = (*redis.ROWS, *postgres.ROWS, *servers.ROWS, *standby.ROWS, *versions.ROWS)
