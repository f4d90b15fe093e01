"""The event log: all past events by position. Streams replay it, and the tail follows it."""

# ruff: noqa: S608  # only names of columns and numbers of parameters are filled in

import secrets
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import Final

import msgspec

from festival_push.domain.log import LogHead, LogPage, LogPosition, LogRow
from festival_push.domain.values import Topic
from festival_push.store.database import Database
from festival_push.store.sql import Param, SqlRow

TOPICS_MAX: Final = 128
"""How many topics one stream may follow: each costs a replay one index range, and SQLite joins at most 500 by UNION."""

_TOPICS_MIN: Final = 4  # only streams of boards follow fewer
_HEAD: Final = "SELECT epoch, position, trimmed_to FROM log_head"
_RENEW: Final = "UPDATE log_head SET epoch = $1 WHERE id = 1"
_RANGE: Final = """
    SELECT position, topics, type, data, at FROM event_log
     WHERE position > $1 ORDER BY position LIMIT $2
"""
parse_topics: Final = lru_cache(1024)(msgspec.json.Decoder(tuple[Topic, ...]).decode)
"""Parse a `topics` column. Cached, because the events that one person missed nearly always have the same topics."""


class CursorTrimmed(Exception):
    """Events after the requested position were deleted; reading on would skip them silently."""

    def __init__(self, after: int, trimmed_to: int) -> None:
        super().__init__(f"events after {after} were asked for, but the log begins after {trimmed_to}")


class EventLog:
    """The event log in the database, read in bounded pages."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def follow(self, known: Callable[[], LogPosition]) -> None:
        """Let replays, and all other history, include everything up to the position that `known` returns."""
        self._database.follow(known)

    async def head(self) -> LogHead:
        """Return the head of the log. Raises Unavailable, as every read does."""
        ((row,),) = await self._database.read((_HEAD, ()))
        return LogHead(*row)

    async def read_after(self, topics: Sequence[Topic], after: int, up_to: int, limit: int) -> LogPage:
        """Return the oldest events in `after < position <= up_to` with one of the topics: each once, in order.

        It is a read of history: see `Database.past`.

        Costs O(topics × limit), however long the log and its topics are.

        Args:
            topics: At most TOPICS_MAX different ones.
            limit: The most events to return; fewer mean that there are no more up to `up_to`. Use few different values,
                because each has a statement of its own.
        """
        assert len(topics) <= TOPICS_MAX, len(topics)
        # A power of two, so that there are few different statements.
        topic_params = max(_TOPICS_MIN, 1 << (len(topics) - 1).bit_length())
        params: list[Param] = [after, up_to, *topics, *[""] * (topic_params - len(topics))]
        found = await self._database.past.read_together(read_after_sql(topic_params, limit), params, columns=7)
        head, trimmed_to = found[0][:2]
        rows = [
            LogRow(position, parse_topics(topics), kind, data, at)
            for _, _, position, topics, kind, data, at in found
            if position is not None
        ]
        return LogPage(head, trimmed_to, rows)

    async def read_range(self, after: int, limit: int) -> list[LogRow]:
        """Return the oldest `limit` events after a position, of all topics. Raises CursorTrimmed, Unavailable."""
        ((head,), rows) = await self._database.read((_HEAD, ()), (_RANGE, (after, limit)))
        return _untrimmed(head, after, rows)


async def renew_epoch(database: Database) -> LogHead:
    """Renew the epoch, so that cursors issued before are recognised as stale. Nobody else may write meanwhile.

    Returns the new head of the log. Raises Unavailable, WriteFailed, CommitUnknown.
    """
    writer = database.writer()
    try:
        [[row]] = await writer.begin((_HEAD, ()))
        before = LogHead(*row)
        epoch = another_epoch(before.epoch)
        await writer.commit((_RENEW, [[epoch]]))
    finally:
        await writer.rollback()
    return LogHead(epoch, before.position, before.trimmed_to)


def another_epoch(epoch: str) -> str:
    """Return a random name for a log that had this one until now."""
    while (renewed := secrets.token_hex(4)) == epoch:
        pass
    return renewed


def to_log_row(row: SqlRow) -> LogRow:
    """Convert a row of event_log that was selected as `position, topics, type, data, at`."""
    position, topics, kind, data, at = row
    return LogRow(position, parse_topics(topics), kind, data, at)


@cache
def read_after_sql(topics: int, limit: int) -> str:
    """Return the SELECT for `topics` topics. Its parameters are $1 after, $2 up to, $3 … the topics.

    Each row begins with the head's position and `trimmed_to`; if there are no events, there is one row with NULL in all
    other columns.

    Each topic contributes its own bounded index range, so a stream that missed little costs little, even if it follows
    a topic that most events have. UNION removes the duplicates of events with several topics.
    """
    ranges = " UNION ".join(
        f"""SELECT position FROM (
              SELECT position FROM log_topics WHERE topic = ${number} AND position > $1 AND position <= $2
               ORDER BY position LIMIT {limit}) AS topic_{number}"""
        for number in range(3, 3 + topics)
    )
    return f"""
        SELECT head.position, head.trimmed_to, e.position, e.topics, e.type, e.data, e.at
          FROM log_head AS head
          LEFT JOIN ({ranges} ORDER BY position LIMIT {limit}) AS found ON 1 = 1
          LEFT JOIN event_log AS e ON e.position = found.position
         ORDER BY e.position
    """


def _untrimmed(head: SqlRow, after: int, rows: Sequence[SqlRow]) -> list[LogRow]:
    trimmed_to = LogHead(*head).trimmed_to
    if after < trimmed_to:
        raise CursorTrimmed(after, trimmed_to)
    return [to_log_row(row) for row in rows]
