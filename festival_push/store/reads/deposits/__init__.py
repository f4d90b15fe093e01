"""Reads of deposits that stalls give back."""
