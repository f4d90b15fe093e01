"""Fields that rows share, one at a time: a row that needs another set-up closes the one before."""

import random
from collections.abc import Iterator

import pytest

from tests.faults.table.row import SHORT, Row, run
from tests.faults.table.setups import QUICK, Engines, Field
from tests.support.servers.postgres import PostgresServer
from tests.support.servers.redis_server import RedisServer


@pytest.fixture(scope="module")
def engines() -> Iterator[Engines]:
    with PostgresServer() as postgres, RedisServer() as redis:
        yield Engines(postgres=postgres, redis=redis)


class Table:
    """Runs rows in short."""

    def __init__(self, engines: Engines, homes: pytest.TempPathFactory) -> None:
        self._engines = engines
        self._homes = homes
        self._field: Field | None = None

    def check(self, row: Row, dice: random.Random) -> None:
        """Run a row. What it was run on is left to the next one, unless that needs another, or this one failed."""
        if self._field is None or self._field.setup != row.setup:
            self.close()
            self._field = Field(row.setup, self._homes.mktemp("field"), self._engines, QUICK).__enter__()
        try:
            outcome = run(row, self._field, SHORT, dice)
            assert outcome.findings == []
            if row.fails_over:
                self.close()
        except BaseException:
            self._drop()
            raise

    def close(self) -> None:
        """Audit the field that is open, if any, and close it."""
        if self._field is not None:
            try:
                self._field.servers[0].audit()
            finally:
                self._drop()

    def _drop(self) -> None:
        if self._field is not None:
            closing, self._field = self._field, None
            closing.__exit__()


@pytest.fixture(scope="module")
def table(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Table]:
    table = Table(engines, tmp_path_factory)
    yield table
    table.close()
