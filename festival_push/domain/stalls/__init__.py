"""Stalls: opening and closing, menus, and the displays that show a stall's pickup board. Start with `stalls.py`."""
