"""`python -m bench.scaling.commands`: orders by one client alone and by many at once, on SQLite and on PostgreSQL.

Each order is durable when it is answered (`fsync` is on). Prints a line for each kind of database, number of server
processes and number of clients: orders a second, the median and the slowest of a hundred, the processor time of the
servers and of the database for each order, and how many orders were committed together. Clients are spread over the
servers. Let nothing else run meanwhile.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from bench.accounting import cpu_ns, family
from bench.load.load_client import LoadClient, compiled
from bench.subject import Subject
from festival_push.store.opening import open_database
from tests.support.servers.postgres import PostgresServer
from tests.support.servers.redis_server import RedisServer

_STALLS: Final = 60
_BUYERS: Final = 400
_CLIENTS: Final = (1, 16, 32)
_WARM: Final = 200


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(prog="python -m bench.scaling.commands", description=__doc__)
    parser.add_argument("--orders", type=int, default=1_500, help="of many clients; one client alone places a fifth")
    parser.add_argument("--databases", nargs="+", choices=["sqlite", "postgres"], default=["sqlite", "postgres"])
    parser.add_argument("--servers", nargs="+", type=int, default=[1, 2])
    parsed = parser.parse_args()
    for database in parsed.databases:
        for servers in parsed.servers:
            _measure(database, servers, parsed.orders)


def _measure(database: str, servers: int, orders: int) -> None:
    with ExitStack() as stack:
        load = compiled("load", Path(stack.enter_context(tempfile.TemporaryDirectory())))
        postgres = stack.enter_context(PostgresServer({"fsync": "on"})) if database == "postgres" else None
        redis = stack.enter_context(RedisServer()) if servers > 1 else None
        settings = {"FESTIVAL_PUSH_LIMITS__OPEN_ORDERS_MAX": "1000"}
        if postgres is not None:
            settings["DATABASE_URL"] = postgres.url()
        url = "" if redis is None else redis.url
        subject = Subject(customers=_BUYERS, stalls=_STALLS, redis_url=url, settings=settings)
        stack.callback(subject.stop)
        asyncio.run(subject.furnish())
        buyers = [stack.enter_context(LoadClient(load, subject.start())) for _ in range(servers)]
        pids = [pid for number in range(servers) for pid in family(subject.pid(number))]
        requests = [list(subject.orders(buyer)) for buyer in buyers]
        _post(buyers, requests, clients=16, total=_WARM)
        for clients in _CLIENTS:
            if clients < servers:
                continue
            total = orders // 5 if clients == 1 else orders
            begun, begun_there, batches = cpu_ns(pids), _database_cpu_ns(postgres), _batches(subject)
            reports = _post(buyers, requests, clients=clients, total=total)
            here, there = cpu_ns(pids) - begun, _database_cpu_ns(postgres) - begun_there
            batches = _batches(subject) - batches
            latency = {name: max(report["latency_ms"][name] for report in reports) for name in ("p50", "p99")}
            rate = total / max(report["seconds"] for report in reports)
            print(
                f"{database:<8} servers {servers} clients {clients:>2}: {rate:6.0f} orders/s"
                f"  p50 {latency['p50']:6.1f}  p99 {latency['p99']:6.1f} ms"
                f"  servers {here / total / 1000:6.0f} µs  database {there / total / 1000:6.0f} µs"
                f"  {total / batches:5.1f} a batch",
                flush=True,
            )


def _post(
    buyers: Sequence[LoadClient], requests: Sequence[list[bytes]], *, clients: int, total: int
) -> list[dict[str, Any]]:
    share = len(buyers)
    with ThreadPoolExecutor(share) as threads:
        running = [
            threads.submit(buyer.post, some, clients=clients // share, total=total // share)
            for buyer, some in zip(buyers, requests, strict=True)
        ]
        return [each.result() for each in running]


def _batches(subject: Subject) -> int:
    """Return how many batches all servers have committed: each numbers its own."""

    async def read() -> int:
        database = await open_database(subject.settings.database.url, read_only=True)
        try:
            [[(batches,)]] = await database.read(("SELECT CAST(SUM(batch) AS BIGINT) FROM writers", ()))
            return int(batches)
        finally:
            await database.close()

    return asyncio.run(read())


def _database_cpu_ns(server: PostgresServer | None) -> int:
    return 0 if server is None else cpu_ns(family(server.pid))


if __name__ == "__main__":
    main()
