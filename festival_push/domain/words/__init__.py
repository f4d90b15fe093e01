"""Words: messages about an order, notifications, announcements, and the rooms that streams follow.

Start with `messages.py`.
"""
