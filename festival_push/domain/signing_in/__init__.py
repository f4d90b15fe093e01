"""Signing in: names, PINs and how often they may be guessed, second factors, and sessions.

Start with `sign_in.py`; who a person is and what they may do is in `people`.
"""
