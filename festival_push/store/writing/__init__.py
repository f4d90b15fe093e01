"""Writing: the committer, transactions, batches, the loading of their rows, and the retention of the log.

Start with `committer.py`.
"""
