"""Routes of orders, refunds, payment requests, pickup boards and QR codes. Start with `orders.py`."""
