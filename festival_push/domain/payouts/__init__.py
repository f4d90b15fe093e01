"""Payouts: money leaves a wallet or a till, is gathered into runs for the bank, or is donated.

Start with `payouts.py`.
"""
