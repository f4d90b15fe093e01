"""Retention: delete old events and other old rows, in small transactions between the batches."""

from collections.abc import Sequence
from itertools import takewhile
from typing import Final

import msgspec

from festival_push.domain.values import Instant
from festival_push.store.database import Writer
from festival_push.store.sql import Statement, Write
from festival_push.store.writing.clock import LogClock, outlived, undoubted

CHUNK_ROWS: Final = 1000
KEPT_MS: Final = 40 * 24 * 3600 * 1000  # 40 days: how long an idempotency key is remembered
_EXPIRED_MS: Final = 3600 * 1000  # kept for an hour after expiry: other machines' clocks may be behind

_CLOCK: Final[Statement] = ("SELECT clock FROM log_head WHERE id = 1", ())
_MARKS: Final[Statement] = ("SELECT clock, wall FROM clock_marks", ())
_KEEP_CLOCK: Final = "UPDATE log_head SET clock = $1 WHERE id = 1"
_MARK: Final = "INSERT INTO clock_marks (clock, wall) VALUES ($1, $2) ON CONFLICT (clock) DO NOTHING"
_UNMARK: Final = "DELETE FROM clock_marks WHERE clock = $1"

_OLDEST_EVENTS: Final[Statement] = (
    """
    SELECT position, topics, at FROM event_log
     WHERE position > (SELECT trimmed_to FROM log_head WHERE id = 1) ORDER BY position LIMIT $1
    """,
    (CHUNK_ROWS,),
)
_AGED: Final = (("kept_answers", "at", "TRUE"), ("writers", "at", "TRUE"))  # dated by the log's clock
_EXPIRED: Final = (  # dated by the wall clock
    ("spent_tokens", "expires_at", "TRUE"),
    ("sessions", "expires_at", "TRUE"),
    ("servers", "at", "TRUE"),
    ("payment_requests", "expires_at", "order_id IS NULL"),  # paid ones stay, like their orders
    ("give_backs", "expires_at", "claimed_by IS NULL"),  # as payment requests
    ("pairings", "expires_at", "TRUE"),  # their displays stay
    ("guesses", "expires_at", "TRUE"),
)
_ENDED: Final = (
    ("factors", "ended_at", "ended_at IS NOT NULL"),
)  # also by the wall clock, but kept as long as answers


class Trimmed(msgspec.Struct, frozen=True):
    """The result of one step."""

    events: int
    more: bool  # there is more to trim


async def trim_chunk(writer: Writer, keep_ms: int, clock: LogClock, now: Instant) -> Trimmed:
    """Delete at most `CHUNK_ROWS` events that are older than `keep_ms`, and a chunk of old answers, expired tokens and
    the like.

    Args:
        clock: Decides what is old. `now`, the wall clock, decides what has expired, as far as it is undoubted.
    Raises:
        Unavailable, WriteFailed, CommitUnknown: Doing it again is harmless.
    """
    try:
        [(kept,)], marks = await writer.begin(_CLOCK, _MARKS)
        at = clock.read(kept, now)
        limits = _limits(at, undoubted(marks, at, now))
        events, *chunk_ends = await writer.select(_OLDEST_EVENTS, *map(_chunk_end, limits, limits.values()))
        old = list(takewhile(lambda row: row[2] < at - keep_ms, events))
        writes: list[Write] = [
            (_KEEP_CLOCK, [(at,)]),
            (_MARK, [(at, now)]),
            (_UNMARK, [(mark,) for mark in outlived(marks, at)]),
            *(_event_writes(old) if old else []),
        ]
        for (aged, limit), chunk_end in zip(limits.items(), chunk_ends, strict=True):
            table, column, where = aged
            upper = chunk_end[0][0] + 1 if chunk_end else limit
            writes.append((f"DELETE FROM {table} WHERE {column} < $1 AND {where}", [(upper,)]))  # noqa: S608  # from above
        await writer.commit(*[(sql, rows) for sql, rows in writes if rows])
    except Exception:
        await writer.rollback()
        raise
    return Trimmed(len(old), more=len(old) == CHUNK_ROWS or any(chunk_ends))


def _limits(clock: Instant, wall: Instant | None) -> dict[tuple[str, str, str], int]:
    """Return the instants before which rows go, by the log's clock and by the wall clock, if it is undoubted."""
    limits = dict.fromkeys(_AGED, clock - KEPT_MS)
    if wall is None:
        return limits
    return limits | dict.fromkeys(_EXPIRED, wall - _EXPIRED_MS) | dict.fromkeys(_ENDED, wall - KEPT_MS)


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
