"""Reads of payout runs. Start with `run_sums.py`."""
