"""Half a request is no command: over a real socket, with the bytes that clients send."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.timing.waiting import until
from tests.web.sockets import served
from tests.web.world import World, open_world, settings_of

WITHIN_S = 60.0
OFFER = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n"
WISH = b'{"amount": 500}'
LENGTH = b"Content-Length: %d\r\n\r\n" % len(WISH) + WISH
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(WISH), WISH)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(settings_of(tmp_path)) as opened, served(opened.app) as server:
        opened.served = server
        yield opened


async def connect(world: World) -> socket.socket:
    assert world.served is not None
    host, _, port = world.served.url.removeprefix("http://").partition(":")
    client = socket.socket()
    client.settimeout(0)
    await asyncio.get_running_loop().sock_connect(client, (host, int(port)))
    return client


def command(world: World, path: str, rest: bytes, who: str = "anna", method: str = "POST") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: fest.test", f"Authorization: {world.bearer(who)['Authorization']}"]
    lines += ["Idempotency-Key: c1", "Content-Type: application/json"]
    return "\r\n".join(lines).encode() + b"\r\n" + rest


async def send(client: socket.socket, *parts: bytes) -> None:
    for part in parts:
        await asyncio.get_running_loop().sock_sendall(client, part)


async def answer(client: socket.socket) -> bytes:
    received = b""
    async with asyncio.timeout(WITHIN_S):
        while b"\r\n\r\n" not in received:
            data = await asyncio.get_running_loop().sock_recv(client, 65536)
            assert data, received
            received += data
    return received


@pytest.mark.parametrize("framed", [LENGTH, CHUNKED], ids=["length", "chunked"])
@pytest.mark.parametrize("offer", [b"", OFFER], ids=["plain", "h2c"])
async def test_a_payout_takes_what_its_body_says(world: World, offer: bytes, framed: bytes) -> None:
    client = await connect(world)
    await send(client, command(world, "/v1/payouts", offer + framed))
    assert (await answer(client)).startswith(b"HTTP/1.1 201 ")
    client.close()
    assert await world.balance("anna") == 4_500


@pytest.mark.parametrize("framed", [LENGTH[:-1], LENGTH[: -len(WISH)], CHUNKED[:-2], CHUNKED[: -len(b"0\r\n\r\n")]])
@pytest.mark.parametrize("offer", [b"", OFFER], ids=["plain", "h2c"])
async def test_a_payout_whose_body_does_not_come_whole_takes_nothing(world: World, offer: bytes, framed: bytes) -> None:
    client = await connect(world)
    await send(client, command(world, "/v1/payouts", offer + framed))
    await until(lambda: world.served and world.served.state.tasks)
    client.close()
    await until(lambda: world.served and not world.served.state.connections and not world.served.state.tasks)
    assert await world.balance("anna") == 5_000


@pytest.mark.parametrize("missing", [0, 1])
async def test_a_command_that_takes_no_body_waits_for_the_one_that_was_declared(world: World, missing: int) -> None:
    client = await connect(world)
    sent = command(world, "/v1/menu/ayran", LENGTH, who="sun", method="DELETE")
    await send(client, sent[: len(sent) - missing])
    if missing:
        await until(lambda: world.served and world.served.state.tasks)
    else:
        assert (await answer(client)).startswith(b"HTTP/1.1 204 ")
    client.close()
    await until(lambda: world.served and not world.served.state.connections and not world.served.state.tasks)
    items = [{"itemId": "ayran", "quantity": 1}]
    ordered = await world.post("anna", "/v1/orders", {"vendorId": "sun", "items": items})
    assert (ordered.status_code == 201) is bool(missing)
