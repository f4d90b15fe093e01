"""The ends of a transaction: what is known of it when the connection is lost meanwhile."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import asyncpg

from festival_push.store.errors import CommitUnknown, Unavailable
from festival_push.store.postgres.connection import is_gone, said


async def commit(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Commit. Raises CommitUnknown; Unavailable if the server has rolled back; errors of asyncpg."""
    with _unknown_if_gone():
        outcome = await connection.execute("COMMIT")
    if outcome != "COMMIT":  # the server rolls back a transaction in which something failed
        raise Unavailable(f"PostgreSQL answered COMMIT with {outcome}")


async def write_and_commit(
    connection: "asyncpg.Connection[asyncpg.Record]", sql: str, values: Sequence[Any], *, within_s: float
) -> str:
    """Run a statement outside a transaction, which commits it. Return its one value; "" if it has none.

    Raises CommitUnknown; errors of asyncpg, and then nothing was written.
    """
    with _unknown_if_gone():
        return await connection.fetchval(sql, *values, timeout=within_s) or ""


@contextmanager
def _unknown_if_gone() -> Iterator[None]:
    try:
        yield
    except asyncpg.ReadOnlySQLTransactionError:
        raise  # which has certainly not committed
    except Exception as error:
        if is_gone(error):
            raise CommitUnknown(f"{type(error).__name__}: {said(error)}") from error
        raise
