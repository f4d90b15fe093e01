"""Metrics: definitions, this process' readings, the memory in which several processes share them, and `/metrics`."""
