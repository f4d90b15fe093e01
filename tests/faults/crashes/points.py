"""Where a server may die while it takes an order, and what else is done to it, in its process, before it begins."""

import ctypes
import os
import signal
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, Final
from unittest.mock import patch

from festival_push.store.postgres import writer as postgres_writer
from festival_push.store.sqlite.writer import SqliteWriter
from festival_push.store.writing.group_commit import GroupCommit
from festival_push.store.writing.transaction import Transactions

ORDERS: Final = "INSERT INTO orders "
TOLD: Final = "new-order"
_PR_SET_PTRACER: Final = 0x59616D61


def before_writing() -> None:
    """Decided, and nothing of it written."""
    _arm(die)


def before_commit() -> None:
    """Written, and COMMIT not sent. PostgreSQL commits with the statement that writes, while nobody else does: then
    that one is not sent."""
    armed: list[bool] = []
    _arm(lambda: armed.append(True))
    write_and_commit = SqliteWriter._write_and_commit

    def by_sqlite(self: SqliteWriter, writes: Any, connection: sqlite3.Connection) -> None:
        if armed:
            connection.set_trace_callback(lambda sql: die() if sql == "COMMIT" else None)
        write_and_commit(self, writes, connection)

    def by_postgres(commit: Callable[..., Any]) -> Callable[..., Any]:
        async def committing(*given: Any, **named: Any) -> Any:
            if armed:
                die()
            return await commit(*given, **named)

        return committing

    patch.object(SqliteWriter, "_write_and_commit", by_sqlite).start()
    for name in ("commit", "write_and_commit"):
        patch.object(postgres_writer, name, by_postgres(getattr(postgres_writer, name))).start()


def before_telling() -> None:
    """Committed, and told to no stream."""
    _when_told(lambda _: die())


def before_answering() -> None:
    """Told to the streams of this server, and not answered."""

    def last(tell: Callable[[], None]) -> None:
        tell()
        die()

    _when_told(last)


def lets_itself_be_traced() -> None:
    """Where a process may trace its children only, by whom it likes."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PTRACER, ctypes.c_ulong(-1), 0, 0, 0)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _arm(act: Callable[[], None]) -> None:
    """Act when a batch that holds an order is about to be written."""
    flush = Transactions._flush

    async def armed(self: Transactions, writes: Sequence[Any], at: Any, *, proves: bool) -> None:
        if any(ORDERS in sql for sql, _ in writes):
            act()
        await flush(self, writes, at, proves=proves)

    patch.object(Transactions, "_flush", armed).start()


def _when_told(act: Callable[[Callable[[], None]], None]) -> None:
    """Act when the news of an order are about to be told."""
    tell = GroupCommit._tell

    def told(self: GroupCommit, rows: tuple[Any, ...]) -> None:
        if any(row.type == TOLD for row in rows):
            act(lambda: tell(self, rows))
        else:
            tell(self, rows)

    patch.object(GroupCommit, "_tell", told).start()
