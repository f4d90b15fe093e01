"""`python -m bench.scaling.unheard`: what a server pays for an event of another server.

One server takes the commands, another has the streams, Redis between; only the second is measured. First for events of
people who have no stream there, then for as many of those who have one each. What the server spends in as long a time
without events is taken off. Prints the processor time for each event, as the median and the range of some rounds. Let
nothing else run meanwhile.
"""

import argparse
import asyncio
import json
import resource
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from urllib.request import urlopen

from bench.accounting import cpu_ns, family
from bench.load.load_client import LoadClient, compiled
from bench.subject import GREETING, Subject
from tests.support.servers.redis_server import RedisServer
from tests.support.timing.waiting import until_sync

_BUYERS: Final = 64  # connections over which commands come back to back


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(prog="python -m bench.scaling.unheard", description=__doc__)
    parser.add_argument("--people", type=int, default=1_000, help="with a stream, and as many without")
    parser.add_argument("--events", type=int, default=4_000, help="in each round")
    parser.add_argument("--rounds", type=int, default=4)
    parsed = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with RedisServer() as redis, tempfile.TemporaryDirectory() as folder:
        subject = Subject(customers=2 * parsed.people, redis_url=redis.url)
        asyncio.run(subject.furnish())
        try:
            _measure(subject, compiled("load", Path(folder)), parsed.people, parsed.events, parsed.rounds)
        finally:
            subject.stop()


def _measure(subject: Subject, load: Path, people: int, events: int, rounds: int) -> None:
    commands, hears = subject.start(), subject.start()
    pids = family(subject.pid())
    with LoadClient(load, commands) as speaker, LoadClient(load, hears, greeting=GREETING) as listener:
        listener.open_streams(subject.stream_requests(listener, subject.customers[:people]))
        requests = subject.refreshes(speaker)
        for what, some in (("nobody here hears it", requests[people:]), ("one stream hears it", requests[:people])):
            _round(subject, hears, speaker, some, pids, people)  # caches fill
            costs = [_round(subject, hears, speaker, some, pids, events) for _ in range(rounds)]
            print(f"{what:<21} {statistics.median(costs):5.2f} µs ({min(costs):.2f} to {max(costs):.2f})", flush=True)


def _round(
    subject: Subject, hears: str, speaker: LoadClient, requests: Sequence[bytes], pids: list[int], events: int
) -> float:
    begun, begun_s = cpu_ns(pids), time.monotonic()
    speaker.post(list(requests), clients=_BUYERS, total=events)
    head = subject.query("SELECT position FROM log_head")
    until_sync(lambda: _position(hears) == head, message="the other server has heard of all")
    spent, idle_from = cpu_ns(pids) - begun, cpu_ns(pids)
    time.sleep(time.monotonic() - begun_s)
    return (spent - (cpu_ns(pids) - idle_from)) / events / 1000


def _position(url: str) -> int:
    with urlopen(f"{url}/readyz") as answer:  # noqa: S310 - of our own server
        return int(json.load(answer)["position"])


if __name__ == "__main__":
    main()
