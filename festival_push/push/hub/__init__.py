"""Inside one process: from a row of the log to the backlog of each subscriber. Start with `hub.py`."""
