"""Migrations: `sql/` has the files, `runner.py` applies each of them once, in order."""
