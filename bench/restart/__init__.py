"""What people see while a single server is started anew: a guest, a stall, a program with its own EventSource, and who
arrives meanwhile. `python -m bench.restart` measures it."""
