"""A test's own server leaves no connection behind."""

import asyncio
from contextlib import AsyncExitStack

from tests.support.wire.listener import listening


async def test_what_is_still_open_at_the_end_is_closed() -> None:
    accepted: list[asyncio.StreamWriter] = []

    async def flood(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        accepted.append(writer)
        while True:  # until nobody reads any more, so that a polite close would have to wait
            writer.write(bytes(65_536))
            await writer.drain()

    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(listening(flood))
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await reader.readexactly(65_536)
        sock = accepted[0].get_extra_info("socket")
        assert sock.fileno() >= 0
        await stack.aclose()
        assert sock.fileno() == -1
        writer.transport.abort()


async def test_what_a_handler_has_said_arrives_in_full() -> None:
    async def say(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(bytes(1_000_000))

    async with listening(say) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert len(await reader.read()) == 1_000_000
        writer.close()
        await writer.wait_closed()
