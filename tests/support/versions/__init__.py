"""Programs of other versions than this one, to run beside it: the one before, from the repository's history, and the next."""
