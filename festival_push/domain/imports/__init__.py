"""What a festival brings along from elsewhere: people, balances, stalls and menus, one file in one transaction.

Start with `tally.py`: each row is made, changed, left or at fault, and one fault keeps the whole file out.
"""
