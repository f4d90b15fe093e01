"""Routes of payouts: asking, donating, settling, and the runs that go to the bank.

Start with `payouts.py`.
"""
