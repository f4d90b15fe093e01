"""What a database holds, read by its plain driver in one snapshot."""

import asyncio
import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import asyncpg


@dataclass(frozen=True)
class LogEntry:
    """One row of the event log."""

    position: int
    topics: frozenset[str]
    type: str
    data: str


class Transfer(NamedTuple):
    """One movement of money, and both balances after it."""

    seq: int
    debit: str
    credit: str
    amount: int
    debit_balance: int
    credit_balance: int
    transfer_id: str = ""
    kind: str = ""
    order_id: str | None = None


class OrderRow(NamedTuple):
    """One order; amounts in minor units."""

    customer: str
    status: str
    total: int
    refunded: int


class Kept(NamedTuple):
    """One answer that is kept for repeats of its command."""

    scope: str
    key: str
    status: int
    body: str = ""


@dataclass(frozen=True)
class Records:
    """Everything that is checked, read in one snapshot."""

    epoch: str
    head: int
    trimmed_to: int
    log: list[LogEntry]
    indexed: set[tuple[str, int]]  # topic, position
    transfers: list[Transfer]
    balances: dict[str, int]
    orders: dict[str, OrderRow]  # by order id
    kept: list[Kept]
    may_owe: frozenset[str] = frozenset()  # accounts whose balance may be below zero


_QUERIES = {
    "head": "SELECT epoch, position, trimmed_to FROM log_head",
    "log": "SELECT position, topics, type, data FROM event_log ORDER BY position",
    "indexed": "SELECT topic, position FROM log_topics",
    "transfers": """
        SELECT seq, debit, credit, amount, debit_balance, credit_balance, transfer_id, kind, order_id
          FROM transfers ORDER BY seq
    """,
    "accounts": "SELECT account_id, balance, overdraft FROM accounts",
    "orders": "SELECT order_id, user_id, status, total, refunded FROM orders",
    "kept": "SELECT scope, key, status, body FROM kept_answers",
}


async def read_records(database_url: str) -> Records:
    """Read a database of either kind, whoever is using it."""
    if database_url.startswith("sqlite"):
        tables = await asyncio.to_thread(_read_sqlite, database_url.removeprefix("sqlite:///"))
    else:
        tables = await _read_postgres(database_url)
    ((epoch, head, trimmed_to),) = tables["head"]
    return Records(
        epoch=epoch,
        head=head,
        trimmed_to=trimmed_to,
        log=[LogEntry(row[0], frozenset(json.loads(row[1])), row[2], row[3]) for row in tables["log"]],
        indexed={(row[0], row[1]) for row in tables["indexed"]},
        transfers=[Transfer(*row) for row in tables["transfers"]],
        balances={row[0]: row[1] for row in tables["accounts"]},
        orders={row[0]: OrderRow(*row[1:]) for row in tables["orders"]},
        kept=[Kept(*row) for row in tables["kept"]],
        may_owe=frozenset(row[0] for row in tables["accounts"] if row[2]),
    )


def _read_sqlite(file: str) -> dict[str, list[tuple[Any, ...]]]:
    return dict(zip(_QUERIES, _query_sqlite(file, _QUERIES.values()), strict=True))


def _query_sqlite(file: str, queries: Iterable[str]) -> list[list[tuple[Any, ...]]]:
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True, isolation_level=None)
    try:
        connection.execute("BEGIN")
        return [connection.execute(query).fetchall() for query in queries]
    finally:
        connection.close()


async def _read_postgres(url: str) -> dict[str, list[tuple[Any, ...]]]:
    return dict(zip(_QUERIES, await _query_postgres(url, _QUERIES.values()), strict=True))


async def _query_postgres(url: str, queries: Iterable[str]) -> list[list[tuple[Any, ...]]]:
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            return [[tuple(row) for row in await connection.fetch(query)] for query in queries]
    finally:
        await connection.close()
