"""The cash desk: drawers of cash, and what a second organiser has to confirm. Start with `drawers.py`."""
