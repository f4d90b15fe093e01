"""The bugs. Each is called in a server's process before it begins, and breaks one promise now and then."""

import re
import secrets
from collections.abc import Callable, Iterator
from typing import Any, Final
from unittest.mock import patch
from zlib import crc32

from festival_push.push.streams.direct import DirectStream
from festival_push.web.parsing.keys import idempotency_key

_ID: Final = re.compile(rb"^id: [0-9a-f]+\.(\d+)$", re.MULTILINE)
_EACH: Final = 17


def drops_events() -> None:
    _tell(lambda _: b"")


def doubles_events() -> None:
    _tell(lambda frame: frame * 2)


def alters_events() -> None:
    _tell(lambda frame: frame.replace(b"data: {", b'data: {"altered":1,', 1))


def forgets_keys() -> None:
    """Keep the answers to one in ten commands under a key that nobody has sent."""

    def keyed(headers: Any) -> str:
        key = idempotency_key(headers)
        return secrets.token_hex(8) if is_forgotten(key) else key

    patch("festival_push.web.routing.endpoint.idempotency_key", keyed).start()


def is_wrong(position: int) -> bool:
    """Whether the event at this position of the log is told wrongly."""
    return position % _EACH == 0


def is_forgotten(key: str) -> bool:
    """Whether this idempotency key is."""
    return crc32(key.encode()) % 10 == 0


def _tell(wrongly: Callable[[bytes], bytes]) -> None:
    """Let streams write some of their frames wrongly."""

    def begin(self: DirectStream, request: Any, shared: Any, line: Any, *, left: Any) -> None:
        honest(self, request, shared, _Line(line, wrongly), left=left)

    honest = DirectStream.__init__
    patch.object(DirectStream, "__init__", begin).start()


class _Line:
    """The connection to a client, with a gremlin in it."""

    def __init__(self, line: Any, wrongly: Callable[[bytes], bytes]) -> None:
        self._line = line
        self._wrongly = wrongly

    def __getattr__(self, name: str) -> Any:
        return getattr(self._line, name)

    def write(self, data: bytes) -> None:
        head, ends, body = data.partition(b"\r\n\r\n") if data.startswith(b"HTTP/") else (b"", b"", data)
        self._line.write(head + ends + b"".join(self._chunk(chunk) for chunk in _chunks(body)))

    def _chunk(self, body: bytes) -> bytes:
        """One chunk of the body; an empty one ends it."""
        told = b"".join(self._frame(frame) for frame in re.findall(rb".*?\n\n", body, re.DOTALL)) if body else b""
        return b"" if body and not told else b"%x\r\n%s\r\n" % (len(told), told)

    def _frame(self, frame: bytes) -> bytes:
        found = _ID.search(frame)
        is_event = found is not None and b"event: connected" not in frame
        return self._wrongly(frame) if is_event and is_wrong(int(found[1])) else frame  # type: ignore[index]


def _chunks(data: bytes) -> Iterator[bytes]:
    while data:
        size, _, rest = data.partition(b"\r\n")
        length = int(size, 16)
        yield rest[:length]
        data = rest[length + 2 :]
