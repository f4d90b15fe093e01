"""Writing: the committer, the transaction, the batch that it decides, what it loads, and what leaves the log."""
