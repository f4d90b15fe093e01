"""People: adding users, and their rights, PINs and sessions. Start with `people.py`."""
