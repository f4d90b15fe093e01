"""The one dialect helper: statements are written once, and each database gets its own spelling."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, Literal

Dialect = Literal["sqlite", "postgres"]
Param = str | int | float | bytes | None
Statement = tuple[str, Sequence[Param | Sequence[str] | Sequence[int]]]
"""SQL with `$1`, `$2` …, and their values. A list travels as one parameter: `topic {in_2}` is true for its members."""
Write = tuple[str, Sequence[Sequence[Param]]]
"""One statement, and the parameters of each of its executions."""
SqlRow = tuple[Any, ...]
Rows = list[SqlRow]

_IN: Final = re.compile(r"\{in_(\d+)\}")
_NUMBERED: Final = re.compile(r"\$(\d+)")


@lru_cache(maxsize=1024)
def for_sqlite(sql: str) -> str:
    """`$1` becomes `?1`; a list arrives as a JSON array."""
    return _NUMBERED.sub(r"?\1", _IN.sub(r"IN (SELECT value FROM json_each($\1))", sql))


@lru_cache(maxsize=1024)
def for_postgres(sql: str) -> str:
    """Lists arrive as arrays; the rest is PostgreSQL's own spelling."""
    return _IN.sub(r"= ANY($\1)", sql)
