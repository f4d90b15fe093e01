"""One client's stream, from its cursor to its end, in three kinds (direct, ASGI, long poll); and their registry.

Start with `feed.py`.
"""
