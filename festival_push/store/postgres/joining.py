"""Several SELECTs as one statement of PostgreSQL: those of one read, or one for several callers.

Each statement is a round trip, and costs the event loop some 60 us; a snapshot of several takes two more, to begin and
to end a transaction. One statement is a snapshot by itself.
"""

# ruff: noqa: S608  # only numbers and names of types are filled in

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Final, cast

from festival_push.store.sql import Param, Rows, Statement, for_postgres

_NUMBERED: Final = re.compile(r"\$(\d+)")
_TYPES: Final[dict[type, str]] = {int: "bigint", str: "text", float: "float8"}


TEXT_MAX: Final = 15_000
"""The longest statement that the driver keeps prepared: above, each use would have the server read and plan it anew."""


def as_one(statements: Sequence[Statement]) -> Statement | None:
    """Return one statement that gives one row, with an array of rows for each of these; None if it is too long."""
    sql = _all_in_one(tuple(sql for sql, _ in statements), tuple(len(params) for _, params in statements))
    return None if len(sql) > TEXT_MAX else (sql, [param for _, params in statements for param in params])


@lru_cache(maxsize=1024)
def _all_in_one(sqls: tuple[str, ...], params: tuple[int, ...]) -> str:
    arrays, before = [], 0
    for sql, count in zip(sqls, params, strict=True):
        arrays.append(f"ARRAY(SELECT found FROM ({shifted(for_postgres(sql), before)}) AS found)")
        before += count
    return f"SELECT {', '.join(arrays)}"


def shifted(sql: str, by: int) -> str:
    """Return the SQL with higher numbers of its parameters."""
    return _NUMBERED.sub(lambda found: f"${int(found[1]) + by}", sql)


class PostgresJoining:
    """One statement whose rows each begin with the number of the caller that they are for."""

    def for_all(self, sql: str, asked: Sequence[Sequence[Param]], columns: int) -> Statement:
        """Return the statement for these parameters."""
        given = list(zip(*asked, strict=True))
        statement = for_each(sql, tuple(map(_type, given)), columns)
        return statement, cast(Sequence[Sequence[str]], [list(values) for values in given])

    def apart(self, found: Rows, callers: int) -> list[Rows]:
        """Return each caller's rows."""
        answers: list[Rows] = [[] for _ in range(callers)]
        for number, *row in found:
            answers[number - 1].append(tuple(row))
        return answers


@cache
def for_each(sql: str, types: tuple[str, ...], columns: int) -> str:
    """Return a statement that runs a SELECT for each place of its arrays.

    The SELECT is a subquery that depends on the caller, so it is run once for each, and its rows come in its order.
    """
    one = _NUMBERED.sub(r"asked.p\1", sql)
    names = ", ".join(f"c{number}" for number in range(columns))
    arrays = ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(types, 1))
    given = ", ".join(f"p{number}" for number in range(1, len(types) + 1))
    return f"""
        SELECT asked.caller, found.*
          FROM unnest({arrays}) WITH ORDINALITY AS asked({given}, caller)
         CROSS JOIN LATERAL ({one}) AS found({names})
    """


def _type(values: Sequence[Param]) -> str:
    return next((_TYPES[type(value)] for value in values if value is not None), "text")
