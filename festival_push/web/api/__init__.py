"""The routes by noun, in the folders of the domain. A route imports no other route.

`views.py` has what all answers share, `snapshot.py` the state that a person's page and stream begin with.
"""
