"""A parser of event streams, written from the HTML standard (section 9.2.6), with no code of the server's in it."""

import codecs
import re
from dataclasses import dataclass
from typing import Final

_NEWLINE: Final = re.compile("\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Frame:
    """One dispatched event.

    Attributes:
        id: The `id` field of this block, or None when it had none (a browser then repeats the last one).
        retry: The `retry` field of this block, in milliseconds.
    """

    id: str | None
    event: str
    data: str
    retry: int | None = None


class SseParser:
    """Takes bytes as they come and gives whole frames.

    Attributes:
        last_event_id: What a browser would send as `Last-Event-ID` now.
        retry_ms: The last reconnection time that was told, with or without an event.
        comments: How many comment lines came.
    """

    def __init__(self) -> None:
        self.last_event_id = ""
        self.retry_ms: int | None = None
        self.comments = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._line = ""
        self._at_start = True
        self._after_cr = False
        self._begin_block()

    def feed(self, chunk: bytes) -> list[Frame]:
        """The frames that this chunk completes."""
        text = self._decoder.decode(chunk)
        if self._at_start and text:
            self._at_start = False
            text = text.removeprefix("\ufeff")
        if text:
            text = text.removeprefix("\n") if self._after_cr else text  # the second half of a CRLF
            self._after_cr = text.endswith("\r")
        *lines, self._line = _NEWLINE.split(self._line + text)
        frames: list[Frame] = []
        for line in lines:
            if line:
                self._take(line)
            elif frame := self._end_block():
                frames.append(frame)
        return frames

    def _begin_block(self) -> None:
        self._id: str | None = None
        self._event = ""
        self._data: list[str] = []
        self._retry: int | None = None

    def _take(self, line: str) -> None:
        name, colon, value = line.partition(":")
        if colon and not name:
            self.comments += 1
            return
        value = value.removeprefix(" ")
        if name == "event":
            self._event = value
        elif name == "data":
            self._data.append(value)
        elif name == "id" and "\0" not in value:
            self._id = value
        elif name == "retry" and value.isascii() and value.isdigit():
            self._retry = self.retry_ms = int(value)

    def _end_block(self) -> Frame | None:
        if self._id is not None:
            self.last_event_id = self._id
        frame = None
        if self._data:
            frame = Frame(self._id, self._event or "message", "\n".join(self._data), self._retry)
        self._begin_block()
        return frame


def parse_stream(body: bytes) -> list[Frame]:
    """The frames of a whole body; an unfinished one at the end doesn't count."""
    return SseParser().feed(body)
