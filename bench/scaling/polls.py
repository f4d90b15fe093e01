"""`python -m bench.scaling.polls`: what a read of the log costs PostgreSQL and the process, while Redis is away.

Prints the processor time of a poll that finds nothing, and of those that find events; then what many processes take of
one core in a second, at the pace of `push/pace.py`.
"""

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial

import asyncpg

from bench.accounting import cpu_ns, family
from festival_push.push.pace import Pace
from festival_push.store.log import EventLog
from festival_push.store.migrations.runner import migrate
from festival_push.store.opening import open_database
from tests.support.servers.postgres import PostgresServer

_FOUND = (10, 100, 500)
_POLLS = 500
_FILL = """
    INSERT INTO event_log (position, topics, type, data, at)
    SELECT n, '["user:0123456789012345678901"]', 'new-notification', '{"message":"' || repeat('x', 230) || '"}', n
      FROM generate_series(1, 10000) AS n
"""


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(prog="python -m bench.scaling.polls", description=__doc__)
    parser.add_argument("--processes", type=int, nargs="+", default=[2, 4, 50])
    parser.add_argument("--events", type=float, default=1_200, help="that are committed in a second")
    parsed = parser.parse_args()
    with PostgresServer() as server:
        asyncio.run(_measure(server, parsed.processes, parsed.events))


async def _measure(server: PostgresServer, counts: list[int], events: float) -> None:
    url = server.url()
    database = await open_database(url)
    await migrate(database)
    connection = await asyncpg.connect(url)
    await connection.execute(_FILL)
    await connection.execute("UPDATE log_head SET position = 10000")
    await connection.execute("ANALYZE event_log")
    await connection.close()
    log = EventLog(database)
    empty_us = await _poll_us(server, log.head)
    print(f"nothing new: database {empty_us[0]:.0f} us, process {empty_us[1]:.0f} us")
    per_event = 0.0
    for found in _FOUND:
        database_us, process_us = await _poll_us(server, partial(log.read_range, 5_000, found))
        per_event = (database_us - empty_us[0]) / found
        print(f"{found:4} events:  database {database_us:.0f} us, process {process_us:.0f} us")
    for processes in counts:
        polls = processes / Pace(1.0, partial(int, processes), draw=lambda: 0.5).wait_s(healthy=False)
        idle, before, busy = (
            percent / 1e4
            for percent in (polls * empty_us[0], processes * 10 * empty_us[0], processes * events * per_event)
        )
        print(
            f"{processes:4} processes: {polls:.0f} polls/s, before {processes * 10}; of a core of the database: "
            f"{idle:.1f} % when nothing happens (before {before:.1f} %), {busy:.1f} % for {events:.0f} events/s"
        )
    await database.close()


async def _poll_us(server: PostgresServer, poll: Callable[[], Awaitable[object]]) -> tuple[float, float]:
    """The processor time of the database, and of this process."""
    for _ in range(50):
        await poll()
    before, began = cpu_ns(family(server.pid)), time.process_time_ns()
    for _ in range(_POLLS):
        await poll()
    ours, theirs = time.process_time_ns() - began, cpu_ns(family(server.pid)) - before
    return theirs / _POLLS / 1000, ours / _POLLS / 1000


if __name__ == "__main__":
    main()
