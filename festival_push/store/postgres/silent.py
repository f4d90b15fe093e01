"""Sessions of ours that hold the head of the log and hear nothing more from their process, as when it was cut off."""

from typing import Final

import asyncpg

_END: Final = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND usename = current_user AND application_name = 'festival-push'
       AND pid <> pg_backend_pid() AND backend_xid IS NOT NULL
       AND state = 'active' AND wait_event = 'ClientRead' AND state_change < clock_timestamp() - $1 * interval '1 s'
"""


async def end_silent(connection: "asyncpg.Connection[asyncpg.Record]", *, after_s: float) -> None:
    """End the sessions that have written or locked something, and then waited so long for the rest of a statement.

    PostgreSQL ends those that wait between two statements by itself (`idle_in_transaction_session_timeout`), but no
    timeout of version 16 or older counts within one: after the driver has sent a new statement to be parsed, and before
    it sends the values. Nothing of theirs is committed. Raises errors of asyncpg.
    """
    await connection.fetch(_END, after_s)
