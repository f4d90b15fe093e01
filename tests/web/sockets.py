"""An application behind the guarded protocol, on a real socket in the test's own loop; and streams followed there."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import uvicorn
from uvicorn.server import ServerState

from festival_push.serving.handover import OfferingHttpProtocol, StreamConnection, offering_protocol
from festival_push.serving.limits import ProtocolLimits
from festival_push.serving.listening import open_listener, url_of
from festival_push.serving.protocol import GuardedHttpProtocol
from tests.support.timing.waiting import until
from tests.support.wire.follower import Connection, StreamEnded
from tests.support.wire.sse import Frame

Take = Callable[[Connection, list[Frame]], None]
"""Called with the connection and the frames that came; at its end with none."""


class Served:
    """The served application."""

    def __init__(self, url: str, protocol: type[OfferingHttpProtocol], state: ServerState) -> None:
        self.url = url
        self.protocol = protocol
        self.state = state

    def client_ports(self) -> set[int]:
        """Of every connection that is open, from the server's side."""
        connections: set[Any] = self.state.connections
        transports = [each._transport if isinstance(each, StreamConnection) else each.transport for each in connections]
        return {transport.get_extra_info("peername")[1] for transport in transports}

    def streams(self) -> list[StreamConnection]:
        """The connections that were handed over."""
        connections: set[object] = self.state.connections  # type: ignore[assignment] # not uvicorn's own alone
        return [each for each in connections if isinstance(each, StreamConnection)]


@asynccontextmanager
async def served(app: Any, *, offers: bool = True, limits: ProtocolLimits | None = None) -> AsyncIterator[Served]:
    """Serve an application without lifespan; every connection is gone at the end."""
    limits = limits or ProtocolLimits()
    protocol = offering_protocol(limits)
    protocol.is_offered = offers
    config = uvicorn.Config(
        app, http=protocol, loop="asyncio", ws="none", lifespan="off", log_config=None, interface="asgi3"
    )
    config.access_log = False
    config.load()
    state = ServerState()
    loop = asyncio.get_running_loop()
    listener = open_listener("127.0.0.1", 0, limits)
    server = await loop.create_server(lambda: protocol(config, state, {}, loop), sock=listener)
    try:
        yield Served(url_of(listener), protocol, state)
    finally:
        server.close()
        connections: set[object] = state.connections  # type: ignore[assignment] # as above
        for each in tuple(connections):
            assert isinstance(each, GuardedHttpProtocol | StreamConnection)
            each.abort()
        await until(lambda: not state.connections and not state.tasks)
        await server.wait_closed()


@asynccontextmanager
async def held(server: Served, path: str, headers: Mapping[str, str], take: Take) -> AsyncIterator[Connection]:
    """A GET whose answer is read as it comes; afterwards its connection is closed, and the server has noticed."""
    connection = await Connection.open(server.url, path, headers=headers)
    port = connection.port
    reading = asyncio.create_task(_read(connection, take))
    try:
        yield connection
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        connection.close()
        await until(lambda: port not in server.client_ports())


async def _read(connection: Connection, take: Take) -> None:
    with suppress(StreamEnded):
        while not _is_whole(connection):
            take(connection, await connection.read())
    connection.is_over = True
    take(connection, [])


def _is_whole(connection: Connection) -> bool:
    length = connection.headers.get("content-length")
    return length is not None and len(connection.body) >= int(length)
