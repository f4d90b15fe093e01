"""The entries of the hub's queue: what a row of the log is to the streams of this process."""

import logging

import msgspec

from festival_push.domain.events import RoomsChanged
from festival_push.domain.log import LogRow
from festival_push.domain.topics import SYSTEM
from festival_push.domain.values import Topic, UserId
from festival_push.push.hub.frames import Frame

logger = logging.getLogger(__name__)


class Silence(msgspec.Struct, frozen=True):
    """An event that is for no stream; it only moves the position on."""

    position: int


class Regrouping(msgspec.Struct, frozen=True):
    """A `RoomsChanged`: after this position the person's streams follow these rooms."""

    position: int
    user_id: UserId
    rooms: tuple[Topic, ...]


Entry = Frame | Regrouping | Silence


def entry_of(epoch: str, row: LogRow) -> Entry:
    """Return what stands in the queue for a row. One that can't be sent or read is for no stream, and logged."""
    try:
        if any(topic != SYSTEM for topic in row.topics):
            return Frame(epoch, row)
    except ValueError:
        logger.exception("event %d can't be sent", row.position)
    if row.type == RoomsChanged.TYPE:
        try:
            changed = msgspec.json.decode(row.data, type=RoomsChanged)
        except msgspec.DecodeError:
            logger.exception("event %d can't be read", row.position)
        else:
            return Regrouping(row.position, changed.user_id, tuple(changed.topics))
    return Silence(row.position)
