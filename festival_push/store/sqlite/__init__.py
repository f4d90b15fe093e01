"""SQLite: one file, one connection for writing, several for reading, and a lock between processes.

Start with `database.py`.
"""
