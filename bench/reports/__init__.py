"""How long reports take: `python -m bench.reports`."""
