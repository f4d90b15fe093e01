"""A stream's connection is handed over: uvicorn has all that the handover relies on, and nothing is left behind.

These tests fail when a new uvicorn, Starlette or uvloop changes what `serving.handover` relies on. Until that is
repaired, streams go through ASGI. They run on asyncio's transports and on uvloop's.
"""

import asyncio
import gc
import logging
import socket
import weakref
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from starlette.types import Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from festival_push.push.hub.frames import LAST_CHUNK
from festival_push.serving import handover
from festival_push.serving.crowd import Crowd
from festival_push.serving.handover import IGNORED_BYTES_MAX, OfferingHttpProtocol, StreamConnection
from festival_push.serving.refusals import cut_offs
from tests.support.timing.waiting import until
from tests.support.wire.follower import Connection, StreamEnded
from tests.web.sockets import Served, served
from tests.web.world import World, open_world, settings_of

GONE_S = 60.0


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(settings_of(tmp_path)) as opened, served(opened.app) as server:
        opened.served = server
        yield opened


def server_of(world: World) -> Served:
    assert world.served is not None
    return world.served


async def opened(world: World, *, extra: bytes = b"", version: str = "1.1") -> socket.socket:
    """A client that has read the first frame of its stream, and reads no more by itself."""
    client = await asked(world, extra=extra, version=version)
    received = b""
    async with asyncio.timeout(GONE_S):
        while b"event: connected" not in received:
            received += await asyncio.get_running_loop().sock_recv(client, 65536)
    return client


async def asked(world: World, *, extra: bytes = b"", version: str = "1.1", method: str = "GET") -> socket.socket:
    """A client that has sent its request for a stream."""
    host, _, port = server_of(world).url.removeprefix("http://").partition(":")
    client = socket.socket()
    client.settimeout(0)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(client, (host, int(port)))
    authorization = world.bearer("anna")["Authorization"]
    head = f"{method} /v1/stream HTTP/{version}\r\nHost: x\r\nAuthorization: {authorization}\r\n\r\n"
    await loop.sock_sendall(client, head.encode() + extra)
    return client


async def rest(client: socket.socket) -> bytes:
    """All that comes until the server ends the connection; a reset counts as its end."""
    received = b""
    async with asyncio.timeout(GONE_S):
        try:
            while data := await asyncio.get_running_loop().sock_recv(client, 65536):
                received += data
        except ConnectionResetError:
            pass
    client.close()
    return received


@pytest.mark.parametrize("behind", [0, 3])
async def test_nothing_of_the_request_stays_behind(world: World, caplog: pytest.LogCaptureFixture, behind: int) -> None:
    """Nor of requests that were sent behind it, which are read, and never answered."""
    seen: list[weakref.ref[Any]] = []
    start = OfferingHttpProtocol._start_asgi_task

    def watch(self: OfferingHttpProtocol, cycle: RequestResponseCycle, app: Any) -> None:
        seen.extend((weakref.ref(self), weakref.ref(cycle)))
        start(self, cycle, app)

    gc.collect()
    gc.disable()  # what only a garbage collection frees stays for hours
    server = server_of(world)
    server.protocol._start_asgi_task = watch  # type: ignore[method-assign] # a class of this test's own
    try:
        client = await opened(world, extra=behind * b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        await until(lambda: not server.state.tasks, message="the task ends")
        assert len(seen) == 2
        await until(lambda: [each() for each in seen] == [None, None], message="protocol and cycle are freed")
    finally:
        gc.enable()
    assert [type(each) for each in cast(set[object], server.state.connections)] == [StreamConnection]
    assert len(world.services.streams) == 1
    client.close()
    await until(lambda: not server.state.connections)
    assert (len(world.services.streams), world.services.hub.subscribers) == (0, set())
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_uvicorn_has_what_we_rely_on() -> None:
    """A hint at the culprit; the other tests show that it also does what we expect of it."""
    code = RequestResponseCycle.__init__.__code__.co_names + HttpToolsProtocol.__init__.__code__.co_names
    for name in (*handover._RELIED_ON["cycle"], *handover._RELIED_ON["protocol"]):
        assert name in code, f"this uvicorn has no `{name}` any more: streams will go through ASGI"


async def test_the_head_is_what_middleware_made_of_it(world: World) -> None:
    heads = []
    for server in (server_of(world), None):
        if server is None:
            server_of(world).protocol.is_offered = False
        async with world.follow("/v1/stream", world.bearer("anna")) as stream:
            await stream.first("connected")
            heads.append(
                {name: value for name, value in stream.headers.items() if name not in ("date", "x-request-id")}
            )
            assert stream.headers["x-request-id"]
    assert heads[0].pop("connection") == "close"  # whatever ends the stream ends the connection
    assert heads[0] == heads[1]


async def test_at_its_end_the_body_is_whole_and_the_connection_closed(world: World) -> None:
    client = await opened(world)
    world.services.streams.end_where(lambda _: True, "suspended", "Ask at the info point.")
    last = await rest(client)
    assert b'"code":"suspended"' in last
    assert last.endswith(LAST_CHUNK)
    await until(lambda: not server_of(world).state.connections)


async def test_what_is_sent_behind_the_request_is_not_answered(world: World) -> None:
    client = await opened(world, extra=b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    await asyncio.get_running_loop().sock_sendall(client, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    await world.place("anna", "sun", falafel=1)
    await world.services.streams.drain(60)
    last = await rest(client)
    assert b"order-status-changed" in last
    assert last.endswith(LAST_CHUNK)
    assert b"HTTP/1.1" not in last


async def test_a_client_that_talks_on_is_cut_off(world: World) -> None:
    client = await opened(world)
    before = cut_offs["chatty-stream"]
    with pytest.raises(ConnectionError):
        await asyncio.get_running_loop().sock_sendall(client, b"x" * IGNORED_BYTES_MAX * 100)
    await until(lambda: len(world.services.streams) == 0)
    assert cut_offs["chatty-stream"] == before + 1
    client.close()


async def test_a_client_that_closes_its_half_ends_its_stream(world: World) -> None:
    client = await opened(world)
    client.shutdown(socket.SHUT_WR)
    await rest(client)
    await until(lambda: len(world.services.streams) == 0 and not server_of(world).state.connections)


@pytest.mark.parametrize("how", [Connection.close, Connection.cut])
async def test_a_client_may_go_at_every_moment(
    world: World, how: Callable[[Connection], None], caplog: pytest.LogCaptureFixture
) -> None:
    head = await world.services.log.head()
    await world.place("anna", "sun", falafel=1)
    headers = world.bearer("anna") | {"Last-Event-ID": f"{head.epoch}.{head.position}"}
    for turns in range(60):
        connection = await Connection.open(server_of(world).url, headers=headers)
        for _ in range(turns):
            await asyncio.sleep(0)
        how(connection)
        if turns % 3 == 0:
            await world.post("anna", "/v1/balance/refresh", {})
    await until(lambda: not server_of(world).state.connections and not server_of(world).state.tasks)
    assert (len(world.services.streams), world.services.hub.subscribers) == (0, set())
    assert server_of(world).protocol.is_offered
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_a_stream_keeps_its_place_in_the_crowd_until_it_is_lost(world: World) -> None:
    crowd = server_of(world).protocol.crowd
    clients = [await opened(world), await opened(world), await opened(world, version="1.0")]
    assert (len(server_of(world).streams()), crowd.connections, crowd.held_bytes) == (2, 3, 0)
    while clients:
        clients.pop().close()
        await until(lambda: crowd.connections == len(clients))


async def test_the_server_ends_a_stream_that_its_drain_has_left(world: World) -> None:
    client = await opened(world)
    (connection,) = server_of(world).streams()
    connection.shutdown()
    last = await rest(client)
    assert b"retry: " in last
    assert last.endswith(LAST_CHUNK)


async def test_a_reader_that_rests_is_cut_off_when_too_much_waits(world: World) -> None:
    client = await Connection.open(server_of(world).url, headers=world.bearer("anna"), receive_buffer=4096)
    await client.read_until()
    (subscriber,) = world.services.hub.subscribers
    subscriber.backlog_bytes_max = 50_000
    (connection,) = server_of(world).streams()
    most = 0
    async with asyncio.timeout(120):
        while world.services.streams.owners():
            answers = await asyncio.gather(*(world.post("admin", "/v1/admin/announcements", NEWS) for _ in range(20)))
            assert {answer.status_code for answer in answers} == {201}, answers[0].text
            most = max(most, connection._transport.get_write_buffer_size())
    assert subscriber.closed
    assert 0 < most < 250_000  # what uvloop holds before it asks for a pause, and the last burst
    await until(lambda: not server_of(world).state.connections)
    client.close()


NEWS = {"message": "n" * 250, "audience": "all"}


async def test_http_1_0_goes_through_asgi_and_head_is_refused(world: World) -> None:
    client = await asked(world, version="1.0")
    received = b""
    async with asyncio.timeout(GONE_S):
        while not (b"event: connected" in received and received.endswith(b"\n\n")):
            received += await asyncio.get_running_loop().sock_recv(client, 65536)
    head, _, body = received.partition(b"\r\n\r\n")
    assert b"transfer-encoding" not in head.lower()
    assert body.startswith(b"retry: ")  # no size of a chunk
    assert b"\r\n" not in body
    assert server_of(world).streams() == []
    assert len(world.services.streams) == 1
    client.close()
    await until(lambda: len(world.services.streams) == 0)
    refused = await asked(world, method="HEAD")
    answer = await asyncio.wait_for(asyncio.get_running_loop().sock_recv(refused, 65536), GONE_S)
    assert answer.startswith(b"HTTP/1.1 405 ")
    refused.close()


def warnings_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


async def test_when_uvicorn_is_not_as_we_know_it_streams_go_through_asgi(
    world: World, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(handover._RELIED_ON, "cycle", ("response_started", "novelty"))
    for _ in range(2):
        async with world.follow("/v1/stream", world.bearer("anna")) as stream:
            await stream.first("connected")
            assert server_of(world).streams() == []
            await world.place("anna", "sun", ayran=1)
            await stream.first("balance-updated")
            assert stream.status == 200
    (warning,) = warnings_of(caplog)
    assert "uvicorn's cycle has no novelty" in warning


@asynccontextmanager
async def changed(world: World, change: Callable[[Scope, Send, list[Message]], Send]) -> AsyncIterator[None]:
    """The world behind a middleware that does something to the messages that are sent."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await world.app(scope, receive, change(scope, send, []))

    async with served(app) as server:
        before, world.served = world.served, server
        yield
        world.served = before


async def test_a_middleware_that_holds_the_head_back_costs_no_stream(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    def hold_back(_: Scope, send: Send, held: list[Message]) -> Send:
        async def send_later(message: Message) -> None:
            held.append(message)
            if message["type"] != "http.response.start":
                for each in held:
                    await send(each)
                held.clear()

        return send_later

    async with changed(world, hold_back):
        async with world.follow("/v1/stream", world.bearer("anna")) as stream:
            await stream.first("connected")
        assert not server_of(world).protocol.is_offered
    assert len(warnings_of(caplog)) == 1


async def test_a_client_that_goes_right_behind_the_head_is_no_surprise(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    def go(scope: Scope, send: Send, _: list[Message]) -> Send:
        async def send_and_go(message: Message) -> None:
            await send(message)
            protocol = handover.offer_in(scope)
            assert protocol is not None
            protocol.transport.abort()

        return send_and_go

    async with changed(world, go):
        client = await asked(world)
        assert b"connected" not in await rest(client)
        await until(lambda: not server_of(world).state.tasks)
        assert server_of(world).protocol.is_offered
    assert (warnings_of(caplog), len(world.services.streams)) == ([], 0)


async def test_a_request_that_is_refused_while_it_is_served_is_no_surprise(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    headers = world.bearer("anna") | {"Transfer-Encoding": "chunked", "Via": "x\r\n\r\nno chunk\r\n\r\nX: x"}
    connection = await Connection.open(server_of(world).url, headers=headers)
    with pytest.raises(StreamEnded):
        await connection.read_until(lambda _: False)
    assert connection.status == 400
    await until(lambda: not server_of(world).state.tasks)  # the connection lingers, and the answer's head goes nowhere
    connection.close()
    assert server_of(world).protocol.is_offered
    assert (warnings_of(caplog), len(world.services.streams)) == ([], 0)


async def test_nothing_is_written_to_a_connection_that_was_aborted(world: World) -> None:
    client = await opened(world)
    (connection,) = server_of(world).streams()
    connection.abort()
    connection.write(b"x")  # uvloop's transport would raise, and the hub's flush of the others would suffer
    connection.abort()
    await until(lambda: len(world.services.streams) == 0)
    connection.abort()
    connection.write(b"x")
    client.close()


def test_a_connection_that_is_full_when_it_is_handed_over_says_so() -> None:
    told: list[str] = []

    class Listener:
        def pause(self) -> None:
            told.append("pause")

    share = Crowd(2, 0, trusted_proxies=()).enter("127.0.0.1", 0)
    assert share is not None
    for is_paused in (True, False):
        connection = StreamConnection(cast(asyncio.Transport, None), set(), share, is_paused=is_paused)
        connection.attach(cast(Any, Listener()))
    assert told == ["pause"]
