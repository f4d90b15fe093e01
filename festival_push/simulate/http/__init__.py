"""The simulation's client: requests, streams, signed webhooks, and the types of the wire as it reads them.

Start with `client.py`.
"""
