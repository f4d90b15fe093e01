"""Routes of messages, notifications and announcements, and of the rooms of a stream. Start with `messages.py`."""
