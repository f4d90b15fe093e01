"""Translate SQL for each database: statements are written once, in one common spelling."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, Literal

Dialect = Literal["sqlite", "postgres"]
Param = str | int | float | bytes | None
Statement = tuple[str, Sequence[Param | Sequence[str] | Sequence[int]]]
"""SQL with `$1`, `$2` …, and their values. A list is one parameter: `topic {in_2}` is true for members of list 2. A
text is read as JSON where it is marked: `data{json} ->> 'name'`."""
Write = tuple[str, Sequence[Sequence[Param]]]
"""One statement, and a list of parameters for each of its executions."""
SqlRow = tuple[Any, ...]
Rows = list[SqlRow]

_IN: Final = re.compile(r"\{in_(\d+)\}")
_JSON: Final = "{json}"
_NUMBERED: Final = re.compile(r"\$(\d+)")


@lru_cache(maxsize=1024)
def for_sqlite(sql: str) -> str:
    """Return the SQL as SQLite spells it: `?1` for `$1`; a list is passed as a JSON array."""
    return _NUMBERED.sub(r"?\1", _IN.sub(r"IN (SELECT value FROM json_each($\1))", sql.replace(_JSON, "")))


@lru_cache(maxsize=1024)
def for_postgres(sql: str) -> str:
    """Return the SQL as PostgreSQL spells it: lists are passed as arrays, and texts have to be cast to JSON."""
    return _IN.sub(r"= ANY($\1)", sql.replace(_JSON, "::json"))
