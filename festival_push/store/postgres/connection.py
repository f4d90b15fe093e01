"""What a PostgreSQL connection must be set to, and what its errors mean."""

import asyncio
from typing import Any, Final, TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from festival_push.store.errors import Unavailable, WriteFailed
from festival_push.store.sql import Rows, Statement, for_postgres

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]"

LOST: Final = (OSError, asyncio.TimeoutError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What asyncpg raises when there is no connection any more, beside errors that the server still could send."""

_UNAVAILABLE: Final = ("08", "25006", "25P03", "28", "3D", "40", "53", "55P03", "57", "58", "XX001", "XX002")
"""SQLSTATE beginnings: connection, read-only standby, idle too long, sign-in, no such database, deadlock, disk or
memory full, lock timeout, statement timeout or shutdown, I/O error, corruption."""
_GONE: Final = ("08", "25P03", "57P", "58", "XX001", "XX002")


def bounds(wait_s: float, *, read_only: bool) -> dict[str, Any]:
    """Connection arguments: nothing may wait for ever, neither here nor in the server."""
    wait_ms = str(int(wait_s * 1000))
    settings = {
        "application_name": "festival-push",
        "lock_timeout": wait_ms,
        "statement_timeout": str(int(wait_s * 2000)),
        "idle_in_transaction_session_timeout": str(int(wait_s * 2000)),
        "timezone": "UTC",
    }
    if read_only:
        settings["default_transaction_read_only"] = "on"
    else:
        settings["synchronous_commit"] = "on"
    return {
        "server_settings": settings, "timeout": wait_s, "command_timeout": wait_s * 3, "statement_cache_size": 512,
    }  # fmt: skip


async def run_select(connection: Connection, statement: Statement) -> Rows:
    """Run one SELECT."""
    sql, params = statement
    return [tuple(record) for record in await connection.fetch(for_postgres(sql), *params)]


def is_unavailable(error: BaseException) -> bool:
    """Whether a retry may help; otherwise a constraint, a value or our SQL is to blame."""
    if isinstance(error, asyncpg.PostgresError):
        return (error.sqlstate or "08").startswith(_UNAVAILABLE)
    # What asyncpg can't encode is the caller's fault.
    return isinstance(error, LOST) and not isinstance(error, ValueError)


def is_gone(error: BaseException) -> bool:
    """Whether the connection is lost, so that nobody knows what became of the statement it ran."""
    if isinstance(error, asyncpg.PostgresError):
        return (error.sqlstate or "08").startswith(_GONE)
    return is_unavailable(error)


def translated(error: Exception) -> Exception:
    """Say what an error means for a batch."""
    reason = f"{type(error).__name__}: {error}"
    return Unavailable(reason) if is_unavailable(error) else WriteFailed(reason)
