"""`python -m bench.scaling.newcomers`: how many streams one process opens from SQL a second, without and with a cursor.

The streams all come at once. Those without a cursor get a snapshot; those with one that is older than what the process
has in memory get what they missed from the log. Prints a line for each round: streams a second, the slowest, and the
processor time of the server and of the database for each stream.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import asyncpg

from bench.accounting import cpu_ns, family
from bench.load.load_client import LoadClient, compiled
from bench.subject import GREETING, Subject
from tests.support.servers.postgres import PostgresServer

_PEOPLE_MIN: Final = 4_500  # three events each: more than a process has in memory after its start, so cursor 0 is old


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(prog="python -m bench.scaling.newcomers", description=__doc__)
    parser.add_argument("--streams", type=int, default=1_500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--database", choices=["postgres", "sqlite"], default="postgres")
    parsed = parser.parse_args()
    with ExitStack() as stack:
        load = compiled("load", Path(stack.enter_context(tempfile.TemporaryDirectory())))
        server = stack.enter_context(PostgresServer({"fsync": "on"})) if parsed.database == "postgres" else None
        subject = stack.enter_context(_furnished(max(_PEOPLE_MIN, parsed.streams), server))
        for number in range(parsed.rounds):
            for cursor in ("", _cursor(subject, server)):
                what = f"{'old cursor' if cursor else 'no cursor':<10} {number + 1}"
                print(what, _measure(load, subject, server, cursor, parsed.streams), flush=True)


@contextmanager
def _furnished(people: int, server: PostgresServer | None) -> Iterator[Subject]:
    subject = Subject(customers=people, settings={} if server is None else {"DATABASE_URL": server.url()})
    try:
        asyncio.run(subject.furnish())
        yield subject
    finally:
        subject.stop()


def _cursor(subject: Subject, server: PostgresServer | None) -> str:
    """The beginning of the log."""
    if server is None:
        return str(subject.query("SELECT epoch || '.0' FROM log_head"))
    return asyncio.run(_epoch(server.url())) + ".0"


async def _epoch(url: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        return str(await connection.fetchval("SELECT epoch FROM log_head"))
    finally:
        await connection.close()


def _measure(load: Path, subject: Subject, server: PostgresServer | None, cursor: str, streams: int) -> str:
    url = subject.start()
    try:
        with LoadClient(load, url, greeting=GREETING) as crowd:
            requests = subject.stream_requests(crowd, subject.customers[:streams], cursor)
            before, database_before = cpu_ns(family(subject.pid())), _database_cpu_ns(server)
            opened = crowd.open_streams(requests, at_once=streams)
            ours = cpu_ns(family(subject.pid())) - before
            database = _database_cpu_ns(server) - database_before
    finally:
        subject.end()
    return (
        f"{streams / opened['seconds']:6.0f} streams/s  all in {opened['seconds']:.2f} s  "
        f"server {ours / streams / 1000:4.0f} us  database {database / streams / 1000:4.0f} us"
    )


def _database_cpu_ns(server: PostgresServer | None) -> int:
    """Of the processes that PostgreSQL has now: those for our connections stay until the server ends."""
    return 0 if server is None else cpu_ns(family(server.pid))


if __name__ == "__main__":
    main()
