"""Routes of people: signing in and up, their own profile, and what an organiser does with them.

Start with `auth.py`.
"""
