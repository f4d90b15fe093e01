"""A server dies at each step of taking an order: it is paid and told once, or not at all until the retry."""

import asyncio

import httpx2
import pytest

from tests.faults.conftest import Serve, check_log
from tests.support.checker import broken_promises, read_records
from tests.support.ground import Ground
from tests.support.timing.waiting import until
from tests.support.wire.follower import Follower


@pytest.mark.parametrize(
    ("point", "is_kept"),
    [("before_writing", False), ("before_commit", False), ("before_telling", True), ("before_answering", True)],
)
async def test_an_order_is_taken_once_or_not_at_all(
    serve: Serve, database_url: str | None, point: str, *, is_kept: bool
) -> None:
    server = serve(database_url=database_url)
    async with Ground([server]) as ground:
        stall, anna = await ground.stall(prices={"water": 100}), await ground.customer(funds=1_000)
        hers = await Follower.from_now(server.url, anna.token)
        before = await read_records(server.database_url)
        await asyncio.to_thread(server.terminate)
        server.spoilt_by = f"tests.faults.crashes.points:{point}"
        server.start()
        with pytest.raises(httpx2.TransportError):
            await ground.order(anna, stall, key="thirst")
        await until(lambda: server.exit_code is not None, message="it dies")
        assert server.exit_code == -9

        left = await read_records(server.database_url)
        assert broken_promises(left) == []
        assert len(left.orders) - len(before.orders) == int(is_kept)
        server.spoilt_by = ""
        server.start()
        again = await ground.order(anna, stall, key="thirst")
        assert again.status_code == 201, again.text
        assert ("idempotent-replayed" in again.headers) is is_kept
        after = await read_records(server.database_url)
        assert broken_promises(after) == []
        assert len(after.orders) - len(before.orders) == 1
        assert await ground.balance(anna) == 900
        hers_since = (await ground.get(f"/v1/events?after={hers.cursor}", who=anna)).json()["events"]
        await hers.until_events(server.url, len(hers_since))
        assert [frame.id for frame in hers.frames] == [event["id"] for event in hers_since]
        assert [paid["amount"] for paid in hers.of("balance-updated")] == [-100]
        assert all(greeting["resumed"] for greeting in hers.greetings[1:])
        server.audit()
        check_log(ground)
