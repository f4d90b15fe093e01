"""The entries of the hub's queue: what an event of the log is to the streams of this process."""

import logging

import msgspec

from festival_push.domain.events import RoomsChanged
from festival_push.domain.log import LogRow
from festival_push.domain.topics import SYSTEM
from festival_push.domain.values import Topic, UserId
from festival_push.push.hub.frames import Frame, frame_of
from festival_push.push.hub.interest import mark_of

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
Unread = tuple[tuple[int, ...], bytes | None]
"""An event as another process tells of it: the marks of its topics, and the packed frame; None if we don't have it."""

_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(Frame).decode


def entry_of(epoch: str, row: LogRow) -> Entry:
    """Return what stands in the queue for a row. One that can't be sent or read is for no stream, and logged."""
    if any(topic != SYSTEM for topic in row.topics):
        try:
            return frame_of(epoch, row)
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


def unread(epoch: str, row: LogRow, frame: Frame | None = None) -> Unread:
    """Return what other processes are told of a row. One that can't be sent isn't packed: whoever needs it reads it.

    Args:
        frame: That of the row, if it was made already.
    """
    try:
        packed = _pack(frame or frame_of(epoch, row))
    except ValueError:
        packed = None
    return tuple(map(mark_of, row.topics)), packed


def opened(packed: bytes, position: int) -> Frame | None:
    """Return the frame that another process has packed; None if it isn't one, or not that of this position."""
    try:
        frame = _unpack(packed)
    except msgspec.DecodeError:  # by another version
        return None
    return frame if frame.position == position else None
