"""The audit: checks every promise on the live database; a finding says which promise is broken, and by which rows.

Start with `audit.py`.
"""
