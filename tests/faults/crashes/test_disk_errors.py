"""The disk fails to sync, now and then, as a kernel says it: what was acknowledged is there, and the rest is not."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Final

from tests.faults.conftest import Serve, check_log
from tests.faults.crashes.tracing import TRACEABLE, traced
from tests.support.checker import broken_promises, read_records
from tests.support.ground import Ground
from tests.support.wire.follower import Follower

ORDERS: Final = 40
SYNCS: Final = "fdatasync,fsync"


async def test_what_could_not_be_synced_is_refused_and_taken_later(serve: Serve, tmp_path: Path) -> None:
    server = serve()
    await asyncio.to_thread(server.terminate)
    server.spoilt_by = TRACEABLE
    server.start()
    async with Ground([server]) as ground:
        stall, anna = await ground.stall(prices={"water": 1}), await ground.customer(funds=1_000)
        hers = await Follower.from_now(server.url, anna.token)
        # Each thread's third sync, and every fourth after that.
        failing = ("-e", f"trace={SYNCS}", "-e", f"inject={SYNCS}:error=EIO:when=3+4")
        with traced(server, tmp_path, "-o", str(syncs := tmp_path / "syncs"), *failing):
            first = [await ground.order(anna, stall, key=f"thirst-{number}") for number in range(ORDERS)]
        found = Counter(answer.status_code for answer in first)
        assert found.keys() == {201, 503}, found
        assert syncs.read_text().count("EIO") >= found[503]
        assert {answer.json()["code"] for answer in first if answer.status_code == 503} == {"unavailable"}

        server.kill()
        server.start()
        assert len((await read_records(server.database_url)).orders) == found[201]
        again = [await ground.order(anna, stall, key=f"thirst-{number}") for number in range(ORDERS)]
        assert {answer.status_code for answer in again} == {201}
        for before, after in zip(first, again, strict=True):
            assert ("idempotent-replayed" in after.headers) is (before.status_code == 201)
        records = await read_records(server.database_url)
        assert broken_promises(records) == []
        assert len(records.orders) == ORDERS
        await hers.follow(server.url, done=lambda: len(hers.of("balance-updated")) == ORDERS)
        assert [paid["newBalance"] for paid in hers.of("balance-updated")] == list(range(999, 999 - ORDERS, -1))
        server.audit()
        check_log(ground)
