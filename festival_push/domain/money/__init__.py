"""Money besides orders: top-ups, settlements of stalls, reversals, and the reconciliation of all of it.

Start with `funds.py`: most money enters the ledger there.
"""
