"""Routes of the cash desk: drawers, and payouts in cash. Top-ups are in `web/api/money/desk.py`."""
