"""Idle streams and reconnects: the server's memory for each, and how soon a client that comes back is served.

`python -m bench.streams` starts a real server, opens streams in steps and reads the server's resident memory; then
everybody misses some events and comes back at once with their cursors.
"""

import argparse
import asyncio
import json
import re
import resource
import time
from functools import partial
from typing import Final

import uvloop

from bench.http_client import Connection, Drain, percentiles, stream_request
from bench.subject import Subject
from festival_push.domain.values import UserId

_AT_ONCE: Final = 40


class Catcher(Drain):
    """A stream that notes its last id, and when the last of the events it waits for came."""

    def __init__(self, request: bytes, awaited: int) -> None:
        super().__init__(request)
        self.cursor = ""
        self.events = 0
        self.begun = time.perf_counter()
        self.first_event_s: float | None = None
        self.caught_up: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._awaited = awaited

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        found = re.findall(rb"id: (\S+)\n", data)
        if not found:
            return
        self.cursor = found[-1].decode()
        self.events += len(found)
        self.first_event_s = self.first_event_s or time.perf_counter() - self.begun
        if self.events >= self._awaited and not self.caught_up.done():
            self.caught_up.set_result(time.perf_counter() - self.begun)


async def measure(*, streams: int, missed: int) -> dict[str, float]:
    """Run it."""
    subject = Subject(customers=streams, stalls=1)
    await subject.furnish()
    subject.start()
    try:
        memory = await _memory(subject)
        return memory | await _reconnect(subject, missed)
    finally:
        subject.stop()


async def _open(subject: Subject, tokens: list[str], cursors: list[str] | None, awaited: int) -> list[Catcher]:
    loop = asyncio.get_running_loop()
    opened = []
    for number, token in enumerate(tokens):
        request = stream_request(subject.host, subject.port, token, cursors[number] if cursors else None)
        _, catcher = await loop.create_connection(partial(Catcher, request, awaited), subject.host, subject.port)
        opened.append(catcher)
    return opened


async def _memory(subject: Subject) -> dict[str, float]:
    """The slope between a quarter and all of the streams, so that what the process needs anyway falls out."""
    tokens = subject.tokens(subject.customers)
    quarter = len(tokens) // 4
    await _open_in_turn(subject, tokens[:quarter])
    before = subject.rss_bytes()
    await _open_in_turn(subject, tokens[quarter:])
    return {"kib_per_idle_stream": (subject.rss_bytes() - before) / (len(tokens) - quarter) / 1024}


async def _open_in_turn(subject: Subject, tokens: list[str]) -> list[Catcher]:
    """Some at a time: what a crowd at the door takes for a moment is not what an open stream keeps."""
    opened = []
    for start in range(0, len(tokens), _AT_ONCE):
        some = await _open(subject, tokens[start : start + _AT_ONCE], None, 1)
        await asyncio.gather(*(catcher.caught_up for catcher in some))
        opened += some
    return opened


async def _reconnect(subject: Subject, missed: int) -> dict[str, float]:
    """Each customer misses `missed` events of three orders each, and comes back."""
    tokens = subject.tokens(subject.customers)
    opened = await _open_in_turn(subject, tokens)
    cursors = [catcher.cursor for catcher in opened]
    connections = [await Connection.open(subject.host, subject.port) for _ in range(32)]
    organiser = subject.tokens([UserId("organiser")])[0]

    async def top_up(connection: Connection, share: range) -> None:
        for number in share:
            for turn in range(-(-missed // 3)):  # a top-up is three events
                body = b'{"userId":"c%d","amount":100,"method":"cash","note":""}' % number
                reply = await connection.post("/v1/admin/top-ups", organiser, body, key=f"m-{number}-{turn}")
                assert reply.status == 201, reply

    shares = (range(first, len(tokens), len(connections)) for first in range(len(connections)))
    await asyncio.gather(*(top_up(*pair) for pair in zip(connections, shares, strict=True)))
    begun = time.perf_counter()
    again = await _open(subject, tokens, cursors, -(-missed // 3) * 3)
    await asyncio.gather(*(catcher.caught_up for catcher in again))
    everybody_s = time.perf_counter() - begun
    alone = [await _alone(subject, tokens[number], cursors[number]) for number in range(20)]
    firsts = [catcher.first_event_s for catcher in again if catcher.first_event_s is not None]
    result = {"reconnect_all_s": everybody_s, "first_event_ms_alone": sorted(alone)[len(alone) // 2] * 1000}
    return result | {f"first_event_ms_{name}": seconds * 1000 for name, seconds in percentiles(firsts)}


async def _alone(subject: Subject, token: str, cursor: str) -> float:
    """Seconds from a single reconnect, the connection included, to the first event that was missed."""
    [catcher] = await _open(subject, [token], [cursor], 1)
    await catcher.caught_up
    assert catcher.first_event_s is not None
    return catcher.first_event_s


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=2_000)
    parser.add_argument("--missed", type=int, default=20)
    parsed = parser.parse_args()
    files, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, max(files, parsed.streams * 3 + 100)), most))
    result = uvloop.run(measure(streams=parsed.streams, missed=parsed.missed))
    print(json.dumps({name: round(figure, 2) for name, figure in result.items()}, indent=2))


if __name__ == "__main__":
    main()
