"""`python -m bench.scaling.latency`: from a POST at one server to the socket at another, with Redis and without.

Two servers on one database. Customers order at the first at a steady rate; the streams of all stalls and customers are
open at the second. A line for each of three times: Redis runs, it has been killed, it is back. p50 and p99, of an
order from its POST to the screen of its stall, and of the order's answer. Let nothing else run meanwhile.
"""

import argparse
import asyncio
import tempfile
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import Final

from bench.load.load_client import LoadClient, compiled
from bench.subject import GREETING, Subject
from tests.support.servers.postgres import PostgresServer
from tests.support.servers.redis_server import RedisServer

_STALLS: Final = 20
_CLIENTS: Final = 16
_WARM_S: Final = 5  # after each change: its first seconds are those of the fault table, not of a steady state


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(prog="python -m bench.scaling.latency", description=__doc__)
    parser.add_argument("--streams", type=int, default=1_000)
    parser.add_argument("--rate", type=float, default=100, help="orders a second")
    parser.add_argument("--seconds", type=int, default=10, help="of each line")
    parser.add_argument("--database", choices=["postgres", "sqlite"], default="postgres")
    parsed = parser.parse_args()
    with ExitStack() as stack:
        load = compiled("load", Path(stack.enter_context(tempfile.TemporaryDirectory())))
        redis = stack.enter_context(RedisServer())
        settings = {}
        if parsed.database == "postgres":
            settings["DATABASE_URL"] = stack.enter_context(PostgresServer({"fsync": "on"})).url()
        customers = parsed.streams - _STALLS
        subject = Subject(customers=customers, stalls=_STALLS, redis_url=redis.url, settings=settings)
        stack.callback(subject.stop)
        asyncio.run(subject.furnish())
        buyers = stack.enter_context(LoadClient(load, subject.start()))
        screens = stack.enter_context(LoadClient(load, subject.start(), greeting=GREETING))
        people = list(chain(subject.customers, subject.stalls))
        screens.open_streams(subject.stream_requests(screens, people))
        orders = list(subject.orders(buyers))
        for what, change in (("Redis runs", None), ("Redis is away", redis.kill), ("Redis is back", redis.start)):
            if change is not None:
                change()
            _push(buyers, screens, orders, parsed.rate, _WARM_S)
            print(f"{what:<14}{_push(buyers, screens, orders, parsed.rate, parsed.seconds)}", flush=True)


def _push(buyers: LoadClient, screens: LoadClient, orders: list[bytes], rate: float, seconds: int) -> str:
    """Place orders for so long, and wait until each is on the screen of its stall."""
    screens.reset()
    total = int(rate * seconds)
    answered = buyers.post(orders, clients=_CLIENTS, total=total, rate=rate)["latency_ms"]
    pushed = screens.await_total(total)["latency_ms"]
    return (
        f"to the screen p50 {pushed['p50']:6.1f}  p99 {pushed['p99']:7.1f} ms"
        f"  answer p50 {answered['p50']:5.1f}  p99 {answered['p99']:6.1f} ms"
    )


if __name__ == "__main__":
    main()
