"""Proxies in a thread of their own, between one server and its PostgreSQL and Redis."""

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import Any, Final, Literal, Self, TypeVar

from tests.support.wire.listener import listening
from tests.support.wire.proxy import Mode, Proxy

T = TypeVar("T")

_CHUNK: Final = 65_536
_COMMIT: Final = b"COMMIT"
_COMMITTED: Final = b"C\x00\x00\x00\x0bCOMMIT\x00"  # CommandComplete, as PostgreSQL's protocol 3 words it


class CommitProxy:
    """Forwards to PostgreSQL, and breaks one connection at its COMMIT when it is told to; an async context manager.

    Attributes:
        cut: What becomes of the next COMMIT: `before`: it never arrives; `after`: it is done, and its reply is lost.
            None again as soon as that has happened.
    """

    def __init__(self, target_port: int) -> None:
        self.cut: Literal["before", "after"] | None = None
        self.port = 0
        self._target_port = target_port
        self._listening = listening(self._serve)

    async def __aenter__(self) -> Self:
        self.port = await self._listening.__aenter__()
        return self

    async def __aexit__(self, *gone: Any) -> None:
        await self._listening.__aexit__(*gone)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_writer: asyncio.StreamWriter | None = None
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target_port)
            async with asyncio.TaskGroup() as both:
                both.create_task(self._forward(reader, far_writer, _COMMIT, "before"))
                both.create_task(self._forward(far_reader, writer, _COMMITTED, "after"))
        except (OSError, ExceptionGroup):
            pass  # a connection that breaks is what this is for
        finally:
            for end in (writer, far_writer):
                if end is not None:
                    end.transport.abort()

    async def _forward(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        sign: bytes,
        when: Literal["before", "after"],
    ) -> None:
        while chunk := await reader.read(_CHUNK):
            if self.cut == when and sign in chunk:
                self.cut = None
                raise ConnectionAbortedError(when)
            writer.write(chunk)
            await writer.drain()
        raise ConnectionAbortedError("one side has gone")


class Proxies:
    """The proxies of one server; a context manager. Its attributes may be set by any thread.

    Attributes:
        commits: Before PostgreSQL.
    """

    def __init__(self, postgres_port: int, redis_port: int) -> None:
        self._sql, self._news = Proxy(postgres_port), Proxy(redis_port)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxies")
        self._stack = AsyncExitStack()

    def __enter__(self) -> Self:
        self._thread.start()
        self._run(self._open())
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self._stack.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def postgres_port(self) -> int:
        return self.commits.port

    @property
    def redis_port(self) -> int:
        return self._news.port

    def lose(self, *, sql: bool = False, news: bool = False) -> None:
        """Let all that is sent from now on be lost: the connections stay open, and nothing arrives."""
        hole: Mode = "black-hole"
        self._sql.mode = hole if sql else self._sql.mode
        self._news.mode = hole if news else self._news.mode

    def heal(self) -> None:
        """Reset what has lost bytes, and pass on whatever comes anew."""
        self.commits.cut = None
        for proxy in (self._sql, self._news):
            if proxy.mode != "pass":
                proxy.mode = "pass"
                self._loop.call_soon_threadsafe(proxy.cut)

    async def _open(self) -> None:
        for proxy in (self._sql, self._news):
            await self._stack.enter_async_context(proxy)
        self.commits = await self._stack.enter_async_context(CommitProxy(self._sql.port))

    def _run(self, what: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(60)
