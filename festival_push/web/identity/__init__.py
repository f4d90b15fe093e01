"""Who is who: tokens and how they are signed, tickets, cookies, PINs, rate limits, webhook signatures.

`principal.py` finds the caller of a request. `stream_guard.py` ends streams whose person has lost a right.
"""
