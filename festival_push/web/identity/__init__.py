"""Who the caller is: tokens and their signatures, tickets, cookies, PINs, rate limits, webhook signatures.

`principal.py` finds the caller of a request. `stream_guard.py` ends streams whose person has lost a right;
`rights.py` tells both of changed rights. Start with `principal.py`.
"""
