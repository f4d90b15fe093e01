"""The metrics of several workers behind one port are one, also when a worker dies."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Final

import pytest

from festival_push.ops.metrics.definitions import PREFIX
from tests.faults.conftest import Serve
from tests.ops.metrics.test_readings import samples_of
from tests.support.ground import Ground
from tests.support.proc import children, command_line, has_ended
from tests.support.servers.server import ServerProcess
from tests.support.timing.waiting import until

ORDERS: Final = 20
PLACED: Final = PREFIX + "commands_total{command=PlaceOrder,outcome=done}"
WORKERS: Final = PREFIX + "workers{}"
SCRAPES: Final = 12  # each on a connection of its own, so that both workers are reached


async def scrape(ground: Ground) -> dict[str, float]:
    answer = await ground.http.get(ground.url() + "/metrics", headers={"Connection": "close"})
    assert answer.status_code == 200, answer.text
    return samples_of(answer.content)


def workers_of(server: ServerProcess) -> list[int]:
    """The ids of its worker processes."""
    return [pid for pid in children(server.pid) if b"spawn_main" in command_line(pid)]


async def test_workers_are_told_as_one_and_no_counter_goes_back(serve: Serve, redis_url: str) -> None:
    settings = {"SERVER__WORKERS": "2"}
    async with Ground([serve(redis_url=redis_url, settings=settings)]) as ground:
        server, shown = ground.servers[0], 0.0
        stall, anna = await ground.stall(), await ground.customer(funds=100_000)
        await until(lambda: both_are_heard(ground), within_s=120)
        for number in range(ORDERS):
            body = {"vendorId": stall.vendor_id, "items": [{"itemId": stall.items["ayran"], "quantity": 1}]}
            made = await ground.http.post(
                ground.url() + "/v1/orders", json=body,
                headers={**anna.bearer, "Idempotency-Key": f"k{number}", "Connection": "close"},
            )  # fmt: skip
            assert made.status_code == 201, made.text
        await until(lambda: all_are_counted(ground), within_s=120)

        before = workers_of(server)
        assert len(before) == 2
        os.kill(before[0], signal.SIGKILL)
        await until(lambda: len(set(workers_of(server)) - set(before)) == 1, within_s=120)
        await until(lambda: both_are_heard(ground), within_s=120)
        for _ in range(SCRAPES):
            found = await scrape(ground)
            assert found[PLACED] == ORDERS
            assert found[PREFIX + "cpu_seconds_total{}"] >= shown
            shown = found[PREFIX + "cpu_seconds_total{}"]


async def both_are_heard(ground: Ground) -> bool:
    found = await asyncio.gather(*(scrape(ground) for _ in range(SCRAPES)))
    return all(each[WORKERS] == 2 and each.get(PREFIX + "redis_up{}") == 1 for each in found)


async def all_are_counted(ground: Ground) -> bool:
    found = await asyncio.gather(*(scrape(ground) for _ in range(SCRAPES)))
    return all(each.get(PLACED) == ORDERS for each in found)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
async def test_nothing_is_left_in_the_temporary_folder_however_a_supervisor_ends(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: signal.Signals
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    async with Ground([serve(settings={"SERVER__WORKERS": "2"})]) as ground:
        await until(lambda: counts_two(ground))
        pids = workers_of(ground.servers[0])
        assert len(pids) == 2
        ground.servers[0].send(how)
        await until(lambda: all(has_ended(pid) for pid in pids), message="the workers have ended")
        await until(lambda: ground.servers[0].exit_code == (0 if how is signal.SIGTERM else -how))
    assert list(folder.iterdir()) == []


async def counts_two(ground: Ground) -> bool:
    return (await scrape(ground))[WORKERS] == 2
