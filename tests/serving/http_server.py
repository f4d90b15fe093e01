"""A small application behind the guarded protocol, on a real uvicorn and a real loop, in a thread of its own."""

import asyncio
import json
import socket
import threading
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Literal

import uvicorn
from uvicorn._types import ASGIReceiveCallable, ASGISendCallable, Scope

from festival_push.serving.crowd import Crowd
from festival_push.serving.limits import ProtocolLimits
from festival_push.serving.listening import open_listener
from festival_push.serving.protocol import GuardedHttpProtocol, guarded_protocol
from festival_push.serving.sweeper import Sweeper
from tests.support.timing.clocks import Clock
from tests.support.timing.waiting import until, until_sync

LoopName = Literal["asyncio", "uvloop"]

CHUNK = b"x" * 65536
LIMITS = ProtocolLimits(head_bytes_max=4096, headers_max=20)
KEEP_ALIVE_S = 60


class SmallApp:
    """A request of each temper, by path.

    `/early` answers before the body, `/lazy` reads the body when `gate` is set, `/wait` answers when it is set,
    `/burst` sends 2 MB and its last word when `gate` is set; `/parts` sends two words, `/broken` fails after the first;
    `/stream` sends once and stays, `/flood` sends 64 KiB at every turn of the loop. Any other gives back the body, or
    its path.
    """

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()  # "<path>" when a request begins, "<path> gone" when its client left
        self.headers: list[tuple[bytes, bytes]] = []  # of the last request, as they are when its body is read
        self.bodies: list[tuple[str, bytes]] = []  # path and body of each request whose body was complete
        self.gate = threading.Event()

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        assert scope["type"] == "http"
        path = scope["path"]
        self.seen[path] += 1
        if path == "/flood":
            await _send_for_ever(receive, send)
            self.seen["/flood gone"] += 1
            return
        if path == "/burst":
            await _send_start(send, "")
            for _ in range(32):
                await send({"type": "http.response.body", "body": CHUNK, "more_body": True})
            await until(self.gate.is_set, within_s=60)
            await send({"type": "http.response.body", "body": b"last", "more_body": False})
            return
        if path in ("/parts", "/broken"):
            await _send_start(send, "")
            await send({"type": "http.response.body", "body": b"first ", "more_body": True})
            assert path == "/parts", "it is broken"
            await send({"type": "http.response.body", "body": b"last", "more_body": False})
            return
        if path == "/lazy":
            await until(self.gate.is_set, within_s=60)
        if path == "/stream":
            await _send_start(send, "")
            await send({"type": "http.response.body", "body": b"first", "more_body": True})
            while (await receive())["type"] != "http.disconnect":
                pass
            self.seen["/stream gone"] += 1
            return
        if path == "/early":
            await _answer(send, b"early")
            return
        body = b""
        while True:
            message = await receive()
            if message["type"] != "http.request":
                self.seen[f"{path} gone"] += 1
                return
            body += message["body"]
            if not message["more_body"]:
                break
        self.headers = list(scope["headers"])
        self.bodies.append((path, body))
        if path == "/wait":
            await until(self.gate.is_set, within_s=60)
        await _answer(send, body or path.encode())


async def _send_for_ever(receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    await _send_start(send, "")
    gone = asyncio.create_task(_until_gone(receive))
    while not gone.done():
        await send({"type": "http.response.body", "body": CHUNK, "more_body": True})
        await asyncio.sleep(0)


async def _until_gone(receive: ASGIReceiveCallable) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send_start(send: ASGISendCallable, length: str) -> None:
    headers = [(b"content-length", length.encode())] if length else []
    await send({"type": "http.response.start", "status": 200, "headers": headers, "trailers": False})


async def _answer(send: ASGISendCallable, body: bytes) -> None:
    await _send_start(send, str(len(body)))
    await send({"type": "http.response.body", "body": body, "more_body": False})


class CountingProtocol(GuardedHttpProtocol):
    """Says how many bytes it has been through."""

    received_bytes = 0

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self.received_bytes += len(data)


class LoopServer(uvicorn.Server):
    """Shows its loop."""

    loop: asyncio.AbstractEventLoop

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self.loop = asyncio.get_running_loop()
        await super().startup(sockets)


class SmallServer:
    """The running server: its port, its application, and its side of every connection.

    Args:
        clock: Of all its deadlines; without one they are real.
        crowd: Of its connections; without one, a large one that trusts this machine.
        host: The address of this machine where it listens.
        origins: Of pages that may read its refusals.
    """

    def __init__(
        self,
        limits: ProtocolLimits,
        loop: LoopName,
        *,
        keep_alive_s: int = 60,
        clock: Clock | None = None,
        crowd: Crowd | None = None,
        host: str = "127.0.0.1",
        origins: Collection[str] = (),
    ) -> None:
        self.app = SmallApp()
        sweeper = Sweeper(clock) if clock else Sweeper()
        self.protocol = guarded_protocol(limits, CountingProtocol, sweeper, crowd=crowd, origins=origins)
        self._clock = clock
        config = uvicorn.Config(
            self.app,
            http=self.protocol,
            loop=loop,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_keep_alive=keep_alive_s,
            timeout_graceful_shutdown=60,
        )
        self.server = LoopServer(config)
        self._listener = open_listener(host, 0, limits)
        # The kernel's own bound would cut off stalled readers before the protocol's does.
        self._listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 0)
        self._host = host
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self.server.run, args=([self._listener],))

    @contextmanager
    def running(self) -> Iterator["SmallServer"]:
        self._thread.start()
        try:
            until_sync(lambda: self.server.started)
            yield self
        finally:
            self.app.gate.set()
            self.server.should_exit = True
            self._thread.join()

    def connect(self, *, receive_buffer: int | None = None) -> socket.socket:
        """Open a client connection whose reads and writes fail after a minute."""
        client = socket.socket(self._listener.family)
        if receive_buffer is not None:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        client.settimeout(60.0)
        client.connect((self._host, self.port))
        return client

    def pass_time(self, seconds: float) -> None:
        """Move the clock and let the sweeper look; returns when it has."""
        assert self._clock is not None
        clock, done = self._clock, threading.Event()

        def move() -> None:
            clock.now_s += seconds
            self.protocol.sweeper.sweep()
            done.set()

        self.server.loop.call_soon_threadsafe(move)
        assert done.wait(60)

    def send(self, client: socket.socket, data: bytes) -> CountingProtocol:
        """Send from a client, and return the server's side of its connection when that has been through it all."""
        connection = self.connection_of(client)
        wanted = connection.received_bytes + len(data)
        client.sendall(data)
        until_sync(lambda: connection.received_bytes >= wanted)
        return connection

    def connection_of(self, client: socket.socket) -> CountingProtocol:
        """The server's side of a connection; waited for."""
        address = client.getsockname()[:2]  # as uvicorn has it: an IPv6 one has four parts
        return until_sync(lambda: next((each for each in self.connections() if each.client == address), None))

    def connections(self) -> list[CountingProtocol]:
        return [each for each in tuple(self.server.server_state.connections) if isinstance(each, CountingProtocol)]


def read_to_end(client: socket.socket) -> bytes:
    """Read until the server closes; a reset counts as the end, a silence of a minute does not."""
    received = b""
    try:
        while data := client.recv(65536):
            received += data
    except ConnectionResetError:
        pass
    return received


def read_until(client: socket.socket, mark: bytes) -> bytes:
    """Read until `mark` has come; fails when the server closes first or says nothing for a minute."""
    received = b""
    while mark not in received:
        data = client.recv(65536)
        assert data, f"closed before {mark!r} came: {received!r}"
        received += data
    return received


def assert_problem(answer: bytes, status: int, code: str) -> None:
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0].startswith(b"HTTP/1.1 %d " % status)
    assert b"content-type: application/problem+json" in lines
    assert b"connection: close" in lines
    assert b"content-length: %d" % len(body) in lines
    problem = json.loads(body)
    assert problem.keys() == {"type", "title", "status", "detail", "code"}
    assert (problem["status"], problem["code"]) == (status, code)


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()


def post(path: str, body: bytes) -> bytes:
    return f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
