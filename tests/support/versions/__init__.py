"""Programs of other versions than this one, to run beside it: the one before, from the history, and a next one."""
