"""`python -m bench.scaling.commands`: orders by one client alone and by many at once, on SQLite and on PostgreSQL.

Each order is durable when it is answered (`fsync` is on). Prints a line for each kind of database, number of server
processes and number of clients: orders a second, the median and the slowest of a hundred, the processor time of the
servers and of the database for each order, and how many orders were committed together. Clients are spread over the
servers. Several need a Redis, so one alone is measured without it and with it. With `--workers` the processes are
workers of one server, on one socket. `naive` is the endpoint that most would write first (`bench/peers/naive_shop.py`),
on PostgreSQL too. With `--steps`, two of three commands are the steps of orders at their stalls, and a line counts
commands. Let nothing else run meanwhile.
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
from bench.peer import Missing, naive_shop
from bench.subject import Subject
from festival_push.store.opening import open_database
from festival_push.store.sql import Rows
from tests.support.servers.postgres import PostgresServer
from tests.support.servers.redis_server import RedisServer

_STALLS: Final = 60
_BUYERS: Final = 400
_CLIENTS: Final = (1, 16, 32)
_WARM: Final = 200
_DATABASES: Final = ["sqlite", "postgres", "naive"]
_BEHIND: Final = 64  # a step comes so many orders after the one before it, which is answered by then


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(prog="python -m bench.scaling.commands", description=__doc__)
    parser.add_argument("--orders", type=int, default=1_500, help="of many clients; one client alone places a fifth")
    parser.add_argument("--databases", nargs="+", choices=_DATABASES, default=_DATABASES)
    parser.add_argument("--servers", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--workers", action="store_true")
    parser.add_argument("--steps", action="store_true")
    parsed = parser.parse_args()
    for database in parsed.databases:
        if database == "naive":
            _measure_naive(parsed.orders)
            continue
        for servers in parsed.servers:
            for redis in (False, True) if servers == 1 else (True,):
                _measure(database, servers, parsed.orders, redis=redis, workers=parsed.workers, steps=parsed.steps)


def _postgres() -> PostgresServer:
    """Return a server that is as durable, and has as large files of its write-ahead log, as elsewhere."""
    return PostgresServer({"fsync": "on"}, segment_mb=16)


def _measure(database: str, processes: int, orders: int, *, redis: bool, workers: bool, steps: bool) -> None:
    with ExitStack() as stack:
        load = compiled("load", Path(stack.enter_context(tempfile.TemporaryDirectory())))
        postgres = stack.enter_context(_postgres()) if database == "postgres" else None
        redis_url = stack.enter_context(RedisServer()).url if redis else ""
        settings = {"FESTIVAL_PUSH_LIMITS__OPEN_ORDERS_MAX": "1000"}
        servers, kind = (1, "workers") if workers else (processes, "servers")
        settings["FESTIVAL_PUSH_SERVER__WORKERS"] = str(processes // servers)
        if postgres is not None:
            settings["DATABASE_URL"] = postgres.url()
        subject = Subject(customers=_BUYERS, stalls=_STALLS, redis_url=redis_url, settings=settings)
        stack.callback(subject.stop)
        asyncio.run(subject.furnish())
        buyers = [stack.enter_context(LoadClient(load, subject.start())) for _ in range(servers)]
        pids = [pid for number in range(servers) for pid in family(subject.pid(number))]
        requests = [list(subject.orders(buyer)) for buyer in buyers]
        _post(buyers, requests, clients=16, total=max(_WARM, orders // 3))
        for clients in _CLIENTS:
            if clients < servers:
                continue
            total = orders // 5 if clients == 1 else orders
            given = _with_steps(subject, buyers, requests, total // 3) if steps else requests
            total = sum(map(len, given)) if steps else total
            batches = _batches(subject)
            name = f"{database:<8} {kind} {processes}{' with Redis' if redis else ''}"
            _report(name, buyers, given, clients, total, pids, postgres)
            print(f"  {total / (_batches(subject) - batches):5.1f} a batch", flush=True)


def _measure_naive(orders: int) -> None:
    with ExitStack() as stack:
        load = compiled("load", Path(stack.enter_context(tempfile.TemporaryDirectory())))
        postgres = stack.enter_context(_postgres())
        try:
            shop = naive_shop(postgres.url())
        except Missing as error:
            print(f"naive: {error}")
            return
        pids = stack.enter_context(shop.running())
        buyer = stack.enter_context(LoadClient(load, shop.url))
        requests = [
            buyer.post_request(
                "/orders",
                f'{{"vendorId":"s{number % _STALLS}","items":[{{"itemId":"i{number % _STALLS}","quantity":1}}]}}',
                {"person": f"c{number}"},
            )
            for number in range(_BUYERS)
        ]
        _post([buyer], [requests], clients=16, total=_WARM)
        for clients in _CLIENTS:
            total = orders // 5 if clients == 1 else orders
            _report("naive    servers 1", [buyer], [requests], clients, total, pids, postgres)
            print(flush=True)


def _report(
    name: str, buyers: Sequence[LoadClient], requests: Sequence[list[bytes]], clients: int, total: int,
    pids: list[int], postgres: PostgresServer | None,
) -> None:  # fmt: skip
    """Send the requests, and begin a line about it."""
    begun, begun_there = cpu_ns(pids), _database_cpu_ns(postgres)
    reports = _post(buyers, requests, clients=clients, total=total)
    here, there = cpu_ns(pids) - begun, _database_cpu_ns(postgres) - begun_there
    latency = {key: max(report["latency_ms"][key] for report in reports) for key in ("p50", "p99")}
    rate = total / max(report["seconds"] for report in reports)
    print(
        f"{name} clients {clients:>2}: {rate:6.0f} a second"
        f"  p50 {latency['p50']:6.1f}  p99 {latency['p99']:6.1f} ms"
        f"  servers {here / total / 1000:6.0f} µs  database {there / total / 1000:6.0f} µs",
        end="",
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


def _with_steps(
    subject: Subject, buyers: Sequence[LoadClient], orders: Sequence[list[bytes]], total: int
) -> list[list[bytes]]:
    """Return the requests of so many orders for each client in turn, among them the steps of orders that are open."""
    found = _read(subject, "SELECT order_id, vendor_id FROM orders WHERE status = 'preparing' ORDER BY placed")
    tokens = dict(zip(subject.stalls, subject.tokens(subject.stalls), strict=True))
    share, given = total // len(buyers), []
    for number, (buyer, some) in enumerate(zip(buyers, orders, strict=True)):
        mine = found[number * share : (number + 1) * share]
        assert len(mine) == share, "too few orders are open"
        ready, completed = (
            [
                buyer.post_request(
                    f"/v1/orders/{order_id}/status", f'{{"status":"{status}"}}',
                    {"Authorization": f"Bearer {tokens[stall]}"},
                )
                for order_id, stall in mine
            ]
            for status in ("ready", "completed")
        )  # fmt: skip
        requests: list[bytes] = []
        for at in range(share + _BEHIND):
            requests += [some[at % len(some)], ready[at]] if at < share else []
            requests += [completed[at - _BEHIND]] if at >= _BEHIND else []
        given.append(requests)
    return given


def _batches(subject: Subject) -> int:
    """Return how many batches all servers have committed: each numbers its own."""
    return int(_read(subject, "SELECT CAST(SUM(batch) AS BIGINT) FROM writers")[0][0])


def _read(subject: Subject, sql: str) -> Rows:
    async def read() -> Rows:
        database = await open_database(subject.settings.database.url, read_only=True)
        try:
            [rows] = await database.read((sql, ()))
            return rows
        finally:
            await database.close()

    return asyncio.run(read())


def _database_cpu_ns(server: PostgresServer | None) -> int:
    return 0 if server is None else cpu_ns(family(server.pid))


if __name__ == "__main__":
    main()
