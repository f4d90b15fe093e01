"""What every route shares: the endpoint and the call, admission, middleware, and how a stream answers.

Start with `endpoint.py`.
"""
