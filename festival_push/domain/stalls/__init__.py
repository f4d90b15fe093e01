"""Stalls: opening and closing, menus, the displays that show a stall's pickup board, and how a screen is paired.

Start with `stalls.py`.
"""
