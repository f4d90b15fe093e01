"""One SELECT for several callers, as PostgreSQL runs it: the parameters come as arrays, one an argument."""

# ruff: noqa: S608  # only numbers and names of types are filled in

import re
from collections.abc import Sequence
from functools import cache
from typing import Final, cast

from festival_push.store.sql import Param, Rows, Statement

_NUMBERED: Final = re.compile(r"\$(\d+)")
_TYPES: Final[dict[type, str]] = {int: "bigint", str: "text", float: "float8"}


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
