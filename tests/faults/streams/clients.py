"""Clients that others have written follow somebody's stream, each as its manual says, and tell what they hear."""

import asyncio
import json
import os
from collections import defaultdict
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Final, NamedTuple

import httpx
from httpx_sse import aconnect_sse

from tests.browser.pages import launched
from tests.support.node import QUIET, node_program
from tests.support.servers.processes import find_program
from tests.support.servers.server import ROOT
from tests.support.wire.sse import SseParser

LIBRARIES: Final = (
    "eventsource",
    "event-source-polyfill",
    "reconnecting-eventsource",
    "@microsoft/fetch-event-source",
    "launchdarkly-eventsource",
)
HTTPX: Final = "httpx-sse"
CURL: Final = "curl"
BROWSER: Final = "the browser's own"
PATIENCE_S: Final = 120.0
EVENTS: Final = ("connected", "balance-updated", "payment-completed", "new-notification")
_GREETING: Final = "connected"


class Told(NamedTuple):
    """What one library has told of one event; `resumed` of a greeting only."""

    library: str
    event: str
    event_id: str
    resumed: bool


class Heard:
    """What all of them have told so far."""

    def __init__(self) -> None:
        self.of: defaultdict[str, list[Told]] = defaultdict(list)
        self.losses = 0  # of the browser's: streams that have ended, of servers, and of nginx, which has only `retry:`
        self.has_ended = False  # Node, by itself

    def take(self, told: Told) -> None:
        self.of[told.library].append(told)

    def ids(self, library: str) -> list[str]:
        """The ids of the events, in the order in which they came."""
        return [told.event_id for told in self.of[library] if told.event != _GREETING]

    def resumed(self, library: str) -> list[bool]:
        """For each time that it has connected, whether it went on where it was."""
        return [told.resumed for told in self.of[library] if told.event == _GREETING]


@asynccontextmanager
async def node_libraries(url: str, token: str, heard: Heard) -> AsyncIterator[None]:
    """Let all of them follow, in one process of Node."""
    program = [node_program(), str(ROOT / "tests/browser/clients/follow.cjs"), f"{url}/v1/stream", token, *LIBRARIES]
    environment = {**os.environ, **QUIET}
    process = await asyncio.create_subprocess_exec(*program, stdout=asyncio.subprocess.PIPE, env=environment)
    reading = asyncio.create_task(_read(process, heard))
    try:
        yield
    finally:
        process.kill()
        await process.wait()
        await reading


async def _read(process: asyncio.subprocess.Process, heard: Heard) -> None:
    assert process.stdout is not None
    async for line in process.stdout:
        heard.take(Told(*json.loads(line)))
    heard.has_ended = True


@asynccontextmanager
async def _while(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Let it run beside the block, and end it with that."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait((task,))


@asynccontextmanager
async def httpx_sse(url: str, token: str, heard: Heard) -> AsyncIterator[None]:
    """Let httpx-sse follow, which leaves coming back to its user."""

    async def follow() -> None:
        last_id, pause_s = "", 0.1
        async with httpx.AsyncClient(timeout=httpx.Timeout(PATIENCE_S), trust_env=False) as client:
            while True:
                headers = {"Authorization": f"Bearer {token}", **({"Last-Event-ID": last_id} if last_id else {})}
                try:
                    async with aconnect_sse(client, "GET", f"{url}/v1/stream", headers=headers) as source:
                        async for event in source.aiter_sse():
                            last_id, pause_s = event.id or last_id, (event.retry or 100) / 1000
                            if event.data and event.event in EVENTS:  # it also tells of a frame with `retry:` alone
                                resumed = event.event == _GREETING and event.json()["resumed"]
                                heard.take(Told(HTTPX, event.event, event.id, resumed))
                except httpx.TransportError:
                    pass
                await asyncio.sleep(pause_s)  # what the server asked for by `retry:`; no check waits for it

    async with _while(follow()):
        yield


@asynccontextmanager
async def curl(url: str, token: str, heard: Heard) -> AsyncIterator[None]:
    """Let curl follow in a loop, which a script writes that has nothing else."""
    program = str(find_program("curl", package="curl"))
    running: list[asyncio.subprocess.Process] = []

    async def follow() -> None:
        last_id, pause_s = "", 0.1
        while True:
            line = [program, "-sN", "-H", f"Authorization: Bearer {token}", "-H", f"Last-Event-ID: {last_id}"]
            process = await asyncio.create_subprocess_exec(*line, f"{url}/v1/stream", stdout=asyncio.subprocess.PIPE)
            running[:] = [process]
            assert process.stdout is not None
            parser = SseParser()
            while chunk := await process.stdout.read(65_536):
                for frame in parser.feed(chunk):
                    last_id = frame.id or last_id
                    if frame.event in EVENTS:
                        resumed = frame.event == _GREETING and json.loads(frame.data)["resumed"]
                        heard.take(Told(CURL, frame.event, frame.id or "", resumed))
            await process.wait()
            if parser.retry_ms is not None:
                pause_s = parser.retry_ms / 1000
            await asyncio.sleep(pause_s)  # as above

    try:
        async with _while(follow()):
            yield
    finally:
        for process in running:
            if process.returncode is None:
                process.kill()
                await process.wait()


_OPEN: Final = """(events) => {
  const source = new EventSource("/v1/stream");
  source.onerror = () => lose();
  for (const type of events) {
    source.addEventListener(type, ({ data, lastEventId: id }) => tell(type, id, JSON.parse(data).resumed === true));
  }
}"""


@asynccontextmanager
async def native(url: str, token: str, heard: Heard) -> AsyncIterator[None]:
    """Let the EventSource of a browser follow, made once, on a page of the same origin."""

    def lose() -> None:
        heard.losses += 1

    async with launched() as browser:
        page = await browser.new_page()
        await page.context.add_cookies([{"name": "fp_session", "value": token, "url": url}])
        await page.expose_function(
            "tell", lambda event, event_id, resumed: heard.take(Told(BROWSER, event, event_id, resumed))
        )
        await page.expose_function("lose", lose)
        await page.goto(f"{url}/healthz")
        await page.evaluate(_OPEN, list(EVENTS))
        yield
