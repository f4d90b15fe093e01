"""Money besides orders: top-ups, payouts, settlements of stalls, and the reconciliation of all of it.

Start with `funds.py`: most money enters the ledger there.
"""
