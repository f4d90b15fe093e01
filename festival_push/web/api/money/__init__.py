"""Routes of money: the cash desk, the ledger, the overview, and the webhooks of payment providers.

Start with `desk.py`.
"""
