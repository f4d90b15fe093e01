"""Sends an answer's head and body in one write."""

import asyncio


class HeadWithBody:
    """Stands in for uvicorn's transport while one answer is written: it keeps the head until the body follows.

    uvicorn writes the two one after the other, and uvloop sends each write at once: that would be two system calls and
    two packets for each answer. A head whose body comes later goes out alone, one turn of the loop after its write.
    """

    __slots__ = ("_head", "_is_begun", "_loop", "_transport")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._head: bytes | None = None
        self._is_begun = False

    def write(self, data: bytes) -> None:
        """Keep the first write (the head), send it together with the second, and each later one at once."""
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
        """Send the head, if it is still kept."""
        head, self._head = self._head, None
        if head is not None and not self._transport.is_closing():
            self._transport.write(head)

    def take(self) -> bytes:
        """Return the head if it is still kept, else nothing; whoever takes it sends it, or another answer instead."""
        head, self._head = self._head, None
        return head or b""

    def close(self) -> None:
        """End the connection when all that was written has gone out."""
        self.flush()
        self._transport.close()

    def is_closing(self) -> bool:
        """True if the connection is closing or closed."""
        return self._transport.is_closing()
