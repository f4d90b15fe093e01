"""The settings of a PostgreSQL connection, and the meaning of its errors."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from festival_push.store.errors import Unavailable, WriteFailed
from festival_push.store.postgres.joining import as_one
from festival_push.store.sql import Rows, Statement, for_postgres

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]"

LOST: Final = (OSError, asyncio.TimeoutError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""The errors that asyncpg raises when the connection is lost, besides those that the server could still send."""

_UNAVAILABLE: Final = ("08", "25006", "25P03", "28", "3D", "40", "53", "55P03", "57", "58", "XX001", "XX002")
"""Beginnings of SQLSTATEs that a retry may help with: connection, read-only standby, idle too long, sign-in, no such
database, deadlock, disk or memory full, lock timeout, statement timeout or shutdown, I/O error, corruption."""
_GONE: Final = ("08", "25006", "25P03", "57P", "58", "XX001", "XX002")


_ANSWER_S: Final = 0.1


def bounds(wait_s: float, *, read_only: bool, each_step: bool = False) -> dict[str, Any]:
    """Return the connection arguments, in which every wait has a bound, both here and in the server.

    Args:
        wait_s: The longest wait for a lock.
        each_step: True for the writer of a server: no step may take longer than that, nor may the server wait so long
            for us in a transaction; else twice as long, and three times here. A server that lives says that a wait was
            too long before we give up on it.
    """
    step_s, here_s = (wait_s, wait_s + _ANSWER_S) if each_step else (2 * wait_s, 3 * wait_s)
    settings = {
        "application_name": "festival-push",
        "lock_timeout": _ms(wait_s),
        "statement_timeout": _ms(step_s),
        "idle_in_transaction_session_timeout": _ms(step_s),
        "tcp_user_timeout": _ms(step_s),  # a client that is cut off takes no answer, and its transaction waits for that
        "timezone": "UTC",
        "default_transaction_isolation": "read committed",  # what a statement alone is run by, too
        "jit": "off",  # compiling a statement of many short SELECTs takes longer than running it
    }
    if read_only:
        settings["default_transaction_read_only"] = "on"
    else:
        settings["synchronous_commit"] = "on"
        settings["client_min_messages"] = "warning"  # `StandbyWatch` must hear them
    if each_step:
        # It finds rows by keys. In a table that is small, or was when it was last counted, PostgreSQL would compare
        # each row with each key instead, or gather pages first: a sixth of its work for 32 orders; and it would read
        # the whole table to join some rows. And it would plan the statement for few keys anew each time, because it
        # takes a list of unknown length for ten keys: a quarter of its work for one order (decisions 0068 and 0071).
        settings |= dict.fromkeys(("enable_seqscan", "enable_bitmapscan", "enable_hashjoin", "enable_mergejoin"), "off")
        settings["plan_cache_mode"] = "force_generic_plan"
    return {
        "server_settings": settings, "timeout": wait_s, "command_timeout": here_s, "statement_cache_size": 512,
    }  # fmt: skip


def _ms(seconds: float) -> str:
    return str(int(seconds * 1000))


async def run_select(connection: Connection, statement: Statement) -> Rows:
    """Run one SELECT, and return its rows."""
    sql, params = statement
    return [tuple(record) for record in await connection.fetch(for_postgres(sql), *params)]


async def run_at_once(connection: Connection, statements: Sequence[Statement]) -> list[Rows] | None:
    """Run SELECTs as one statement, which is a snapshot by itself; return None if they are too long for that."""
    if len(statements) < 2:
        return [await run_select(connection, statement) for statement in statements]
    one = as_one(statements)
    if one is None:
        return None
    [arrays] = await run_select(connection, one)
    return [[tuple(row) for row in rows] for rows in arrays]


def is_unavailable(error: BaseException) -> bool:
    """Return whether a retry may help after this error; otherwise a constraint, a value or our SQL is to blame."""
    if isinstance(error, asyncpg.PostgresError):
        return (error.sqlstate or "08").startswith(_UNAVAILABLE)
    # A ValueError is a value that asyncpg can't encode, which is the caller's fault; a bad certificate is one as well.
    return isinstance(error, LOST) and (isinstance(error, OSError) or not isinstance(error, ValueError))


def is_gone(error: BaseException) -> bool:
    """Return whether the connection is lost, so that the outcome of its last statement is unknown."""
    if isinstance(error, asyncpg.PostgresError):
        return (error.sqlstate or "08").startswith(_GONE)
    return is_unavailable(error)


def said(error: BaseException) -> str:
    """Return an error's kind and text; a deadline that passed has no text of its own."""
    text = str(error) or ("no answer in time" if isinstance(error, TimeoutError) else "")
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def translated(error: Exception) -> Exception:
    """Return the error of the store that an error of asyncpg means for a batch."""
    reason = said(error)
    return Unavailable(reason) if is_unavailable(error) else WriteFailed(reason)
