"""What payment providers take back, and what they report unreadably.

Start with `claims.py`; `taking.py` moves the money that claims call for, `unread.py` keeps what can't be read.
"""
