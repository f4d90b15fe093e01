"""Routes of stalls and their menus. Start with `stalls.py`."""
