"""PostgreSQL over asyncpg: one connection that writes, a pool that reads."""
