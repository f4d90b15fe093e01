"""The rows of the event log, and where it stands."""

import msgspec

from festival_push.domain.values import Instant, Position, Topic


class LogRow(msgspec.Struct, frozen=True, array_like=True):
    """One event as the log keeps it and as brokers carry it."""

    position: Position
    topics: tuple[Topic, ...]
    type: str
    data: str  # JSON text
    at: Instant


class LogHead(msgspec.Struct, frozen=True):
    """Where the log stands. It holds the positions `trimmed_to + 1 .. position`."""

    epoch: str
    position: int
    trimmed_to: int


class LogPage(msgspec.Struct, frozen=True):
    """Some events, and where the log stood when they were read: what is after `position` may be missing because it was
    not there yet, and what is up to `trimmed_to` because it is gone."""

    position: int
    trimmed_to: int
    rows: list[LogRow]
