"""An answer's head and body leave in one piece."""

import asyncio


class HeadWithBody:
    """What uvicorn takes for the transport while it writes one answer: the head waits for the body behind it.

    uvicorn writes the two one after the other, and uvloop sends at once whatever is written: that would be two system
    calls for each answer, and two packets. A head whose body takes its time goes out alone, one turn of the loop later.
    """

    __slots__ = ("_head", "_is_begun", "_loop", "_transport")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._head: bytes | None = None
        self._is_begun = False

    def write(self, data: bytes) -> None:
        """Keep the first, send the second with it, and all others as they come."""
        head = self._head
        if head is not None:
            self._head = None
            self._transport.write(head + data)
        elif self._is_begun:
            self._transport.write(data)
        else:
            self._is_begun = True
            self._head = data
            self._loop.call_soon(self.flush)

    def flush(self) -> None:
        """Send what is kept."""
        head, self._head = self._head, None
        if head is not None and not self._transport.is_closing():
            self._transport.write(head)

    def close(self) -> None:
        """End the connection behind what was written."""
        self.flush()
        self._transport.close()

    def is_closing(self) -> bool:
        """Whether the connection is ending."""
        return self._transport.is_closing()
