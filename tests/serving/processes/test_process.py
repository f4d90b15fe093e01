"""The end of a serving process, step by step, in a time that nobody waits for. With real signals: `test_server`."""

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import cast

import pytest
from uvicorn.lifespan.on import LifespanOn

from festival_push.serving.limits import ProtocolLimits
from festival_push.serving.processes.process import TIMES, DrainingServer, GuardedConfig
from tests.push.fake_log import ANNA
from tests.push.world import Client, World
from tests.support.timing import virtual_time

DRAIN_S = 5.0


def server_with(drain: Callable[[], Awaitable[None]]) -> DrainingServer:
    config = GuardedConfig(
        "tests.serving.served_app:make_app", workers=1, limits=ProtocolLimits(), drain_s=DRAIN_S, log_config=None,
        trusted_proxies=(),
    )  # fmt: skip
    server = DrainingServer(config)
    server.lifespan = cast(LifespanOn, SimpleNamespace(state={"drain": drain}))
    return server


def test_the_drain_cuts_the_streams_that_are_left_and_the_log_says_so_and_nothing_else(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The drain and the server look at the same setting: the drain must be the first to act."""

    async def end() -> None:
        world, loop = World(), asyncio.get_running_loop()
        await world.tail.start()
        client = Client(world, [ANNA])
        await client.connect()
        await client.take()  # and nothing more: its last words can't go out
        (stream,) = world.streams._streams
        began = loop.time()
        await server_with(lambda: world.streams.drain(DRAIN_S))._drain()
        assert loop.time() - began == pytest.approx(DRAIN_S)
        assert stream.is_cut
        await client.disconnect()

    virtual_time.run(end())
    assert [record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == [
        "1 streams are cut: they did not end in time"
    ]


def test_a_drain_that_hangs_is_cancelled_and_the_log_says_after_what_time(caplog: pytest.LogCaptureFixture) -> None:
    async def end() -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        await server_with(lambda: asyncio.sleep(3600))._drain()
        assert loop.time() - began == pytest.approx(DRAIN_S + TIMES.late_s)

    virtual_time.run(end())
    assert [record.getMessage() for record in caplog.records] == ["The drain was cut short after 5.5 s"]
