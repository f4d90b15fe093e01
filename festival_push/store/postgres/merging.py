"""Several writes as one statement of PostgreSQL: a round trip, and its cost here and there, for all tables together.

Rows travel as one array for each column. A statement of one kind of row that has a single row keeps its `VALUES`, which
are cheaper there.
"""

# ruff: noqa: S608  # only words of our own statements, numbers and names of types are filled in

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Final

import asyncpg

from festival_push.store.postgres.joining import TEXT_MAX, shifted
from festival_push.store.sql import Write, for_postgres

_INSERT: Final = re.compile(
    r"\s*INSERT INTO (\w+) \(([\w, ]+)\)\s+VALUES \((?:\$\d+(?:, )?)+\)([^$]*)"  # parameters only, each of them once
)
_MOVE: Final = re.compile(r"\s*UPDATE (log_head) SET [\w\s=$,]+ WHERE id = 1\s*")

_Shape = tuple[tuple[str, tuple[str, ...]], ...]
"""Of each write of a group its SQL, and the types of its arrays; none if it has one row, without arrays."""


class Merger:
    """Writes over one connection, in order, in as few statements as it can."""

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        self._connection = connection
        self._types: dict[str, tuple[str, ...]] = {}

    async def write(self, writes: Sequence[Write], *, step_s: float, row_s: float) -> None:
        """Run the writes. Each statement may take `step_s` seconds, and `row_s` more for each of its rows."""
        for group in groups([(sql, rows) for sql, rows in writes if rows]):
            rows = sum(len(rows) for _, rows in group)
            await self._run(group, step_s + row_s * rows)

    async def _run(self, group: Sequence[Write], within_s: float) -> None:
        if len(group) == 1 and _table(group[0][0]) is None:
            sql, rows = group[0]
            await self._connection.executemany(for_postgres(sql), rows, timeout=within_s)
            return
        shape = tuple([(sql, await self._types_of(sql) if len(rows) > 1 else ()) for sql, rows in group])
        merged = as_one_write(shape)
        if len(merged) > TEXT_MAX and len(group) > 1:
            for part in (group[: len(group) // 2], group[len(group) // 2 :]):
                await self._run(part, within_s)
            return
        values: list[Any] = []
        for _, rows in group:
            values += rows[0] if len(rows) == 1 else map(list, zip(*rows, strict=True))
        await self._connection.execute(merged, *values, timeout=within_s)

    async def _types_of(self, sql: str) -> tuple[str, ...]:
        """Return the types of the statement's parameters, as the server finds them by the columns they go to."""
        if sql not in self._types:
            prepared = await self._connection.prepare(sql)
            self._types[sql] = tuple(kind.name for kind in prepared.get_parameters())
        return self._types[sql]


def groups(writes: Sequence[Write]) -> Iterator[list[Write]]:
    """Split the writes, in their order, into groups that may each be one statement.

    The parts of a statement run in no order that PostgreSQL promises, and don't see what the others do. So a group has
    no table twice, and only inserts and the move of the head, which look at no other row; foreign keys are checked at
    the end of a statement. Other writes are groups of their own: they may have conditions or triggers that look at rows
    written before.
    """
    group: list[Write] = []
    tables: set[str] = set()
    for sql, rows in writes:
        table = _table(sql)
        if group and (table is None or table in tables):
            yield group
            group, tables = [], set()
        if table is None:
            yield [(sql, rows)]
            continue
        group.append((sql, rows))
        tables.add(table)
    if group:
        yield group


@lru_cache(maxsize=1024)
def as_one_write(shape: _Shape) -> str:
    """Return the statement that runs all of them; its parameters are theirs, one after the other."""
    parts, before = [], 0
    for sql, types in shape:
        parts.append(shifted(_of_arrays(sql, types) if types else sql, before))
        before += len(types) or _count(sql)
    *others, last = parts
    named = ", ".join(f"w{number} AS ({part})" for number, part in enumerate(others))
    return f"WITH {named} {last}" if others else last


def _of_arrays(sql: str, types: Sequence[str]) -> str:
    found = _INSERT.fullmatch(sql)
    assert found is not None, sql
    table, columns, conflict = found.groups()
    numbers = range(1, len(types) + 1)
    names = ", ".join(f"p{number}" for number in numbers)
    arrays = ", ".join(f"${number}::{kind}[]" for number, kind in zip(numbers, types, strict=True))
    return (
        f"INSERT INTO {table} ({columns}) SELECT {names}"
        f" FROM unnest({arrays}) WITH ORDINALITY AS given({names}, nth) ORDER BY nth{conflict}"
    )


@lru_cache(maxsize=1024)
def _table(sql: str) -> str | None:
    """Return the table of a write that may share a statement; None if it may not."""
    found = _INSERT.fullmatch(sql) or _MOVE.fullmatch(sql)
    return None if found is None else found[1]


@lru_cache(maxsize=1024)
def _count(sql: str) -> int:
    return len(set(re.findall(r"\$\d+", sql)))
