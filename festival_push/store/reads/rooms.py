"""Reads of the rooms that people have joined."""

from typing import Final

import msgspec

from festival_push.domain.values import Topic, UserId
from festival_push.store.database import Database
from festival_push.store.log import parse_topics
from festival_push.store.sql import Rows, Statement

_ROOMS: Final = "SELECT topics FROM rooms WHERE user_id = $1"
_ROOMS_AT: Final = """
    SELECT head.position, rooms.topics FROM log_head AS head LEFT JOIN rooms ON rooms.user_id = $1
"""


class RoomsAt(msgspec.Struct, frozen=True):
    """The topics of a person's rooms, as they stood at one position of the log."""

    position: int
    topics: tuple[Topic, ...]


class RoomReads:
    """Reads of rooms. Every method may raise Unavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def rooms(self, user_id: UserId) -> RoomsAt:
        """Return a person's rooms; no topics for an unknown person."""
        [(position, topics)] = await self._database.read_together(_ROOMS_AT, (user_id,), columns=2)
        return RoomsAt(position, () if topics is None else parse_topics(topics))


def rooms_statement(user_id: UserId) -> Statement:
    """Return the SELECT for one person's rooms; `rooms_in` parses its rows."""
    return _ROOMS, (user_id,)


def rooms_in(found: Rows) -> tuple[Topic, ...]:
    """Return the topics from the rows of `rooms_statement`."""
    return parse_topics(found[0][0]) if found else ()
