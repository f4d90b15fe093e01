"""The proxy passes, swallows and cuts."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.support.wire.listener import listening
from tests.support.wire.proxy import Proxy


@pytest.fixture
async def echo_port() -> AsyncIterator[int]:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(1024):
            writer.write(chunk)

    async with listening(echo) as port:
        yield port


async def test_bytes_pass_both_ways_until_the_cut(echo_port: int) -> None:
    async with Proxy(echo_port) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(b"hello")
        assert await reader.readexactly(5) == b"hello"
        proxy.cut()
        with pytest.raises(ConnectionResetError):
            await reader.readexactly(1)
        writer.close()


async def test_a_black_hole_keeps_the_connection_and_loses_what_is_sent(echo_port: int) -> None:
    async with Proxy(echo_port) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(b"passed")
        assert await reader.readexactly(6) == b"passed"
        proxy.mode = "black-hole"
        writer.write(b"hello")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await reader.readexactly(1)
        assert proxy.connections == 1
        writer.close()
