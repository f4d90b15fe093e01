"""PostgreSQL over asyncpg: one connection for writing, a pool for reading. Start with `database.py`."""
