"""Orders: placing and paying them, changing their status, refunds; payment requests, boards, and each stall's pace.

Start with `placing.py`; then `orders.py` takes the steps, `steps.py` says who may take which and until when, and
`sales.py` moves the money of an order.
"""
