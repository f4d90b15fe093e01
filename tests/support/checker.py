"""What must hold, read from the database by its plain driver: shares no code with the server.

Every check gives findings, one sentence each; nothing wrong is an empty list.
"""

import asyncio
import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import asyncpg

from tests.support.wire.sse import Frame


@dataclass(frozen=True)
class LogEntry:
    """One row of the event log."""

    position: int
    topics: frozenset[str]
    type: str
    data: str


@dataclass(frozen=True)
class Records:
    """Everything that is checked, read in one snapshot."""

    epoch: str
    head: int
    trimmed_to: int
    log: list[LogEntry]
    indexed: set[tuple[str, int]]  # topic, position
    transfers: list[tuple[int, str, str, int, int, int]]  # seq, debit, credit, amount, and both balances after it
    balances: dict[str, int]
    orders: dict[str, tuple[str, str, int, int]]  # customer, status, total and refunded, by order id
    kept: list[tuple[str, str, int]]  # scope, key, HTTP status


_QUERIES = {
    "head": "SELECT epoch, position, trimmed_to FROM log_head",
    "log": "SELECT position, topics, type, data FROM event_log ORDER BY position",
    "indexed": "SELECT topic, position FROM log_topics",
    "transfers": "SELECT seq, debit, credit, amount, debit_balance, credit_balance FROM transfers ORDER BY seq",
    "accounts": "SELECT account_id, balance FROM accounts",
    "orders": "SELECT order_id, user_id, status, total, refunded FROM orders",
    "kept": "SELECT scope, key, status FROM kept_answers",
}


async def read_records(database_url: str) -> Records:
    """Read a database of either kind, whoever is using it."""
    if database_url.startswith("sqlite"):
        tables = await asyncio.to_thread(_read_sqlite, _file_of(database_url))
    else:
        tables = await _read_postgres(database_url)
    ((epoch, head, trimmed_to),) = tables["head"]
    return Records(
        epoch=epoch,
        head=head,
        trimmed_to=trimmed_to,
        log=[LogEntry(row[0], frozenset(json.loads(row[1])), row[2], row[3]) for row in tables["log"]],
        indexed={(row[0], row[1]) for row in tables["indexed"]},
        transfers=[(row[0], row[1], row[2], row[3], row[4], row[5]) for row in tables["transfers"]],
        balances={row[0]: row[1] for row in tables["accounts"]},
        orders={row[0]: (row[1], row[2], row[3], row[4]) for row in tables["orders"]},
        kept=[(row[0], row[1], row[2]) for row in tables["kept"]],
    )


def _file_of(database_url: str) -> str:
    return database_url.removeprefix("sqlite:///")


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


# The checks


def broken_promises(records: Records) -> list[str]:
    """Check log, ledger, orders and idempotency keys against each other."""
    return [*_log_findings(records), *_ledger_findings(records), *_order_findings(records), *_key_findings(records)]


def _log_findings(records: Records) -> list[str]:
    findings = []
    positions = [entry.position for entry in records.log]
    if positions != list(range(records.trimmed_to + 1, records.head + 1)):
        findings.append(f"the log is not {records.trimmed_to + 1}..{records.head} without a gap")
    told = {(topic, entry.position) for entry in records.log for topic in entry.topics}
    if told != records.indexed:
        findings.append(f"the topics' index differs from the log: {sorted(told ^ records.indexed)[:5]}")
    return findings


def _ledger_findings(records: Records) -> list[str]:
    findings = []
    balances: Counter[str] = Counter()
    for expected_seq, (seq, debit, credit, amount, debit_balance, credit_balance) in enumerate(records.transfers, 1):
        balances[debit] -= amount
        balances[credit] += amount
        if seq != expected_seq:
            findings.append(f"transfer {expected_seq} is numbered {seq}")
        if (balances[debit], balances[credit]) != (debit_balance, credit_balance):
            findings.append(f"transfer {seq} notes other balances than the transfers before it give")
    if sum(records.balances.values()):
        findings.append(f"the balances sum up to {sum(records.balances.values())}")
    for account, balance in records.balances.items():
        if balance != balances[account]:
            findings.append(f"{account} has {balance}, its transfers say {balances[account]}")
    findings += [
        f"{account} is negative"
        for account, balance in records.balances.items()
        if balance < 0 and account.startswith("user:")
    ]
    return findings


def _order_findings(records: Records) -> list[str]:
    findings = []
    told = Counter(json.loads(entry.data)["orderId"] for entry in records.log if entry.type == "new-order")
    for order_id, (_, status, total, refunded) in records.orders.items():
        if not 0 <= refunded <= total:
            findings.append(f"{order_id}: {refunded} of {total} refunded")
        if status == "cancelled" and refunded != total:
            findings.append(f"{order_id} is cancelled, {refunded} of {total} went back")
        if told[order_id] != 1 and not records.trimmed_to:
            findings.append(f"{order_id} was told {told[order_id]} times")
    return findings


def _key_findings(records: Records) -> list[str]:
    counts = Counter((scope, key) for scope, key, _ in records.kept)
    findings = [
        f"key {key!r} of {scope!r} is kept {count} times" for (scope, key), count in counts.items() if count > 1
    ]
    placed = sum(1 for scope, _, status in records.kept if scope.endswith(("/v1/orders", "/pay")) and status == 201)
    if placed != len(records.orders):
        findings.append(f"{len(records.orders)} orders, but {placed} keys that placed one")
    return findings


def stream_findings(
    received: Iterable[Frame], records: Records, topics: Collection[str], *, after: int, up_to: int | None = None
) -> list[str]:
    """Compare what one client received, over all its connections, with the log filtered by its topics.

    Args:
        after: The position that the client began after.
        up_to: The last position that it can have seen; None for the head.
    """
    last = records.head if up_to is None else up_to
    expected = [
        entry for entry in records.log if after < entry.position <= last and not entry.topics.isdisjoint(topics)
    ]
    for number, (frame, entry) in enumerate(zip_longest(received, expected)):
        if entry is None:
            return [f"frame {number} ({frame.id} {frame.event}) is beyond the log of {len(expected)} events"]
        if frame is None:
            return [f"{number} of {len(expected)} events came; the next would be {entry.position} {entry.type}"]
        if (frame.id, frame.event, frame.data) != (f"{records.epoch}.{entry.position}", entry.type, entry.data):
            return [f"frame {number} is {frame.id} {frame.event}, the log says {entry.position} {entry.type}"]
    return []


def last_position(records: Records, topics: Collection[str]) -> int:
    """The position of the newest event that carries one of the topics."""
    return max(entry.position for entry in records.log if not entry.topics.isdisjoint(topics))
