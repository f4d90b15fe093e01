"""The disk fails to sync, now and then, as a kernel says it: what was acknowledged is there, and the rest is not."""

import asyncio
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.faults.conftest import Serve, check_log
from tests.support.checker import broken_promises, read_records
from tests.support.ground import Ground
from tests.support.servers import processes
from tests.support.servers.server import ServerProcess
from tests.support.timing.waiting import until_sync
from tests.support.wire.follower import Follower

ORDERS: Final = 40
SYNCS: Final = "fdatasync,fsync"


@contextmanager
def bad_disk(server: ServerProcess, folder: Path) -> Iterator[Path]:
    """Let each thread's third sync fail, and every fourth after that; the file tells of all of them at the end."""
    syncs, said = folder / "syncs", folder / "strace"
    strace = str(processes.find_program("strace", package="strace"))
    rules = ["-e", f"trace={SYNCS}", "-e", f"inject={SYNCS}:error=EIO:when=3+4"]
    with said.open("wb") as log, processes.log_shown_on_failure(said):
        command = [strace, "-f", "-o", str(syncs), *rules, "-p", str(server.pid)]
        tracing = processes.start(command, log=log, leash=signal.SIGTERM)
        try:
            until_sync(lambda: b"attached" in said.read_bytes(), message="strace is attached")
            yield syncs
        finally:
            assert _ended(tracing) in {-signal.SIGINT, 130}, said.read_text()


def _ended(tracing: subprocess.Popen[bytes]) -> int:
    """Let strace leave the server alone, and end; how it ended."""
    tracing.send_signal(signal.SIGINT)
    return tracing.wait(processes.STOP_WITHIN_S)


async def test_what_could_not_be_synced_is_refused_and_taken_later(serve: Serve, tmp_path: Path) -> None:
    server = serve()
    await asyncio.to_thread(server.terminate)
    server.spoilt_by = "tests.faults.crashes.points:lets_itself_be_traced"
    server.start()
    async with Ground([server]) as ground:
        stall, anna = await ground.stall(prices={"water": 1}), await ground.customer(funds=1_000)
        hers = await Follower.from_now(server.url, anna.token)
        with bad_disk(server, tmp_path) as syncs:
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
