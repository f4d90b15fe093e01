"""The answers that are kept for retries, for the audit: bounded pages of them."""

from typing import Final

import msgspec

from festival_push.store.database import Database

_ANSWERS: Final = """
    SELECT scope, key, status, body FROM kept_answers
     WHERE scope || ' ' || key > $1 ORDER BY scope || ' ' || key LIMIT $2
"""
_POSITION: Final = "SELECT position FROM log_head"


class Answered(msgspec.Struct, frozen=True):
    """An answer that is kept for retries: of which caller and route, under which idempotency key, and the answer."""

    scope: str
    key: str
    status: int
    body: str  # JSON


async def kept_answers(database: Database, after: str, limit: int) -> tuple[int, list[Answered]]:
    """Return where the log ends, and the next answers of the same moment, by scope, blank and key. Raises
    Unavailable."""
    head, found = await database.read((_POSITION, ()), (_ANSWERS, (after, limit)))
    return head[0][0], [Answered(*row) for row in found]
