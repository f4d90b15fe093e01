"""Money besides orders: top-ups, payouts, settlements of stalls, and the reconciliation of all of it."""
