"""What the writer asks of a server: on which line of its history it is, and whether what it acknowledges stays."""

from typing import Final

import asyncpg

_MAY_ASK: Final = """
    SELECT has_function_privilege('pg_control_system()', 'EXECUTE') AS identifier,
           has_function_privilege('pg_walfile_name(pg_lsn)', 'EXECUTE')
           AND has_function_privilege('pg_current_wal_lsn()', 'EXECUTE') AS timeline
"""
_LINE: Final = """
    SELECT system_identifier || '.' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) FROM pg_control_system()
"""
"""A timeline is the first eight digits of each file of the write-ahead log; every promotion begins another one."""
_DURABLE: Final = ("fsync", "full_page_writes")


async def line_of(connection: "asyncpg.Connection[asyncpg.Record]") -> str | None:
    """Return the server's system identifier and timeline; None where the role may not ask for them."""
    [may] = await connection.fetch(_MAY_ASK)
    if not may["identifier"] or not may["timeline"]:
        return None
    return str(await connection.fetchval(_LINE))


async def not_durable(connection: "asyncpg.Connection[asyncpg.Record]") -> list[str]:
    """Return the settings that are off, and without which a power cut damages the data."""
    return [name for name in _DURABLE if await connection.fetchval(f"SHOW {name}") != "on"]
