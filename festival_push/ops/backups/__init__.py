"""Backups: copies of the whole database, made beside running servers, and brought back when none runs.

`backup.py` is for SQLite, `dumps.py` for PostgreSQL; both work in a `staging` folder. Start with `backup.py`.
"""
