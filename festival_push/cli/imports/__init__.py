"""`festival-push import`: what a festival brings along. Start with `command.py`; `sheets.py` reads a file, `kinds.py`
makes its rows, and `mongodb.py` writes such files from the export of the system that was replaced."""
