"""A running application for the tests of its nouns."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest
import uvloop

from festival_push import app
from festival_push.web.api import pages
from festival_push.web.routes import ENDPOINTS
from tests.web.edge import PIN_HASHER
from tests.web.heard import as_declared
from tests.web.sockets import served
from tests.web.world import World, open_world, settings_of

_STREAMING = {"tests.web.api.test_streams", "tests.web.api.orders.test_boards", "tests.web.api.words.test_rooms"}
"""Their tests run three times: without a server, and over both ways to write a stream to a real socket."""

_LOOPS: Final = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
_CHOSEN: Final = {
    "tests.serving.test_handover": ("asyncio", "uvloop"),
    "tests.web.identity.test_redis_limits": ("uvloop",),
}
"""The server runs on uvloop, where what happens to a connection under redis-py is not what happens on asyncio."""


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Function
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Choose the loops that a test runs on."""
    del config
    return {name: _LOOPS[name] for name in _CHOSEN.get(item.module.__name__, ("asyncio",))}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose the ways that a test's streams go."""
    if "way" in metafunc.fixturenames:
        streaming = metafunc.module.__name__ in _STREAMING
        metafunc.parametrize("way", ["asgi", "socket", "handed-over"] if streaming else ["asgi"], indirect=True)


@pytest.fixture(scope="session", autouse=True)
def handlers_as_declared() -> Iterator[None]:
    """Whatever handler answers well in any test here has done what its endpoint declares."""
    with as_declared(endpoint for endpoint in ENDPOINTS if endpoint not in pages.ENDPOINTS):
        yield


@pytest.fixture(scope="session", autouse=True)
def quick_pins() -> Iterator[None]:
    """PINs are hashed in no time. As shipped, each thread that has hashed one keeps 19 MiB: in the end half a GB."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "standard_hasher", lambda: PIN_HASHER)
        yield


@pytest.fixture
def way(request: pytest.FixtureRequest) -> str:
    """How the world's streams go."""
    chosen: str = request.param
    return chosen


@pytest.fixture
async def world(tmp_path: Path, way: str) -> AsyncIterator[World]:
    async with open_world(settings_of(tmp_path)) as opened:
        if way == "asgi":
            yield opened
            return
        async with served(opened.app, offers=way == "handed-over") as server:
            opened.served = server
            yield opened
            assert server.protocol.is_offered == (way == "handed-over"), "uvicorn was not as we know it"
