"""Orders: placing and paying them, changing their status, refunds; payment requests, boards, and each stall's pace.

Start with `orders.py`, then with `steps.py`, which says who may take which step and until when, and with `sales.py`,
which moves the money of an order.
"""
