"""The routes by noun, in the folders of the domain. A route module imports no other route module.

`views.py` has what all answers share, `snapshot.py` the state that a person's page and stream begin with. Start with
`orders/orders.py`.
"""
