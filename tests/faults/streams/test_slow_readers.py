"""A client that stops reading is cut off; it costs a bounded amount of memory, and misses nothing.

That it keeps nobody waiting is shown where readers can be stuck for ever: in `tests/push/streams/test_direct.py`.
"""

import asyncio
import os
import secrets
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from tests.faults.conftest import Serve, check_log
from tests.support.checker import broken_promises, last_position, read_records, stream_findings
from tests.support.ground import Ground, Person, Stall
from tests.support.proc import open_files
from tests.support.timing.waiting import until
from tests.support.wire.follower import Connection, Follower

STALLED: Final = 24
BIG_ORDERS: Final = 100
RESUMED: Final = 3  # of the stalled; reading for all of them takes the test longer than the server
RECEIVE_BUFFER: Final = 4096
GROWTH_BYTES_MAX: Final = 40 << 20  # 24 readers that were kept in full would take 24 × 3 MB
PATIENCE_S: Final = 120.0  # for what the server does within twenty seconds, on a machine that does much else


def resident_bytes(pid: int) -> int:
    """What a process holds in memory."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def open_sockets(pid: int) -> int:
    """How many sockets a process has open. Its files don't count: they come and go with the database's readers."""
    return sum(target.startswith("socket:") for target in open_files(pid))


async def big_order(ground: Ground, customer: Person, stall: Stall) -> None:
    """An order that makes an event of more than ten thousand bytes at the stall."""
    line = {"itemId": stall.items["water"], "quantity": 1, "notes": "n" * 140}
    body = {"vendorId": stall.vendor_id, "items": [line] * 50}
    answer = await ground.post("/v1/orders", body, who=customer, key=secrets.token_hex(8))
    assert answer.status_code == 201, answer.text


async def test_readers_that_stop_reading_are_cut_off_and_miss_nothing(serve: Serve) -> None:
    server = serve(settings={"LIMITS__BACKLOG_BYTES_MAX": "65536", "LIMITS__STREAMS_PER_USER": "100"})
    async with AsyncExitStack() as leaving, Ground([server]) as ground:
        stall = await ground.stall(prices={"water": 1})
        anna = await ground.customer(funds=100_000)
        begun = await read_records(server.database_url)
        cursor = f"{begun.epoch}.{begun.head}"
        stalled = [Follower(stall.token, cursor=cursor) for _ in range(STALLED)]
        sockets_before = open_sockets(server.pid)
        connections: list[Connection] = []
        for follower in stalled:
            connections.append(leaving.enter_context(await follower.connect(server.url, receive_buffer=RECEIVE_BUFFER)))
            follower.take(await connections[-1].read_until())
        assert open_sockets(server.pid) >= sockets_before + STALLED
        awake = Follower(stall.token, cursor=cursor)
        memory_before = resident_bytes(server.pid)

        with await awake.connect(server.url) as stream:
            for number in range(1, BIG_ORDERS + 1):
                await big_order(ground, anna, stall)
                async with asyncio.timeout(PATIENCE_S):
                    while len(awake.of("new-order")) < number:
                        awake.take(await stream.read())

        await until(lambda: open_sockets(server.pid) <= sockets_before + 2, PATIENCE_S, "the cutting off")
        growth = resident_bytes(server.pid) - memory_before
        records = await read_records(server.database_url)
        assert broken_promises(records) == []
        assert growth < GROWTH_BYTES_MAX, f"{growth >> 20} MB"
        last = last_position(records, stall.topics)
        for follower, connection in list(zip(stalled, connections, strict=True))[:RESUMED]:
            await resume(server.url, follower, connection, last=last)
            assert stream_findings(follower.frames, records, stall.topics, after=begun.head) == []
        check_log(ground)


async def resume(url: str, follower: Follower, cut_off: Connection, *, last: int) -> None:
    """Wake up, take what the kernel still holds, find the stream ended, and come back."""
    follower.take(await cut_off.read_to_end())
    cut_off.close()
    assert follower.position < last, "it was not behind"
    await follower.reach(url, last)
