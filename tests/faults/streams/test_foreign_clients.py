"""Libraries that others have written follow a stream over a restart of the server, each as its manual says: they get
each event exactly once."""

import asyncio
import json
import os
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final, NamedTuple

import httpx
import pytest
from httpx_sse import aconnect_sse

from tests.faults.conftest import Serve, check_log
from tests.faults.servers.test_nginx import in_front_of
from tests.support.ground import Ground, Person
from tests.support.node import QUIET, node_program
from tests.support.servers.server import ROOT
from tests.support.timing.waiting import until

LIBRARIES: Final = (
    "eventsource",
    "event-source-polyfill",
    "reconnecting-eventsource",
    "@microsoft/fetch-event-source",
    "launchdarkly-eventsource",
)
HTTPX: Final = "httpx-sse"
PATIENCE_S: Final = 120.0
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
                            if event.data and event.event != "error":  # it also tells of a frame with `retry:` alone
                                resumed = event.event == _GREETING and event.json()["resumed"]
                                heard.take(Told(HTTPX, event.event, event.id, resumed))
                except httpx.TransportError:
                    pass
                await asyncio.sleep(pause_s)  # what the server asked for by `retry:`; no check waits for it

    following = asyncio.create_task(follow())
    try:
        yield
    finally:
        following.cancel()
        await asyncio.wait((following,))


async def ids_since(ground: Ground, anna: Person, cursor: str) -> list[str]:
    """The ids of all of her events after this one, as the log has them."""
    answer = (await ground.get(f"/v1/events?after={cursor}", who=anna)).json()
    return [event["id"] for event in answer["events"]]


@pytest.mark.parametrize("way", ["direct", "nginx"])
async def test_each_library_gets_each_event_once_over_a_restart(serve: Serve, tmp_path: Path, way: str) -> None:
    settings = {"STREAM__RETRY_MS": "100", "SERVER__DRAIN_S": "0.1", "LIMITS__STREAMS_PER_USER": "20"}
    servers = [server := serve(settings=settings)]
    heard, everyone = Heard(), (*LIBRARIES, HTTPX)

    def all_are_there() -> bool:
        assert not heard.has_ended, "are its modules missing? run scripts/install-node-modules tests/browser"
        return all(heard.of[library] for library in everyone)

    def all_have(count: int) -> bool:
        return all(len(heard.ids(library)) >= count for library in everyone)

    async with AsyncExitStack() as stack:
        ground = await stack.enter_async_context(Ground(servers))
        url = stack.enter_context(in_front_of(server, tmp_path)).url if way == "nginx" else server.url
        anna = await ground.customer(funds=100)
        async with node_libraries(url, anna.token, heard), httpx_sse(url, anna.token, heard):
            await until(all_are_there, PATIENCE_S, "all are connected")
            (begin,) = {heard.of[library][0].event_id for library in everyone}
            await ground.top_up(anna, 200)
            live = await ids_since(ground, anna, begin)
            await until(lambda: all_have(len(live)), PATIENCE_S, "all have what came live")

            await asyncio.to_thread(server.terminate)
            servers.append(other := await asyncio.to_thread(serve, database_url=server.database_url, settings=settings))
            done = await ground.try_top_up(anna, 300, key="away", server=1)  # while their server is away
            assert done.is_success, done.text
            await asyncio.to_thread(other.terminate)
            await asyncio.to_thread(server.start)
            await until(
                lambda: all(len(heard.resumed(library)) == 2 for library in everyone), PATIENCE_S, "all are back"
            )
            await ground.top_up(anna, 400)
            ids = await ids_since(ground, anna, begin)
            await until(lambda: all_have(len(ids)), PATIENCE_S, "all have all")
        assert len(ids) == 3 * len(live) > 3
        assert {library: heard.ids(library) for library in everyone} == dict.fromkeys(everyone, ids)
        assert {library: heard.resumed(library) for library in everyone} == {each: [False, True] for each in everyone}
        check_log(ground)
