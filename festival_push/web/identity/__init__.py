"""Who the caller is: tokens and their signatures, tickets, cookies, PINs, rate limits, webhook signatures.

`principal.py` finds the caller of a request. `stream_guard.py` ends streams whose person has lost a right. Start with
`principal.py`.
"""
