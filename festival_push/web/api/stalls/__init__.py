"""Routes of stalls, their menus, and the pairing of their screens. Start with `stalls.py`."""
