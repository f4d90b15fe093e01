"""Several writes as one statement of PostgreSQL: a round trip, and its cost here and there, for all tables together.

Rows travel as one array for each column, and texts as one text: the driver takes as long for a value of an array as for
two of a row (decision 0071). A write of a single row keeps its `VALUES`, which are cheaper there.
"""

# ruff: noqa: S608  # only words of our own statements, numbers and names of types are filled in

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

import asyncpg

from festival_push.store.postgres.joining import TEXT_MAX, shifted
from festival_push.store.sql import Write, for_postgres

_INSERT: Final = re.compile(
    r"\s*INSERT INTO (\w+) \(([\w, ]+)\)\s+VALUES \((?:\$\d+(?:, )?)+\)([^$]*)"  # parameters only, each of them once
)
_MOVE: Final = re.compile(r"\s*UPDATE (log_head) SET [\w\s=$,]+ WHERE id = 1\s*")
_HEAD: Final = "log_head"
_JOINED: Final = "joined"
"""In place of a type: of a column whose values are one text."""
_BETWEEN, _NULL = "\x1f", "\x1e"  # between the values, and in place of a NULL


class Part(NamedTuple):
    """One write of a statement."""

    sql: str
    types: tuple[str, ...]  # of its columns
    many: bool  # whether each parameter is an array, with a value for each row


class Merger:
    """Writes over one connection, in order, in as few statements as it can."""

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        self._connection = connection
        self._types: dict[str, tuple[str, ...]] = {}

    async def write(self, writes: Sequence[Write], *, step_s: float, row_s: float) -> None:
        """Run the writes. Each statement may take `step_s` seconds, and `row_s` more for each of its rows."""
        for group in groups([(sql, rows) for sql, rows in writes if rows]):
            await self._run(group, step_s=step_s, row_s=row_s)

    async def statement_if(self, version: str, writes: Sequence[Write]) -> tuple[str, list[Any]] | None:
        """Return the one statement, and its parameters, that runs the writes if the head has still this version, and
        then returns the head's new version; None if they don't fit into one."""
        some = sorted((write for write in writes if write[1]), key=lambda write: not moves_head(write[0]))
        if len(list(groups(some))) != 1 or not moves_head(some[0][0]):
            return None
        parts, values = await self._prepared(some)
        merged = as_one_write(parts, guarded=True)
        return None if len(merged) > TEXT_MAX else (merged, [version, *values])

    async def _run(self, group: Sequence[Write], *, step_s: float, row_s: float) -> None:
        within_s = step_s + row_s * sum(len(rows) for _, rows in group)
        if len(group) == 1 and _table(group[0][0]) is None:
            sql, rows = group[0]
            await self._connection.executemany(for_postgres(sql), rows, timeout=within_s)
            return
        parts, values = await self._prepared(group)
        merged = as_one_write(parts)
        if len(merged) > TEXT_MAX and len(group) > 1:
            for part in (group[: len(group) // 2], group[len(group) // 2 :]):
                await self._run(part, step_s=step_s, row_s=row_s)
            return
        await self._connection.execute(merged, *values, timeout=within_s)

    async def _prepared(self, group: Sequence[Write]) -> tuple[tuple[Part, ...], list[Any]]:
        """Return the parts of a statement, and its parameters."""
        parts, values = list[Part](), list[Any]()
        for sql, rows in group:
            types = await self._types_of(sql)
            if len(rows) > 1:
                columns = list(map(_column, types, zip(*rows, strict=True)))
                types = tuple([kind for kind, _ in columns])
                values += [value for _, value in columns]
            else:
                values += rows[0]
            parts.append(Part(sql, types, len(rows) > 1))
        return tuple(parts), values

    async def _types_of(self, sql: str) -> tuple[str, ...]:
        """Return the types of the statement's parameters, as the server finds them by the columns they go to."""
        if sql not in self._types:
            prepared = await self._connection.prepare(sql)
            self._types[sql] = tuple(kind.name for kind in prepared.get_parameters())
        return self._types[sql]


def groups(writes: Sequence[Write]) -> Iterator[list[Write]]:
    """Split the writes, in their order, into groups that may each be one statement.

    The parts of a statement run in no order that PostgreSQL promises, unless one needs the result of another, and don't
    see what the others do. So a group has only inserts, and one move of the head, which look at no other row; foreign
    keys are checked at the end of a statement. Other writes are groups of their own: they may have conditions or
    triggers that look at rows written before.
    """
    group: list[Write] = []
    for sql, rows in writes:
        if group and (_table(sql) is None or (moves_head(sql) and any(moves_head(other) for other, _ in group))):
            yield group
            group = []
        if _table(sql) is None:
            yield [(sql, rows)]
        else:
            group.append((sql, rows))
    if group:
        yield group


@lru_cache(maxsize=2048)
def as_one_write(parts: Sequence[Part], *, guarded: bool = False) -> str:
    """Return the statement that runs all of them; its parameters are theirs, one after the other.

    Args:
        guarded: True for a statement that writes nothing if the head has another version than the first parameter
            says, and else returns its new one. The first part moves the head, whose row is locked before anything else
            is written.
    """
    tables = [_table(part.sql) for part in parts]
    sqls, before, awaited = list[str](), int(guarded), {0} if guarded else set[int]()
    for at, part in enumerate(parts):
        earlier = [other for other in range(at) if tables[other] == tables[at]]
        awaited.update(earlier)
        conditions = ["EXISTS (SELECT FROM w0)"] if guarded and at else []
        # By its count, which is known once all of its rows are written.
        conditions += [f"(SELECT count(*) FROM w{other}) >= 0" for other in earlier]
        sqls.append(shifted(_insert(part, conditions) if part.many or conditions else part.sql, before))
        before += _count(part.sql)
    if guarded:
        sqls[0] += " AND xmin::text = $1"
        last = "SELECT pg_current_xact_id()::xid::text FROM w0"
    else:
        last = sqls.pop()
    named = ", ".join(f"w{at} AS ({sql}{' RETURNING 1' if at in awaited else ''})" for at, sql in enumerate(sqls))
    return f"WITH {named} {last}" if named else last


def _insert(part: Part, conditions: Sequence[str]) -> str:
    """Return an insert of rows of known types, of none unless all conditions hold."""
    found = _INSERT.fullmatch(part.sql)
    assert found is not None, part.sql
    table, columns, conflict = found.groups()
    numbers = range(1, len(part.types) + 1)
    names = ", ".join(f"p{number}" for number in numbers)
    given = ", ".join(_given(number, kind, many=part.many) for number, kind in zip(numbers, part.types, strict=True))
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    if not part.many:
        return f"INSERT INTO {table} ({columns}) SELECT {given}{where}{conflict}"
    return (
        f"INSERT INTO {table} ({columns}) SELECT {names}"
        f" FROM ROWS FROM ({given}) WITH ORDINALITY AS given({names}, nth){where} ORDER BY nth{conflict}"
    )


def _column(kind: str, values: Sequence[Any]) -> tuple[str, Any]:
    """Return the values of a column of this type as one parameter, and of which type that is."""
    if kind != "text":
        return kind, list(values)
    given = [_NULL if value is None else value for value in values] if None in values else values
    text = _BETWEEN.join(given)
    apart = text.count(_BETWEEN) == len(values) - 1 and text.count(_NULL) == values.count(None)
    return (_JOINED, text) if apart else (kind, list(values))


def _given(number: int, kind: str, *, many: bool) -> str:
    if kind == _JOINED:
        return f"string_to_table(${number}, E'\\x1f', E'\\x1e')"
    return f"unnest(${number}::{kind}[])" if many else f"${number}::{kind}"


@lru_cache(maxsize=1024)
def _table(sql: str) -> str | None:
    """Return the table of a write that may share a statement; None if it may not."""
    found = _INSERT.fullmatch(sql) or _MOVE.fullmatch(sql)
    return None if found is None else found[1]


def moves_head(sql: str) -> bool:
    """Return whether a write changes the head in a way that may share a statement."""
    return _table(sql) == _HEAD


@lru_cache(maxsize=1024)
def _count(sql: str) -> int:
    return len(set(re.findall(r"\$\d+", sql)))
