"""Reads of what was sold and taken, summed up by the database. Start with `reports.py`."""
