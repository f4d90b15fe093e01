"""What is not HTTP, or too much of it: refused within bounds, and the server keeps serving."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Final
from urllib.parse import urlsplit

import pytest

from tests.support.ground import Ground, Person
from tests.support.timing.waiting import until

PATIENCE_S: Final = 120.0  # the server gives a whole head 10 s; the rest is what a busy machine may add

pytestmark = pytest.mark.parametrize("shared_server", ["sqlite"], indirect=True)  # no matter of databases


@asynccontextmanager
async def connection(ground: Ground) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A raw connection to the server."""
    parts = urlsplit(ground.url())
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()
        with suppress(OSError):
            await writer.wait_closed()


async def talk(ground: Ground, sent: bytes) -> bytes:
    """Send bytes and read until the server closes."""
    async with connection(ground) as (reader, writer):
        writer.write(sent)
        return await read_to_end(reader)


async def read_to_end(reader: asyncio.StreamReader) -> bytes:
    """Read until the server closes; a reset counts as its end."""
    answer = b""
    async with asyncio.timeout(PATIENCE_S):
        try:
            while data := await reader.read(65536):
                answer += data
        except ConnectionResetError:
            pass
    return answer


async def test_connections_that_never_finish_a_head_are_closed_and_delay_nobody(ground: Ground) -> None:
    anna = await ground.customer(funds=100)
    async with AsyncExitStack() as stack:
        waiting: list[asyncio.Task[bytes]] = []
        for sent in (b"", b"GET /healthz HT", b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Half: "):
            for _ in range(20):
                reader, writer = await stack.enter_async_context(connection(ground))
                writer.write(sent)
                waiting.append(asyncio.create_task(read_to_end(reader)))
        await until(lambda: is_answered_meanwhile(ground, anna), PATIENCE_S)
        answers = [await each for each in waiting]
    assert set(answers[:20]) == {b""}
    assert all(answer.startswith(b"HTTP/1.1 408 ") for answer in answers[20:])


async def is_answered_meanwhile(ground: Ground, person: Person) -> bool:
    """Whether somebody gets an answer while a head that was begun before is still waited for."""
    async with connection(ground) as (reader, writer):
        writer.write(b"GET /healthz HT")
        waiting = asyncio.create_task(read_to_end(reader))
        assert await ground.balance(person) == 100
        is_before = not waiting.done()
        waiting.cancel()
        return is_before


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Big: " + b"a" * 200_000 + b"\r\n\r\n", b"431"),
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + b"X-Many: 1\r\n" * 500 + b"\r\n", b"431"),
        (b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", b"431"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"400"),
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n", b"400"),
        (b"POST /v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}", b"400"),
    ],
    ids=["big header", "many headers", "long path", "TLS", "NUL", "two lengths"],
)
async def test_what_is_no_request_is_refused(ground: Ground, sent: bytes, status: bytes) -> None:
    answer = await talk(ground, sent)
    assert answer.split(b" ")[1:2] == [status], answer[:200]
    assert (await ground.get("/healthz")).status_code == 200


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "chunked"])
async def test_a_megabyte_of_order_is_a_problem(ground: Ground, declared: bool) -> None:  # noqa: FBT001 - a case
    anna = await ground.customer(funds=100)
    body = json.dumps({"vendorId": "x" * (1 << 20), "items": []}).encode()

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 16_384):
            yield body[start : start + 16_384]

    headers = {**anna.bearer, "Content-Type": "application/json", "Idempotency-Key": "big"}
    answer = await ground.http.post(
        ground.url() + "/v1/orders", content=body if declared else chunks(), headers=headers
    )
    assert answer.status_code == 413
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.json()["code"] == "body-too-large"
    assert await ground.balance(anna) == 100


async def test_a_client_that_leaves_at_any_byte_of_its_order_pays_once_or_not_at_all(ground: Ground) -> None:
    stall = await ground.stall(prices={"water": 1})
    anna = await ground.customer(funds=10_000)
    body = json.dumps({"vendorId": stall.vendor_id, "items": [{"itemId": stall.items["water"], "quantity": 1}]})
    heads = (
        f"POST /v1/orders HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {anna.token}\r\n"
        f"Content-Type: application/json\r\nIdempotency-Key: leave-%d\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    )
    whole = len(heads % 10)
    cuts = [*range(0, whole, 29), whole]
    for number, cut in enumerate(cuts):
        async with connection(ground) as (_, writer):
            writer.write((heads % number).encode()[:cut])
            await writer.drain()
    answers = [await ground.order(anna, stall, key=f"leave-{number}") for number in range(len(cuts))]
    assert {answer.status_code for answer in answers} == {201}
    assert await ground.balance(anna) == 10_000 - len(cuts)
