"""Server-Sent Events framing: the one place where bytes for a stream are made.

A frame is built only from a position, an epoch, an event name and JSON text, so that no field can be injected:
positions are integers, epochs and names have a closed alphabet, and JSON text is kept free of line ends. Only a long
text is broken into several `data:` lines, behind commas between its tokens: some clients read no line above 64 KiB, and
a client joins the lines by line ends, which are white space there.

The length of a stream's body is not known beforehand. Where we write the connection ourselves, the body goes out in
chunks: their framing is made here too, once for all streams that get the event.
"""

import re
from typing import Final

import msgspec

from festival_push.domain.event import Event
from festival_push.domain.events import LOGGED
from festival_push.domain.log import LogRow
from festival_push.domain.values import Instant, Position, Topic
from festival_push.push.hub.unlogged import Connected, SessionExpiring, Stale, StreamError

HEARTBEAT: Final = b":\n\n"
"""An SSE comment, which keeps proxies and phones from closing a silent connection. It carries no id."""
LAST_CHUNK: Final = b"0\r\n\r\n"
"""Ends a chunked body."""
LINE_BYTES_MAX: Final = 16 * 1024
"""Bytes of a line, with its `data: ` and without its end. Only what has no comma for longer stands on a longer line."""
POSITION_MAX: Final = 2**53 - 1  # the largest integer that JavaScript counts exactly

_EPOCH: Final = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_CURSOR: Final = re.compile(rf"({_EPOCH.pattern})\.(0|[1-9][0-9]{{0,15}})", re.ASCII)
_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,63}", re.ASCII)
_NEWLINES: Final = str.maketrans("\r\n", "  ")  # in JSON text a raw newline can only stand between two tokens
_DATA: Final = b"data: "
_CRLF: Final = b"\r\n"
# A piece of JSON text up to a comma that is in no string. The possessive `++` and `*+` never try again: time is linear.
_PIECE: Final = rb'[^",]*+(?:"(?:[^"\\]++|\\.)*+"[^",]*+)*+,'
_ONE_PIECE: Final = re.compile(_PIECE, re.DOTALL)
_PIECES: Final = re.compile(b"(?:%b)*+" % _PIECE, re.DOTALL)


class Cursor(msgspec.Struct, frozen=True):
    """The last log position that one client has seen: the SSE `id` and the `Last-Event-ID`."""

    epoch: str
    position: int  # 0: nothing seen yet

    def __str__(self) -> str:
        return f"{self.epoch}.{self.position}"


class Frame(msgspec.Struct, array_like=True, frozen=True, eq=False, gc=False):
    """One logged event, ready to be written, and shared by all streams of this process. It travels between processes as
    it is: what another process has made ready is not made again. It is also what waits for a stream that lacks only
    this event; of several, that is a `Backlog`."""

    position: int
    topics: tuple[Topic, ...]
    type: str
    at: Instant
    chunk: bytes  # the event as it stands in an event stream, as one chunk of an HTTP body

    @property
    def data(self) -> bytes:
        """The event as it stands in an event stream."""
        return self.chunk[self.chunk.index(_CRLF) + 2 : -2]

    @property
    def size(self) -> int:
        """Bytes that one stream is sent for it."""
        return len(self.chunk)

    @property
    def first(self) -> int:
        """As `Backlog.first`."""
        return self.position

    @property
    def frames(self) -> "list[Frame]":
        """As `Backlog.frames`."""
        return [self]

    def after(self, position: int) -> "Frame | None":
        """As `Backlog.after`."""
        return self if self.position > position else None

    @property
    def json(self) -> bytes:
        """The event's data: JSON text, as the log has it but for the white space between its tokens."""
        lines = self.data.removesuffix(b"\n\n").split(b"\n" + _DATA)
        return b"".join(lines[1:])

    @property
    def row(self) -> LogRow:
        """The row of the log that it was made of."""
        return LogRow(Position(self.position), self.topics, self.type, self.json.decode(), self.at)


def frame_of(epoch: str, row: LogRow) -> Frame:
    """Return the frame of a row, of a log whose epoch was checked. Raises ValueError as `encode_frame`."""
    return Frame(row.position, row.topics, row.type, row.at, encode_chunk(encode_frame(epoch, row)))


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
    """Return the frame of a logged event. The caller has checked the epoch.

    A well-formed name that this version doesn't know is let through: during a rolling upgrade the log holds events of
    the newer version, and a stream that skipped them would never see them again.

    Raises:
        ValueError: The type can't be an event name.
    """
    head = _HEADS.get(row.type) or _head(row.type)
    return _in_lines(f"id: {epoch}.{row.position:d}\n{head}{_one_line(row.data)}\n\n".encode(errors="replace"))


def encode_unlogged(
    event: Connected | StreamError | SessionExpiring | Stale | Event,
    *,
    cursor: Cursor | None = None,
    retry_ms: int | None = None,
) -> bytes:
    """Return the frame of an event that is not in the log.

    Args:
        cursor: Becomes the frame's `id:`; without it the client keeps the cursor it has.
        retry_ms: Tells the client how long to wait before it reconnects.
    """
    lines = [] if retry_ms is None else [f"retry: {retry_ms:d}\n"]
    if cursor is not None:
        lines.append(f"id: {check_epoch(cursor.epoch)}.{cursor.position:d}\n")
    lines += [_HEADS[event.TYPE], _one_line(msgspec.json.encode(event).decode()), "\n\n"]
    return _in_lines("".join(lines).encode())


def encode_retry(retry_ms: int) -> bytes:
    """Return a frame that tells the client how long to wait before it reconnects; it dispatches no event."""
    return f"retry: {retry_ms:d}\n\n".encode()


def encode_chunk(data: bytes) -> bytes:
    """Return one chunk of a body (RFC 9112, 7.1). `data` is never empty: an empty chunk would end the body."""
    assert data
    return b"%x\r\n%b\r\n" % (len(data), data)


def _head(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"not an event name: {name!r}")
    return f"event: {name}\ndata: "


def _one_line(json_text: str) -> str:
    return json_text.translate(_NEWLINES) if "\n" in json_text or "\r" in json_text else json_text


def _in_lines(frame: bytes) -> bytes:
    """Return the frame with its data on as many lines as LINE_BYTES_MAX asks for; almost always that is one."""
    if len(frame) <= LINE_BYTES_MAX:
        return frame
    head, start, text = frame.removesuffix(b"\n\n").partition(b"\n" + _DATA)  # the fields before it never hold this
    room, at = LINE_BYTES_MAX - len(_DATA), 0
    pieces = []
    while len(text) - at > room:
        fits = _PIECES.match(text, at, at + room)
        assert fits is not None  # it also matches nothing
        end = fits.end()
        if end == at:  # too long for a line, or no JSON
            longer = _ONE_PIECE.match(text, at)
            end = len(text) if longer is None else longer.end()
        pieces.append(text[at:end])
        at = end
    pieces.append(text[at:])
    return b"".join([head, start, (b"\n" + _DATA).join(pieces), b"\n\n"])


_UNLOGGED: Final = (Connected.TYPE, StreamError.TYPE, SessionExpiring.TYPE, Stale.TYPE)
_NAMES: Final = (*(kind.TYPE for kind in LOGGED), *_UNLOGGED)
_HEADS: Final = {name: _head(name) for name in _NAMES}
