"""Deposits that guests bring back, and allowances: money that buys at stalls and is never paid out.

Start with `give_backs.py`: a stall offers to give a deposit back, and the first guest who scans that takes it.
`allowances.py` grants drink tickets and takes them back. How an order pays by both is in `orders/sales.py`.
"""
