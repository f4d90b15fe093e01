"""Fields that rows share, one at a time: a row that needs another set-up closes the one before."""

import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

from tests.faults.table.row import Outcome, Pace, Row, run
from tests.faults.table.setups import Engines, Field
from tests.support.servers.postgres import PostgresServer
from tests.support.servers.redis_server import RedisServer


class SharedFields:
    """Runs rows, each on a healthy field; a context manager.

    Args:
        home: Makes an empty folder.
        settings: Of the servers.
        audits: Whether the product's own audit follows each row; else each field is audited once, at its end.
    """

    def __init__(self, home: Callable[[], Path], settings: Mapping[str, str], *, audits: bool = False) -> None:
        self._home = home
        self._settings = settings
        self._audits = audits
        self._field: Field | None = None

    def __enter__(self) -> Self:
        self._engines = Engines(postgres=PostgresServer(), redis=RedisServer())
        self._engines.postgres.__enter__()
        self._engines.redis.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            self._close(audits=kind is None)
        finally:
            self._engines.redis.close()
            self._engines.postgres.close()

    def run(self, row: Row, pace: Pace, dice: random.Random) -> Outcome:
        """Run a row. What it was run on is left to the next one, unless that needs another, or this one failed."""
        if self._field is None or self._field.setup != row.setup:
            self._close(audits=True)
            self._field = Field(row.setup, self._home(), self._engines, self._settings).__enter__()
        try:
            outcome = run(row, self._field, pace, dice)
            if self._audits and not outcome.findings:
                self._field.servers[0].audit()
        except BaseException:
            self._close(audits=False)
            raise
        if outcome.findings or row.fails_over:
            self._close(audits=not outcome.findings)
        return outcome

    def _close(self, *, audits: bool) -> None:
        closing, self._field = self._field, None
        if closing is None:
            return
        try:
            if audits:
                closing.servers[0].audit()
        finally:
            closing.__exit__()
