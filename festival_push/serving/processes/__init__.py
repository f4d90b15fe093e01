"""Serving processes: one (`process.py`), several under a supervisor, and what systemd gives and hears."""
