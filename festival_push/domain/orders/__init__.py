"""Orders: placing and paying them, changing their status, refunds; payment requests, boards, and each stall's pace.

Start with `orders.py`, then with `sales.py`, which moves the money of an order.
"""
