"""Durable orders: what one costs, and how soon the other person has it on their screen."""

import asyncio
from itertools import chain
from pathlib import Path
from typing import Final

from bench.accounting import cpu_ns, family
from bench.fan_out import Figures
from bench.load.load_client import LoadClient
from bench.subject import GREETING, Subject

STALLS: Final = 60
_BUYERS: Final = 1_000
_WARM: Final = 500


def measure_orders(
    load: Path, *, clients: int = 64, orders: int = 3_000, settings: dict[str, str] | None = None
) -> Figures:
    """Orders back to back over so many connections, beside commands that are authenticated and commit nothing.

    Twice, each time on a fresh ground, for a stall's open orders make the next one dearer: nobody listens; and the
    streams of half of the buyers and of all stalls are open.
    """
    unheard = _back_to_back(load, clients, orders, settings, listening=0)
    heard = _back_to_back(load, clients, orders, settings, listening=_BUYERS // 2)
    return (
        heard
        | {name: unheard[name] for name in ("no_op_us", "no_ops_per_s")}
        | {"unheard_order_us": unheard["order_us"]}
    )


def _back_to_back(load: Path, clients: int, orders: int, settings: dict[str, str] | None, *, listening: int) -> Figures:
    subject = Subject(customers=_BUYERS, stalls=STALLS, settings=settings)
    asyncio.run(subject.furnish())
    try:
        url = subject.start()
        pids = family(subject.pid())
        with LoadClient(load, url) as buyers, LoadClient(load, url, greeting=GREETING) as screens:
            if listening:
                people = (*subject.customers[:listening], *subject.stalls)
                screens.open_streams(subject.stream_requests(screens, people))
            requests, tickets = list(subject.orders(buyers)), list(subject.tickets(buyers))
            buyers.post(requests, clients=clients, total=_WARM)
            if listening:
                screens.await_total(_WARM)
            buyers.post(tickets, clients=clients, total=_WARM)
            begun = cpu_ns(pids)
            no_op = buyers.post(tickets, clients=clients, total=orders)
            no_op_us = (cpu_ns(pids) - begun) / orders / 1000
            screens.reset()  # their snapshots may hold orders, too
            before = subject.query("SELECT max(created_at) FROM orders")
            begun = cpu_ns(pids)
            report = buyers.post(requests, clients=clients, total=orders)
            if listening:
                screens.await_total(orders)  # each on the screen of its stall
            order_us = (cpu_ns(pids) - begun) / orders / 1000
            batches = subject.query("SELECT count(DISTINCT created_at) FROM orders WHERE created_at > ?", before)
    finally:
        subject.stop()
    latency = {f"order_{name}_ms": report["latency_ms"][name] for name in ("p50", "p99")}
    return {
        "order_us": order_us,
        "no_op_us": no_op_us,
        "orders_per_s": orders / report["seconds"],
        "no_ops_per_s": orders / no_op["seconds"],
        "orders_per_batch": orders / batches,
        **latency,
    }


def measure_push(load: Path, *, streams: int = 5_000, rate: float = 500, seconds: int = 10) -> Figures:
    """From the customer's POST to the stall's screen, at a steady rate, while everybody's stream is open."""
    subject = Subject(customers=streams - STALLS, stalls=STALLS)
    asyncio.run(subject.furnish())
    try:
        url = subject.start()
        with LoadClient(load, url) as buyers, LoadClient(load, url, greeting=GREETING) as screens:
            people = list(chain(subject.customers, subject.stalls))
            screens.open_streams(subject.stream_requests(screens, people))
            requests = list(subject.orders(buyers))
            buyers.post(requests, clients=64, total=_WARM)
            screens.await_total(_WARM)
            screens.reset()
            total = int(rate * seconds)
            posted = buyers.post(requests, clients=64, total=total, rate=rate)
            report = screens.await_total(total)
    finally:
        subject.stop()
    pushed, answered = report["latency_ms"], posted["latency_ms"]
    return {"push_p50_ms": pushed["p50"], "push_p99_ms": pushed["p99"], "answer_p99_ms": answered["p99"]}
