"""Clients that others have written follow a stream while servers come and go, each as its manual says: they get each
event exactly once, and come back by themselves."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from tests.faults.conftest import Serve, check_log
from tests.faults.servers.test_nginx import in_front_of
from tests.faults.streams.clients import (
    BROWSER,
    CURL,
    HTTPX,
    LIBRARIES,
    PATIENCE_S,
    Heard,
    curl,
    httpx_sse,
    native,
    node_libraries,
)  # fmt: skip
from tests.support.ground import Ground, Person
from tests.support.servers.nginx import Nginx
from tests.support.servers.server import ServerProcess
from tests.support.timing.waiting import until


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


class Following:
    """Somebody's stream, followed by all clients from one URL, and what they must have told so far."""

    def __init__(self, ground: Ground, anna: Person, heard: Heard, everyone: Sequence[str]) -> None:
        self.ids: list[str] = []
        self._ground = ground
        self._anna = anna
        self._heard = heard
        self._everyone = everyone
        self._begin = ""

    async def all_are_there(self) -> None:
        def told() -> bool:
            assert not self._heard.has_ended, "are its modules missing? run scripts/install-node-modules tests/browser"
            return all(self._heard.of[client] for client in self._everyone)

        await until(told, PATIENCE_S, "all are connected")
        (self._begin,) = {self._heard.of[client][0].event_id for client in self._everyone}

    async def all_hear_of(self, amount: int, *, server: int) -> None:
        """Take money at a server; wait until every client has told all that happened."""
        done = await self._ground.try_top_up(self._anna, amount, key=f"top-up-{amount}", server=server)
        assert done.is_success, done.text
        log = await self._ground.get(f"/v1/events?after={self._begin}", who=self._anna, server=server)
        self.ids = [event["id"] for event in log.json()["events"]]

        def all_have_all() -> bool:
            return all(len(self._heard.ids(client)) >= len(self.ids) for client in self._everyone)

        await until(all_have_all, PATIENCE_S, f"all have been told of {amount}")


@asynccontextmanager
async def two_behind_nginx(serve: Serve, folder: Path) -> AsyncIterator[tuple[list[ServerProcess], Nginx]]:
    settings = {"STREAM__RETRY_MS": "100", "SERVER__DRAIN_S": "0.1", "LIMITS__STREAMS_PER_USER": "20"}
    first = serve(settings=settings)
    servers = [first, serve(database_url=first.database_url, settings=settings)]
    home = folder / "nginx"
    home.mkdir()
    places = [server.url.removeprefix("http://") for server in servers]
    with Nginx(home, *places, tls=False) as nginx:
        yield servers, nginx


def turned_away(nginx: Nginx) -> int:
    """How many streams nginx has answered itself, because no server did."""
    lines = [json.loads(line) for line in nginx.access_log.read_text("utf-8").splitlines()]
    return sum(line["path"] == "/v1/stream" and line["upstream_status"].endswith("502") for line in lines)


async def test_all_come_back_by_themselves_while_servers_behind_nginx_go_in_turn_and_at_once(
    serve: Serve, tmp_path: Path
) -> None:
    heard, everyone = Heard(), (*LIBRARIES, HTTPX, CURL, BROWSER)
    async with AsyncExitStack() as stack:
        servers, nginx = await stack.enter_async_context(two_behind_nginx(serve, tmp_path))
        ground = await stack.enter_async_context(Ground(servers))
        anna = await ground.customer(funds=100)
        for follow in (node_libraries, httpx_sse, curl, native):
            await stack.enter_async_context(follow(nginx.url, anna.token, heard))
        following = Following(ground, anna, heard, everyone)
        await following.all_are_there()
        await following.all_hear_of(1, server=0)

        for number, server in enumerate(servers):  # restarted in turn
            assert await asyncio.to_thread(server.terminate) == 0
            await following.all_hear_of(10 + number, server=1 - number)
            await asyncio.to_thread(server.start)
            await following.all_hear_of(20 + number, server=number)
        for number, server in enumerate(servers):  # crashed in turn
            server.kill()
            await following.all_hear_of(30 + number, server=1 - number)
            await asyncio.to_thread(server.start)
        assert turned_away(nginx) == 0, "one server was there all the time"

        lost = heard.losses
        for server in servers:  # and nobody is there
            assert await asyncio.to_thread(server.terminate) == 0
        await until(lambda: heard.losses > lost + 2, PATIENCE_S, "the browser is told to come back later")
        assert turned_away(nginx) > 0
        for server in servers:
            await asyncio.to_thread(server.start)
        await following.all_hear_of(40, server=0)

        assert {client: heard.ids(client) for client in everyone} == dict.fromkeys(everyone, following.ids)
        for client in everyone:
            first, *later = heard.resumed(client)
            assert (first, set(later)) == (False, {True}), client
        check_log(ground)
