"""Retention: delete old events and other old rows, in small transactions between the batches."""

from collections.abc import Sequence
from itertools import takewhile
from typing import Final

import msgspec

from festival_push.domain.values import Instant
from festival_push.store.database import Writer
from festival_push.store.sql import Statement, Write

CHUNK_ROWS: Final = 1000
KEPT_MS: Final = 40 * 24 * 3600 * 1000  # 40 days: how long an idempotency key is remembered
_EXPIRED_MS: Final = 3600 * 1000  # kept for an hour after expiry: other machines' clocks may be behind

_OLDEST_EVENTS: Final[Statement] = (
    """
    SELECT position, topics, at FROM event_log
     WHERE position > (SELECT trimmed_to FROM log_head WHERE id = 1) ORDER BY position LIMIT $1
    """,
    (CHUNK_ROWS,),
)
_AGED: Final = (
    ("kept_answers", "at", "TRUE"),
    ("spent_tokens", "expires_at", "TRUE"),
    ("writers", "at", "TRUE"),
    ("sessions", "expires_at", "TRUE"),
    ("servers", "at", "TRUE"),
    ("payment_requests", "expires_at", "order_id IS NULL"),  # paid ones stay, like their orders
    ("pairings", "expires_at", "TRUE"),  # their displays stay
    ("factors", "ended_at", "ended_at IS NOT NULL"),
    ("guesses", "expires_at", "TRUE"),
)


class Trimmed(msgspec.Struct, frozen=True):
    """The result of one step."""

    events: int
    more: bool  # there is more to trim


async def trim_chunk(writer: Writer, before: Instant, now: Instant) -> Trimmed:
    """Delete at most `CHUNK_ROWS` events older than `before`, and a chunk of old answers, expired tokens and the like.

    Raises Unavailable, WriteFailed, CommitUnknown; doing it again is harmless.
    """
    limits = (
        now - KEPT_MS,
        now - _EXPIRED_MS,
        now - KEPT_MS,
        *(now - _EXPIRED_MS,) * 4,
        now - KEPT_MS,
        now - _EXPIRED_MS,
    )
    try:
        events, *chunk_ends = await writer.begin(_OLDEST_EVENTS, *map(_chunk_end, _AGED, limits))
        # In the order of the log, so that it has no gap even if a clock was set back.
        old = list(takewhile(lambda row: row[2] < before, events))
        writes: list[Write] = _event_writes(old) if old else []
        for (table, column, where), limit, chunk_end in zip(_AGED, limits, chunk_ends, strict=True):
            upper = chunk_end[0][0] + 1 if chunk_end else limit
            writes.append((f"DELETE FROM {table} WHERE {column} < $1 AND {where}", [(upper,)]))  # noqa: S608  # from above
        await writer.commit(*writes)
    except Exception:
        await writer.rollback()
        raise
    return Trimmed(len(old), more=len(old) == CHUNK_ROWS or any(chunk_ends))


def _chunk_end(aged: tuple[str, str, str], limit: int) -> Statement:
    """Return the SELECT for the end of the first chunk of old rows; it finds nothing if they fit in one chunk."""
    table, column, where = aged
    return (
        f"SELECT {column} FROM {table} WHERE {column} < $1 AND {where} ORDER BY {column} LIMIT 1 OFFSET $2",  # noqa: S608
        (limit, CHUNK_ROWS),
    )


def _event_writes(old: Sequence[tuple[int, str, int]]) -> list[Write]:
    first, last = old[0][0], old[-1][0]
    topics = [(topic, position) for position, names, _ in old for topic in msgspec.json.decode(names, type=list[str])]
    return [
        ("UPDATE log_head SET trimmed_to = $1 WHERE id = 1", [(last,)]),
        ("DELETE FROM log_topics WHERE topic = $1 AND position = $2", topics),
        ("DELETE FROM event_log WHERE position >= $1 AND position <= $2", [(first, last)]),
    ]
