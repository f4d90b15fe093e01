"""Server-Sent Events framing: the one place where bytes for a stream are made.

A frame is built only from a position, an epoch, an event name and JSON text, so that no field can be injected:
positions are integers, epochs and names have a closed alphabet, and JSON text is kept on one line.

A stream's body has no length that is known beforehand. Where we write the connection ourselves, it goes out in chunks:
their framing is made here too, once for everybody who gets the event.
"""

import re
from typing import Final

import msgspec

from festival_push.domain.events import LOGGED, Connected, Event, SessionExpiring, StreamError
from festival_push.domain.log import LogRow

HEARTBEAT: Final = b":\n\n"
"""A comment: keeps proxies and phones from closing a silent connection. It carries no id."""
LAST_CHUNK: Final = b"0\r\n\r\n"
"""The end of a body in chunks."""
POSITION_MAX: Final = 2**53 - 1  # JavaScript counts no further

_EPOCH: Final = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_CURSOR: Final = re.compile(rf"({_EPOCH.pattern})\.(0|[1-9][0-9]{{0,15}})", re.ASCII)
_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,63}", re.ASCII)
_NEWLINES: Final = str.maketrans("\r\n", "  ")  # in JSON text a raw one can only stand between two tokens


class Cursor(msgspec.Struct, frozen=True):
    """The last place in the log that one client has seen: the SSE `id` and the `Last-Event-ID`."""

    epoch: str
    position: int  # 0: nothing seen yet

    def __str__(self) -> str:
        return f"{self.epoch}.{self.position}"


class Frame:
    """One logged event and the bytes that every stream of this process shares, made when somebody first gets them.

    Raises:
        ValueError: The row's type can't be an event name.
    """

    __slots__ = ("_chunk", "_data", "_epoch", "position", "row")

    def __init__(self, epoch: str, row: LogRow) -> None:
        if row.type not in _HEADS:
            _head(row.type)
        self._epoch = epoch
        self.position: int = row.position
        self.row = row
        self._data: bytes | None = None
        self._chunk: bytes | None = None

    @property
    def data(self) -> bytes:
        """The frame of an event stream."""
        if self._data is None:
            self._data = encode_frame(self._epoch, self.row)
        return self._data

    @property
    def chunk(self) -> bytes:
        """The same as one chunk of a body."""
        if self._chunk is None:
            self._chunk = encode_chunk(self.data)
        return self._chunk


def parse_cursor(text: str) -> Cursor | None:
    """Read `<epoch>.<position>`, position 0..2^53-1; None for anything else, however long or strange."""
    match = _CURSOR.fullmatch(text)
    if match is None or (position := int(match[2])) > POSITION_MAX:
        return None
    return Cursor(match[1], position)


def check_epoch(epoch: str) -> str:
    """Return the epoch. Raises ValueError when it can't stand in an SSE id."""
    if not _EPOCH.fullmatch(epoch):
        raise ValueError(f"not an epoch: {epoch!r}")
    return epoch


def encode_frame(epoch: str, row: LogRow) -> bytes:
    """The frame of a logged event. The epoch has been checked.

    A name that this version doesn't know but that could be one is let through: while an upgrade rolls, the log holds
    events of the newer version, and a stream that skipped them would never see them again.

    Raises:
        ValueError: The type can't be an event name.
    """
    head = _HEADS.get(row.type) or _head(row.type)
    return f"id: {epoch}.{row.position:d}\n{head}{_one_line(row.data)}\n\n".encode(errors="replace")


def encode_unlogged(
    event: Connected | StreamError | SessionExpiring | Event,
    *,
    cursor: Cursor | None = None,
    retry_ms: int | None = None,
) -> bytes:
    """The frame of an event that is not in the log. Without `cursor`, its `id:`, the client keeps the one it has."""
    lines = [] if retry_ms is None else [f"retry: {retry_ms:d}\n"]
    if cursor is not None:
        lines.append(f"id: {check_epoch(cursor.epoch)}.{cursor.position:d}\n")
    lines += [_HEADS[event.TYPE], _one_line(msgspec.json.encode(event).decode()), "\n\n"]
    return "".join(lines).encode()


def encode_retry(retry_ms: int) -> bytes:
    """Tells the client how long to wait before it reconnects; dispatches nothing."""
    return f"retry: {retry_ms:d}\n\n".encode()


def encode_chunk(data: bytes) -> bytes:
    """One chunk of a body (RFC 9112, 7.1). No data would be the last one: never empty."""
    assert data
    return b"%x\r\n%b\r\n" % (len(data), data)


def _head(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"not an event name: {name!r}")
    return f"event: {name}\ndata: "


def _one_line(json_text: str) -> str:
    return json_text.translate(_NEWLINES) if "\n" in json_text or "\r" in json_text else json_text


_NAMES: Final = (*(kind.TYPE for kind in LOGGED), Connected.TYPE, StreamError.TYPE, SessionExpiring.TYPE)
_HEADS: Final = {name: _head(name) for name in _NAMES}
