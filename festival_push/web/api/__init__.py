"""The routes by noun, in the folders of the domain. A route imports no other route.

`views.py` has what all answers share, `snapshot.py` what a person's page and stream begin with.
"""
