"""Simulate a festival in fast motion against a running server, as its clients see it: without any server code.

Start with `run.py`.
"""
