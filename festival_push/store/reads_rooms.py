"""The rooms that people are in."""

from typing import Final

import msgspec

from festival_push.domain.values import Topic, UserId
from festival_push.store.database import Database
from festival_push.store.log import parse_topics
from festival_push.store.sql import Rows, Statement

_ROOMS: Final = "SELECT topics FROM rooms WHERE user_id = $1"
_POSITION: Final = "SELECT position FROM log_head"


class RoomsAt(msgspec.Struct, frozen=True):
    """The topics of a person's rooms, as they stood at one position of the log."""

    position: int
    topics: tuple[Topic, ...]


class RoomReads:
    """What is read about rooms."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def rooms(self, user_id: UserId) -> RoomsAt:
        """A person's rooms; none for an unknown person."""
        ((head,), found) = await self._database.read((_POSITION, ()), rooms_statement(user_id))
        return RoomsAt(head[0], rooms_in(found))


def rooms_statement(user_id: UserId) -> Statement:
    """The statement for one person's rooms; `rooms_in` reads its rows."""
    return _ROOMS, (user_id,)


def rooms_in(found: Rows) -> tuple[Topic, ...]:
    """The topics in the rows of that statement."""
    return parse_topics(found[0][0]) if found else ()
