"""People: adding them, and what they are to stalls and to the festival. Start with `people.py`."""
