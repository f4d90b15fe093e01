"""Metrics: their definitions, this process' readings, the memory in which processes share them, and `/metrics`.

Start with `definitions.py`, which lists all metrics.
"""
