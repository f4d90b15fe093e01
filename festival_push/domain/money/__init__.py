"""Money besides orders: what comes in, what is paid out, what a stall is owed, and whether all of it adds up."""
