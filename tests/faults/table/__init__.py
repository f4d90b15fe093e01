"""The table of faults: what may happen to servers, Redis and PostgreSQL, one row each, under load; and what must hold.

`row.py` says what a row is and runs one. The modules of `rows` are the table itself, one for each thing that breaks, on
the set-ups of `setups.py`. The load is real clients over HTTP (`client.py`, `wishes.py`) and real streams
(`watcher.py`), in a thread of their own (`load.py`), so that a row is plain code that breaks something, waits for a
condition, and heals it. `python -m bench.soak` runs the same rows for longer, and measures them.
"""
