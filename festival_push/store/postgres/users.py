"""Who uses our tables just now: whoever must lock them waits for these."""

from typing import Final

from festival_push.store.database import Database

USERS: Final = """
    SELECT string_agg(DISTINCT format('process %s (%s)', pid,
                          concat_ws(', ', coalesce(nullif(application_name, ''), usename), state)), ', ')
      FROM pg_locks JOIN pg_class ON pg_class.oid = relation JOIN pg_stat_activity USING (pid)
     WHERE relnamespace = to_regnamespace(current_schema()) AND pid <> pg_backend_pid() AND usesysid IS NOT NULL
"""
"""Of another role's session the state is hidden. PostgreSQL's own processes are nobody's: autovacuum makes way."""


async def users_of_tables(database: Database) -> str | None:
    """Return who they are, for people to read; None if there is nobody. Raises Unavailable."""
    [[(users,)]] = await database.read((USERS, ()))
    return None if users is None else str(users)
