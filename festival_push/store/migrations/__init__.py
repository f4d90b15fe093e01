"""Migrations: `sql/` has the files, and `runner.py` applies each of them once, in order. Start with `runner.py`."""
