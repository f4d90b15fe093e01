"""The rows of the event log, and its head."""

from typing import NamedTuple

import msgspec

from festival_push.domain.values import Instant, Position, Topic


class LogRow(msgspec.Struct, frozen=True, array_like=True):
    """One event, as the log stores it and brokers carry it."""

    position: Position
    topics: tuple[Topic, ...]
    type: str
    data: str  # JSON text
    at: Instant  # by the log's own clock, so it never decreases; what people see is the event's own `timestamp`


class LogHead(msgspec.Struct, frozen=True):
    """The state of the log: its epoch, and the positions that it holds, `trimmed_to + 1 .. position`."""

    epoch: str
    position: int
    trimmed_to: int


class LogPosition(NamedTuple):
    """A place in one log."""

    epoch: str
    position: int


class LogPage(msgspec.Struct, frozen=True):
    """Some events, and the head of the log when they were read.

    Events after `position` may be missing because they were not committed yet; events up to `trimmed_to` may be missing
    because they were deleted.
    """

    position: int
    trimmed_to: int
    rows: list[LogRow]
