"""SIGTERM with many open streams: the process ends in order, and tells every live client to come back."""

import asyncio
import signal
import time
from contextlib import AsyncExitStack
from typing import Final

import httpx2

from festival_push.serving.limits import ProtocolLimits
from tests.faults.conftest import Serve, check_log
from tests.faults.streams.test_slow_readers import big_order
from tests.support.checker import broken_promises, read_records, stream_findings
from tests.support.ground import Ground
from tests.support.timing.waiting import until
from tests.support.wire.follower import Connection, Follower

LIVE: Final = 40
STALLED: Final = 10
BIG_ORDERS: Final = 30
CLIENTS: Final = 4  # each has a command in hand at every moment
DRAIN_S: Final = "10"  # enough for whoever reads; less than after what a connection is aborted for its stall
PATIENCE_S: Final = 120.0  # for an end that has its own bounds, and what a busy machine adds
ABORTED: Final = "did not end by themselves"


async def test_a_server_with_open_streams_ends_in_order(serve: Serve) -> None:
    server = serve(settings={"LIMITS__STREAMS_PER_USER": "100", "SERVER__DRAIN_S": DRAIN_S})
    async with AsyncExitStack() as leaving, Ground([server]) as ground:
        anna, stall = await ground.customer(funds=50 * BIG_ORDERS), await ground.stall(prices={"water": 1})
        begun = await read_records(server.database_url)
        followers = [Follower(anna.token, cursor=f"{begun.epoch}.{begun.head}") for _ in range(LIVE)]
        live = [await each.connect(server.url) for each in followers]
        stalled = [await Follower(stall.token).connect(server.url, receive_buffer=4096) for _ in range(STALLED)]
        for stream in (*live, *stalled):
            leaving.enter_context(stream)
        for follower, stream in zip(followers, live, strict=True):
            follower.take(await stream.read_until())
        began_s = time.monotonic()
        # More than the stalled readers' buffers hold: some bytes for them are on the way when the signal comes.
        await asyncio.gather(*(big_order(ground, anna, stall) for _ in range(BIG_ORDERS)))

        server.send(signal.SIGTERM)
        await asyncio.gather(*(_read_to_goodbye(*pair) for pair in zip(followers, live, strict=True)))
        await until(lambda: server.exit_code is not None, PATIENCE_S)
        assert server.exit_code == 0
        log = server.read_log()
        if time.monotonic() - began_s < ProtocolLimits().write_stall_s:  # else their connections may be gone already
            assert " streams are cut" in log, "the drain ends those whose clients don't read"
        assert ABORTED not in log, "nothing was left for the server to abort"

        records = await read_records(server.database_url)
        assert broken_promises(records) == []
        for follower in followers:
            assert stream_findings(follower.frames, records, anna.topics, after=begun.head) == []
        check_log(ground)


async def _read_to_goodbye(follower: Follower, stream: Connection) -> None:
    """Read what is left; somewhere in it the client is told when to come back."""
    read_before = len(stream.body)
    follower.take(await stream.read_to_end(PATIENCE_S))
    assert b"retry:" in stream.body[read_before:]


async def test_accepted_commands_are_answered_before_the_end(serve: Serve) -> None:
    server = serve()
    async with Ground([server]) as ground:
        anna = await ground.customer(funds=100_000)
        stall = await ground.stall(prices={"water": 1})
        placed: set[str] = set()

        async def buy() -> None:
            """Order, one after the other, until nobody answers any more."""
            while True:
                try:
                    answer = await ground.order(anna, stall)
                except httpx2.TransportError:
                    return
                assert answer.status_code in {201, 503}, answer.text
                if answer.status_code == 201:
                    placed.add(answer.json()["order"]["orderId"])

        async with asyncio.TaskGroup() as buying:
            for _ in range(CLIENTS):
                buying.create_task(buy())
            await until(lambda: len(placed) >= 5 * CLIENTS, PATIENCE_S)
            server.send(signal.SIGTERM)
            await until(lambda: server.exit_code is not None, PATIENCE_S)
        assert server.exit_code == 0
        records = await read_records(server.database_url)
        assert broken_promises(records) == []
        assert placed <= set(records.orders), "an order that was acknowledged did not take effect"
        if ABORTED not in server.read_log():  # it had its two seconds to answer what it had in hand
            assert placed == set(records.orders), "an order that took effect was not acknowledged"
        check_log(ground)
