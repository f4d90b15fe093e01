"""Reads of notifications and messages: the events of the log that people can look up again."""

# ruff: noqa: S608  # only names of columns and numbers of parameters are filled in

from collections.abc import Sequence
from typing import Final

import msgspec

from festival_push.domain.events import CustomerMessage, VendorMessage
from festival_push.domain.log import LogRow
from festival_push.domain.rows import Announcement
from festival_push.domain.values import Topic
from festival_push.store.database import Database
from festival_push.store.log import TOPICS_MAX, to_log_row
from festival_push.store.reads.orders import NEWEST
from festival_push.store.sql import SqlRow, Statement
from festival_push.store.tables import ANNOUNCEMENTS

UNREAD_MAX: Final = 100
"""Unread notifications are counted up to this number; pages show it as `99+`."""

_MESSAGES: Final = f"""
    SELECT e.position, e.topics, e.type, e.data, e.at
      FROM log_topics AS t JOIN event_log AS e ON e.position = t.position
     WHERE t.topic = $1 AND t.position < $2 AND e.type IN ('{CustomerMessage.TYPE}', '{VendorMessage.TYPE}')
     ORDER BY t.position DESC LIMIT $3
"""
_ANNOUNCEMENT: Final = ", ".join(f"a.{name}" for name in ANNOUNCEMENTS.names)


class Notification(msgspec.Struct, frozen=True):
    """A `new-notification` of the log, and the announcement that it told of, as it is now; None if it is another."""

    row: LogRow
    announcement: Announcement | None


class NotificationReads:
    """Reads of notifications and messages. Every method may raise Unavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def notifications(
        self, topics: Sequence[Topic], *, before: int | None = None, limit: int
    ) -> list[Notification]:
        """Return a page of the notifications of some topics, newest first, as far as the log is kept.

        Announcements that were withdrawn are not among them.

        Args:
            before: Return only those with a lower `position`; for the next page, that of the last row of this page.
        """
        newest = newest_notifications(topics, after=0, before=NEWEST if before is None else before, limit=limit)
        sql, params = newest
        (found,) = await self._database.past.read(
            (
                f"""SELECT e.position, e.topics, e.type, e.data, e.at, {_ANNOUNCEMENT}
                  FROM ({sql}) AS found JOIN event_log AS e ON e.position = found.position
                  LEFT JOIN announcements AS a ON a.position = found.position
                 ORDER BY e.position DESC""",
                params,
            )
        )
        return [_notification(row) for row in found]

    async def messages(self, topic: Topic, *, before: int | None = None, limit: int) -> list[LogRow]:
        """Return a page of the messages on an order's topic, newest first, as far as the log is kept.

        Args:
            before: Return only rows with a lower `position`.
        """
        (found,) = await self._database.past.read((_MESSAGES, (topic, NEWEST if before is None else before, limit)))
        return [to_log_row(row) for row in found]


def count_unread(topics: Sequence[Topic], after: int) -> Statement:
    """Return the statement that counts notifications after a position, up to UNREAD_MAX."""
    sql, params = newest_notifications(topics, after=after, before=NEWEST, limit=UNREAD_MAX)
    return f"SELECT COUNT(*) FROM ({sql}) AS found", params


def newest_notifications(topics: Sequence[Topic], *, after: int, before: int, limit: int) -> Statement:
    """Return the SELECT for the positions of the newest notifications with `after < position < before`.

    Whoever lists or counts notifications uses it, so that a count is always that of the list: an announcement that was
    withdrawn is in neither.

    It reads one bounded range of the partial index per topic, and for each row of it looks whether it was withdrawn.
    That is a subquery with a value, not NOT EXISTS, which PostgreSQL may turn into a join over the whole topic.

    Args:
        topics: 1..TOPICS_MAX of them.
    """
    assert 0 < len(topics) <= TOPICS_MAX, len(topics)
    ranges = " UNION ".join(
        f"""SELECT position FROM (
              SELECT position FROM log_topics
               WHERE topic = ${number} AND position > $1 AND position < $2 AND notice = 1
                 AND (SELECT withdrawn_at FROM announcements AS a WHERE a.position = log_topics.position) IS NULL
               ORDER BY position DESC LIMIT $3) AS topic_{number}"""
        for number in range(4, 4 + len(topics))
    )
    return f"{ranges} ORDER BY position DESC LIMIT $3", (after, before, limit, *topics)


def _notification(row: SqlRow) -> Notification:
    told, announcement = row[:5], row[5:]
    return Notification(to_log_row(told), None if announcement[0] is None else ANNOUNCEMENTS.decode(announcement))
