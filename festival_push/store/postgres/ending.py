"""The ends of a transaction: what is known of it when the connection is lost meanwhile, or the standby is not waited
for."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import asyncpg

from festival_push.store.errors import CommitUnknown, Unavailable
from festival_push.store.postgres.connection import is_gone, said

_WAIT_FOR_STANDBY: Final = "SyncRepWaitForLSN"
"""The function of PostgreSQL that warns, whatever its language."""


class StandbyWatch:
    """Notes that the server has ended its wait for a synchronous standby: if somebody cancels the statement, it warns,
    and then says that the commit is done, although the standby may lack it."""

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        self._warned = False
        connection.add_log_listener(self._note)

    def require_waited(self) -> None:
        """Raise CommitUnknown if there was such a warning since the last call."""
        warned, self._warned = self._warned, False
        if warned:
            raise CommitUnknown("PostgreSQL did not wait for its synchronous standby")

    def _note(self, _: object, message: asyncpg.PostgresLogMessage) -> None:
        self._warned |= message.server_source_function == _WAIT_FOR_STANDBY


async def commit(connection: "asyncpg.Connection[asyncpg.Record]", watch: StandbyWatch) -> None:
    """Commit. Raises CommitUnknown; Unavailable if the server has rolled back; errors of asyncpg."""
    with _unknown_if_gone():
        outcome = await connection.execute("COMMIT")
    watch.require_waited()
    if outcome != "COMMIT":  # the server rolls back a transaction in which something failed
        raise Unavailable(f"PostgreSQL answered COMMIT with {outcome}")


async def write_and_commit(
    connection: "asyncpg.Connection[asyncpg.Record]",
    watch: StandbyWatch,
    sql: str,
    values: Sequence[Any],
    *,
    within_s: float,
) -> str:
    """Run a statement outside a transaction, which commits it. Return its one value; "" if it has none.

    Raises CommitUnknown; errors of asyncpg, and then nothing was written.
    """
    with _unknown_if_gone():
        found = await connection.fetchval(sql, *values, timeout=within_s)
    watch.require_waited()
    return found or ""


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
