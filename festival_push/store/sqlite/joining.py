"""One SELECT for several callers, as SQLite runs it: the parameters come as JSON, and so do the answers."""

# ruff: noqa: S608  # only numbers are filled in

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

import msgspec

from festival_push.store.sql import Param, Rows, Statement

_NUMBERED: Final = re.compile(r"\$(\d+)")
_answers: Final = msgspec.json.Decoder(list[Rows])


class SqliteJoining:
    """One statement that gives one row: all the answers as JSON."""

    def for_all(self, sql: str, asked: Sequence[Sequence[Param]], columns: int) -> Statement:
        """Return the statement for these parameters."""
        return for_each(sql, len(asked[0]), columns), (msgspec.json.encode(asked).decode(),)

    def apart(self, found: Rows, callers: int) -> list[Rows]:
        """Return each caller's rows."""
        del callers
        [(answers,)] = found
        return _answers.decode(answers)


@cache
def for_each(sql: str, params: int, columns: int) -> str:
    """Return a statement that runs a SELECT for each member of a JSON array ($1): one row, a list of lists of rows."""
    one = _NUMBERED.sub(r"asked.p\1", sql)
    names = ", ".join(f"c{number}" for number in range(columns))
    values = ", ".join(f"value ->> {number}" for number in range(params))
    given = ", ".join(f"p{number}" for number in range(1, params + 1))
    return f"""
        WITH asked({given}) AS MATERIALIZED (SELECT {values} FROM json_each($1))
        SELECT json_group_array((
            WITH found({names}) AS ({one})
            SELECT json_group_array(json_array({names})) FROM found
        )) FROM asked
    """
