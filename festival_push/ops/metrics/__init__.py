"""Metrics: their definitions, this process' readings, the memory in which processes share them, and `/metrics`."""
