"""Servers that tests start, of other people and our own, and the processes they run in."""
