"""How a database means to run a statement."""

from typing import Final

from festival_push.store.database import Database, Statement

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
