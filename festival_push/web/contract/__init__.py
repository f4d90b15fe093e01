"""The published contract: OpenAPI for commands, AsyncAPI for streams, made from the endpoints and events themselves.

Start with `publish.py`.
"""
