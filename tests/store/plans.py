"""How a database means to run a statement."""

from collections.abc import Sequence
from typing import Final

from festival_push.store.database import Database, Writer
from festival_push.store.sql import Param, Rows, Statement
from tests.store.wrapped import WrappedDatabase

_EXPLAIN: Final = {"sqlite": "EXPLAIN QUERY PLAN ", "postgres": "EXPLAIN (COSTS OFF) "}


async def plan_of(database: Database, statement: Statement) -> str:
    """The plan as text, one step a line."""
    sql, params = statement
    (steps,) = await database.read((_EXPLAIN[database.dialect] + sql, params))
    return "\n".join(str(step[-1]) for step in steps)


async def analyze(database: Database) -> None:
    """Let PostgreSQL's planner know how large the tables are; SQLite's decides without, as in production."""
    if database.dialect == "postgres":
        writer = database.writer()
        await writer.begin()
        await writer.run_script("ANALYZE;")
        await writer.commit()


class Explaining(WrappedDatabase[Writer]):
    """A database that notes the plan of everything it reads."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, database.writer())
        self.plans: list[str] = []

    async def read(self, *statements: Statement) -> list[Rows]:
        """Read, and note the plans."""
        self.plans += [await plan_of(self._inner, statement) for statement in statements]
        return await self._inner.read(*statements)

    async def read_together(self, sql: str, params: Sequence[Param], *, columns: int) -> Rows:
        """Read alone, and note the plan."""
        del columns
        [rows] = await self.read((sql, params))
        return rows
