"""Read server-sent events from bytes, cut anywhere, as the HTML standard says."""

import re
from collections.abc import Callable
from typing import Final

Take = Callable[[str, str, str], None]
"""Takes the name (`message` if none is given), the data and the last id of a frame."""

_LINE_END: Final = re.compile(rb"\r\n|\n|\r")


class EventReader:
    """Reads the frames of one connection and hands each to `take` as soon as it is complete."""

    def __init__(self, take: Take) -> None:
        self._take = take
        self._rest = b""
        self._id = ""

    def feed(self, chunk: bytes) -> None:
        """Read some bytes; what is not a whole frame yet waits for more."""
        text = self._rest + chunk
        if b"\r" in text:
            # A line may end with \r\n, and its \n may still be on the way.
            held = text[-1:] if text.endswith(b"\r") else b""
            text = _LINE_END.sub(b"\n", text[: len(text) - len(held)]) + held
        *frames, self._rest = text.split(b"\n\n")
        for frame in frames:
            self._read(frame)

    def _read(self, frame: bytes) -> None:
        name, data = "message", list[str]()
        for line in frame.decode().split("\n"):
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if field == "data":
                data.append(value)
            elif field == "event":
                name = value or "message"
            elif field == "id" and "\0" not in value:
                self._id = value
        if data:
            self._take(name, "\n".join(data), self._id)
