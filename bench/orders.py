"""Durable orders: how many a second, at what CPU, while the people's streams are open.

`python -m bench.orders` starts a real server on a fresh SQLite file, opens the streams of 500 customers and 20 stalls,
and lets 64 keep-alive clients order back to back. Between rounds the stalls finish their orders, which is not measured.
"""

import argparse
import asyncio
import json
import time
from collections import deque
from functools import partial

import uvloop

from bench.http_client import Connection, Drain, percentiles, stream_request
from bench.subject import Subject


async def measure(*, clients: int, rounds: int, orders_per_round: int) -> dict[str, float]:
    """Run it; medians over the rounds."""
    subject = Subject(customers=500, stalls=20)
    await subject.furnish()
    subject.start()
    try:
        return await _measure(subject, clients, rounds, orders_per_round)
    finally:
        subject.stop()


async def _measure(subject: Subject, clients: int, rounds: int, orders_per_round: int) -> dict[str, float]:
    buyers, keepers = subject.tokens(subject.customers), subject.tokens(subject.stalls)
    loop = asyncio.get_running_loop()
    for token in (*buyers, *keepers):
        request = stream_request(subject.host, subject.port, token)
        await loop.create_connection(partial(Drain, request), subject.host, subject.port)
    connections = [await Connection.open(subject.host, subject.port) for _ in range(clients)]
    await _order(connections, buyers, list(range(200)), "warm")
    rates, costs, latencies = [], [], []
    for number in range(rounds):
        cpu, begun = subject.cpu_s(), time.perf_counter()
        placed = await _order(connections, buyers, list(range(orders_per_round)), f"r{number}")
        rates.append(orders_per_round / (time.perf_counter() - begun))
        costs.append((subject.cpu_s() - cpu) / orders_per_round * 1e6)
        latencies += [seconds for _, _, seconds in placed]
        await _finish(connections, keepers, [(order_id, stall) for order_id, stall, _ in placed])
    for connection in connections:
        connection.close()
    result = {"orders_per_s": sorted(rates)[len(rates) // 2], "cpu_us_per_order": sorted(costs)[len(costs) // 2]}
    result["orders_per_batch"] = subject.orders_per_batch()
    return result | {f"latency_ms_{name}": seconds * 1000 for name, seconds in percentiles(latencies)}


async def _order(
    connections: list[Connection], buyers: list[str], numbers: list[int], label: str
) -> list[tuple[str, int, float]]:
    """Place one order a number; returns (order id, stall, seconds) each."""
    waiting, placed = deque(numbers), []

    async def buy(connection: Connection) -> None:
        while waiting:
            number = waiting.popleft()
            stall = number % 20
            body = b'{"vendorId":"s%d","items":[{"itemId":"i%d","quantity":1}]}' % (stall, stall)
            reply = await connection.post("/v1/orders", buyers[number % len(buyers)], body, key=f"{label}-{number}")
            assert reply.status == 201, reply
            placed.append((json.loads(reply.body)["order"]["orderId"], stall, reply.seconds))

    await asyncio.gather(*(buy(connection) for connection in connections))
    return placed


async def _finish(connections: list[Connection], keepers: list[str], orders: list[tuple[str, int]]) -> None:
    waiting = deque(orders)

    async def serve(connection: Connection) -> None:
        while waiting:
            order_id, stall = waiting.popleft()
            for status in (b"ready", b"completed"):
                body = b'{"status":"%s"}' % status
                reply = await connection.post(f"/v1/orders/{order_id}/status", keepers[stall], body)
                assert reply.status == 200, reply

    await asyncio.gather(*(serve(connection) for connection in connections))


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--orders", type=int, default=4_000, help="per round")
    parsed = parser.parse_args()
    result = uvloop.run(measure(clients=parsed.clients, rounds=parsed.rounds, orders_per_round=parsed.orders))
    print(json.dumps({name: round(figure, 2) for name, figure in result.items()}, indent=2))


if __name__ == "__main__":
    main()
