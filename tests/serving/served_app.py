"""A program that serves a small application until it is told to end: what tests/serving/test_server.py starts.

Its one argument is a JSON object of `Options`. It writes to its output, a word a line: the URL it serves, what its
application does at its end.
"""

import asyncio
import json
import os
import resource
import socket
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from sse_starlette import EventSourceResponse
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from festival_push.serving.limits import ProtocolLimits
from festival_push.serving.processes.process import ServingTimes
from festival_push.serving.server import serve

TWO_ADDRESSES: Final = "two.test"
"""A name that has the ADDRESSES."""
ADDRESSES: Final = ("127.0.0.1", "127.0.0.2")

DRAIN_VARIABLE: Final = "SERVED_APP_DRAIN"  # to the workers, which see no argument


@dataclass(frozen=True, kw_only=True)
class Options:
    """With these times only what hangs is ended by force, but for streams: nobody waits for their end."""

    host: str = "127.0.0.1"  # or TWO_ADDRESSES
    port: int = 0
    ops_port: int = 0  # 0: no operator's listener
    ops_needed: bool = True  # if False, why there is none is said
    connections_max: int = 0
    workers: int = 1
    drain: str = "short"  # a key of DRAINS
    drain_s: float = 60.0
    late_s: float = 0.0
    quiesce_s: int = 0
    settle_s: int = 60
    stall_s: float = 60.0
    files: tuple[int, int] | None = None  # limits of open files to begin with, soft and hard


def say(word: str) -> None:
    sys.stdout.write(word + "\n")
    sys.stdout.flush()


_DRAINED: Final = asyncio.Event()
_ENOUGH: Final = asyncio.Event()


async def short_drain() -> None:
    say("drained")
    _DRAINED.set()


async def asked_drain() -> None:
    """Takes until somebody asks for /enough."""
    say("draining")
    await _ENOUGH.wait()


async def endless_drain() -> None:
    say("draining")
    await asyncio.Event().wait()


async def failing_drain() -> None:
    raise ConnectionError("no Redis")


DRAINS: Final[Mapping[str, Callable[[], Awaitable[None]]]] = {
    "short": short_drain,
    "asked": asked_drain,
    "endless": endless_drain,
    "failing": failing_drain,
}


async def hello(request: Request) -> Response:
    return PlainTextResponse(str(os.getpid()))


async def files(request: Request) -> Response:
    return PlainTextResponse(str(resource.getrlimit(resource.RLIMIT_NOFILE)[0]))


async def enough(request: Request) -> Response:
    _ENOUGH.set()
    return PlainTextResponse(str(os.getpid()))


async def slow(request: Request) -> Response:
    """Is still at work when the drain is over, and a little longer."""
    body = await request.body()
    say("taken")
    await _DRAINED.wait()
    await asyncio.sleep(0.3)
    return PlainTextResponse(body)


async def _ticks() -> AsyncIterator[str]:
    while True:
        yield "tick"
        await asyncio.sleep(0.05)


async def stream(request: Request) -> Response:
    return StreamingResponse(_ticks())


async def sse(request: Request) -> Response:
    return EventSourceResponse(_ticks())


async def _flood() -> AsyncIterator[bytes]:
    while True:
        yield b"x" * 65536
        await asyncio.sleep(0)  # a send to a client that has gone does not wait for anything


async def flood(request: Request) -> Response:
    return StreamingResponse(_flood())


async def block(request: Request) -> Response:
    say(f"{os.getpid()} is blocked")
    time.sleep(3600)  # noqa: ASYNC251 - a blocked loop is what it is for
    return PlainTextResponse("never")


async def deaf(scope: Scope, receive: Receive, send: Send) -> None:
    """Stream for ever, whether or not the client has gone."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    while True:
        await send({"type": "http.response.body", "body": b"tick", "more_body": True})
        await asyncio.sleep(0.05)


class Deaf:
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await deaf(scope, receive, send)


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[dict[str, object]]:
    drain = os.environ[DRAIN_VARIABLE]
    if drain == "no-start":
        raise ConnectionError("no database")
    yield {"drain": DRAINS[drain]}
    say("closed")


def make_app() -> Starlette:
    routes = [
        Route(f"/{each.__name__}", each, methods=["GET", "POST"])
        for each in (hello, files, enough, slow, stream, sse, flood)
    ]
    return Starlette(routes=[*routes, Route("/block", block), Route("/deaf", Deaf())], lifespan=lifespan)


def names_known(resolve: Callable[..., Any]) -> Callable[..., Any]:
    """Return a `getaddrinfo` that knows TWO_ADDRESSES, on machines with and without IPv6."""

    def known(host: str, *args: Any, **kwargs: Any) -> list[Any]:
        hosts = ADDRESSES if host == TWO_ADDRESSES else (host,)
        return [found for each in hosts for found in resolve(each, *args, **kwargs)]

    return known


def main() -> int:
    options = Options(**json.loads(sys.argv[1]))
    os.environ[DRAIN_VARIABLE] = options.drain
    socket.getaddrinfo = names_known(socket.getaddrinfo)
    if options.files:
        resource.setrlimit(resource.RLIMIT_NOFILE, options.files)
    times = ServingTimes(
        late_s=options.late_s, quiesce_s=options.quiesce_s, settle_s=options.settle_s, stall_s=options.stall_s
    )
    return serve(
        "tests.serving.served_app:make_app",
        host=options.host,
        port=options.port,
        workers=options.workers,
        limits=ProtocolLimits(connections_max=options.connections_max),
        drain_s=options.drain_s,
        times=times,
        on_listening=say,
        ops_at=("127.0.0.1", options.ops_port) if options.ops_port else None,
        on_no_ops=None if options.ops_needed else lambda error: say(str(error)),
    )


if __name__ == "__main__":
    sys.exit(main())
