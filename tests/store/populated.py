"""A database that went through a festival: random commands, committed by the real committer."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from festival_push.domain.log import LogRow
from festival_push.domain.refusals import Refused
from festival_push.domain.values import Rules
from festival_push.store.database import Database
from festival_push.store.opening import open_database
from festival_push.store.sql import Param
from festival_push.store.writing.committer import Committer
from tests.support.festival import NOON, OPENING, RULES, AnyCommand
from tests.support.servers.sqlite import migrated_file


class Populated:
    """A migrated database and the committer that fills it; `rows` is the log as it was told."""

    def __init__(self, database: Database, committer: Committer, rows: list[LogRow]) -> None:
        self.database = database
        self.committer = committer
        self.rows = rows

    async def do(self, commands: Iterable[AnyCommand]) -> None:
        """Submit them in this order; what the rules refuse is left out."""
        for command in commands:
            with suppress(Refused):
                await self.committer.submit(command)

    async def write(self, sql: str, *params: Param) -> None:
        """Change rows behind the rules' back."""
        writer = self.database.writer()
        await writer.begin()
        await writer.commit((sql, [params]))

    async def script(self, *statements: str) -> None:
        """Change tables and triggers behind the rules' back."""
        writer = self.database.writer()
        await writer.begin()
        await writer.run_script("\n".join(f"{statement};" for statement in statements))
        await writer.commit()


@asynccontextmanager
async def populated(database: Database, rules: Rules = RULES) -> AsyncIterator[Populated]:
    """The opened festival in a database, with its committer at work."""
    rows: list[LogRow] = []
    committer = Committer(
        database, rules, batch_max=50, pending_max=1_000, now=lambda: NOON, monotonic=float, on_committed=rows.extend
    )
    task = asyncio.create_task(committer.run())
    try:
        festival = Populated(database, committer, rows)
        await festival.do(OPENING)
        yield festival
    finally:
        await committer.close()
        await task


@asynccontextmanager
async def populated_file(path: str) -> AsyncIterator[Populated]:
    """The same in a SQLite file of its own, for each example of a property."""
    database = await open_database(migrated_file(Path(path)), readers=1)
    try:
        async with populated(database) as festival:
            yield festival
    finally:
        await database.close()
