"""Waiting with a bound, virtual time, and the end of a test that hangs."""
