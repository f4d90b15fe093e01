"""How long reports take over a festival of a million movements, and how long the server's loop is held meanwhile.

`python -m bench.reports` fills a database in SQLite with orders of ten days, and asks what stalls and the office ask.
Let nothing else run meanwhile.
"""

import argparse
import asyncio
import itertools
import json
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from festival_push.domain.money.amounts import currency_of
from festival_push.domain.reports.days import day_begins
from festival_push.domain.values import Rules, VendorId
from festival_push.store.migrations.runner import migrate
from festival_push.store.opening import open_database
from festival_push.store.reads.reads import Reads
from festival_push.store.reads.reports.windows import WHOLE, after_transfer, between

_STALLS: Final = 50
_PEOPLE: Final = 2_000
_DAYS: Final = 10
_DAY_MS: Final = 24 * 3_600_000
_PRICE: Final = 450
_FEE: Final = 11
_TOP_UP_EVERY: Final = 4  # orders
_REFUND_EVERY: Final = 50
_BEAT_S: Final = 0.001
RULES: Final = Rules(
    currency=currency_of("EUR"), timezone=ZoneInfo("Europe/Berlin"), platform_fee_bp=250, amount_max=1, balance_max=1,
    order_lines_max=1, menu_items_max=1, open_orders_max=1, cancel_ms=0,
)  # fmt: skip
_FIRST: Final = "2026-07-01"
_TRANSFER: Final = """
    INSERT INTO transfers (transfer_id, seq, kind, debit, credit, amount, debit_balance, credit_balance, order_id, at,
                           actor)
    VALUES (?, ?, ?, ?, ?, ?, 0, 0, ?, ?, 'user:u1')
"""
_ORDER: Final = """
    INSERT INTO orders (order_id, vendor_id, vendor_name, user_id, customer_name, number, status, lines, total,
                        refunded, platform_fee, fee_refunded, placed, created_at, updated_at, completed_at)
    VALUES (?, ?, ?, ?, ?, 1, 'completed', ?, ?, ?, ?, 0, ?, ?, ?, ?)
"""


def main() -> None:
    """Fill, ask, and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.reports", description=__doc__)
    parser.add_argument("--movements", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parsed = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="festival-push-bench-") as folder:
        asyncio.run(_measure(Path(folder) / "festival.db", parsed.movements, parsed.rounds))


async def _measure(path: Path, movements: int, rounds: int) -> None:
    database = await open_database(f"sqlite:///{path}")
    await migrate(database)
    await database.close()
    began = time.perf_counter()
    with closing(sqlite3.connect(path)) as connection:
        newest = _fill(connection, movements)
    print(f"{newest:,} movements in {time.perf_counter() - began:.0f} s")
    database = await open_database(f"sqlite:///{path}")
    try:
        for what, ask in _questions(Reads(database), newest).items():
            times = [await _timed(ask) for _ in range(rounds)]
            took, held = (statistics.median(each) * 1_000 for each in zip(*times, strict=True))
            print(f"{what:44} {took:8.1f} ms   the loop was held for {held:6.1f} ms at most")
    finally:
        await database.close()


def _questions(reads: Reads, newest: int) -> dict[str, Callable[[], Awaitable[Any]]]:
    begins = day_begins(_FIRST, RULES)
    day = between(day_begins("2026-07-05", RULES), day_begins("2026-07-06", RULES))
    days, stall = between(begins, day_begins("2026-07-11", RULES)), VendorId("stall-1")
    last = after_transfer(newest - newest // _DAYS, newest)
    return {
        "a stall's takings of a day": lambda: reads.figures(day, stall),
        "a stall's X report of a day": lambda: reads.figures(last, stall),
        "a stall's settlement": lambda: reads.figures(WHOLE, stall),
        "a stall by hour, ten days": lambda: reads.by_quarter(days, stall),
        "the festival by stall, a day": lambda: reads.by_stall(day),
        "the festival by hour, ten days": lambda: reads.by_quarter(days),
        "the festival by item, ten days": lambda: reads.figures(days),
        "the festival's X report of a day": lambda: reads.figures(last),
    }


async def _timed(ask: Callable[[], Awaitable[Any]]) -> tuple[float, float]:
    """Return how long an answer took, and the longest time for which nothing else ran in the loop, in seconds."""
    beats: list[float] = []

    async def beat() -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(_BEAT_S)
            beats.append(time.perf_counter() - began - _BEAT_S)

    beating = asyncio.create_task(beat())
    await asyncio.sleep(0)
    began = time.perf_counter()
    await ask()
    took = time.perf_counter() - began
    await asyncio.sleep(2 * _BEAT_S)
    beating.cancel()
    return took, max(beats)


def _fill(connection: sqlite3.Connection, movements: int) -> int:
    """Put people, stalls, orders and transfers into the database; return the number of the newest transfer."""
    connection.execute("PRAGMA foreign_keys = OFF")
    accounts = [
        "fees", "desk:cash", *(f"till:stall-{number}" for number in range(_STALLS)),
        *(f"user:u{number}" for number in range(_PEOPLE)),
    ]  # fmt: skip
    with connection:
        connection.executemany(
            "INSERT INTO accounts (account_id, balance, overdraft) VALUES (?, 0, 1)", [(name,) for name in accounts]
        )
        connection.executemany(
            "INSERT INTO vendors (vendor_id, name, open, auto_accept, last_number, number_day)"
            " VALUES (?, ?, 1, 1, 0, '')",
            [(f"stall-{number}", f"Stall {number}") for number in range(_STALLS)],
        )
        seqs = itertools.count(1)
        sales = _sales(movements, seqs)
        while chunk := list(itertools.islice(sales, 5_000)):
            connection.executemany(_ORDER, [order for order, _ in chunk])
            connection.executemany(_TRANSFER, [row for _, rows in chunk for row in rows])
    return next(seqs) - 1


def _sales(movements: int, seqs: Iterator[int]) -> Iterator[tuple[tuple[Any, ...], list[tuple[Any, ...]]]]:
    """Give orders with their transfers: the purchase and its fee, now and then a top-up or a refund."""
    dice = random.Random(1)  # noqa: S311  # the same at every run
    begins, orders = day_begins(_FIRST, RULES), int(movements / (2 + 1 / _TOP_UP_EVERY + 1 / _REFUND_EVERY))
    for number in range(orders):
        at = begins + number * _DAYS * _DAY_MS // orders
        stall, person = f"stall-{dice.randrange(_STALLS)}", f"u{dice.randrange(_PEOPLE)}"
        order_id, total = f"o{number}", 3 * _PRICE
        lines = json.dumps(
            [
                {"itemId": f"{stall}-{item}", "name": f"Item {item}", "quantity": quantity, "unitPrice": _PRICE,
                 "total": quantity * _PRICE, "taxBp": rate}
                for item, quantity, rate in ((dice.randrange(20), 2, 700), (dice.randrange(20, 40), 1, 1_900))
            ]
        )  # fmt: skip
        rows: list[tuple[Any, ...]] = []

        def move(kind: str, debit: str, credit: str, amount: int, of: str | None) -> int:
            seq = next(seqs)
            rows.append((f"t{seq}", seq, kind, debit, credit, amount, of, at))  # noqa: B023  # called at once
            return seq

        if number % _TOP_UP_EVERY == 0:
            move("top-up", "desk:cash", f"user:{person}", 4 * total, None)
        placed = move("purchase", f"user:{person}", f"till:{stall}", total, order_id)
        move("fee", f"till:{stall}", "fees", _FEE, order_id)
        refunded = _PRICE if number % _REFUND_EVERY == 0 else 0
        if refunded:
            move("refund", f"till:{stall}", f"user:{person}", refunded, order_id)
        yield (order_id, stall, stall, person, person, lines, total, refunded, _FEE, placed, at, at, at), rows


if __name__ == "__main__":
    main()
