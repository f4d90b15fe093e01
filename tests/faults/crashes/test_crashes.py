"""`kill -9` under load: what was acknowledged is there afterwards, and a retry with the same key changes nothing."""

import asyncio
import json
import random
from typing import Final

from tests.faults.conftest import Serve, check_log
from tests.support.checker import LogEntry, broken_promises, read_records
from tests.support.ground import Ground
from tests.support.timing.waiting import until
from tests.support.traffic import Traffic

KILLS: Final = 2


async def test_acknowledged_orders_outlive_a_crash_and_retries_count_once(
    serve: Serve, dice: random.Random, database_url: str | None
) -> None:
    server = serve(database_url=database_url)
    async with Ground([server]) as ground:
        stall = await ground.stall(prices={"water": 1})
        anna = await ground.customer(funds=50_000)
        traffic = Traffic(ground, stall, anna, dice, clients=12)
        kills = 0
        running = asyncio.create_task(traffic.run(lambda: kills == KILLS))
        for _ in range(KILLS):
            goal = len(traffic.placed) + dice.randrange(20, 80)
            await _until_placed(traffic, running, goal)
            server.kill()
            server.launch()
            await until(server.listens, within_s=120, message="the server listens again")
            kills += 1
        await running
        assert traffic.unanswered > 0, "no request was in flight: nothing was tried"

        records = await read_records(server.database_url)
        assert broken_promises(records) == []
        assert set(traffic.placed.values()) == set(records.orders)
        for key, order_id in dice.sample(sorted(traffic.placed.items()), k=20):
            again = await ground.order(anna, stall, key=key)
            assert again.status_code == 201, again.text
            assert again.json()["order"]["orderId"] == order_id
            assert again.headers["idempotent-replayed"] == "true"
        after = await read_records(server.database_url)
        assert (after.head, len(after.transfers)) == (records.head, len(records.transfers))
        assert _told_statuses(records.log) == {
            order_id: ["preparing", "ready", "completed"] for order_id in records.orders
        }
        server.audit()
        check_log(ground)


async def _until_placed(traffic: Traffic, running: asyncio.Task[None], count: int) -> None:
    await until(lambda: running.done() or len(traffic.placed) >= count, within_s=240, message=f"{count} orders")


def _told_statuses(log: list[LogEntry]) -> dict[str, list[str]]:
    """The steps that each order was told to have taken, in order."""
    told: dict[str, list[str]] = {}
    for entry in log:
        if entry.type == "order-status-changed":
            data = json.loads(entry.data)
            told.setdefault(data["orderId"], []).append(data["status"])
    return told
