"""The HTTP API: who calls, what they send, what they get.

A request comes to `routes.py`, which lists all endpoints. `routing/` admits it: limits, origin, who calls, whether they
may. `identity/` knows tokens, tickets, cookies and PINs. A handler of `api/` turns the body into a command, with the
types of `parsing/`, and renders the reply. `contract/` publishes all of it as OpenAPI and AsyncAPI. Start with
`api/orders/orders.py`.
"""
