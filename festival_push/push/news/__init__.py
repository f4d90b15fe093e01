"""The messages between processes, and the tail, which follows the log even when none of them arrive.

Start with `tail.py`.
"""
