"""Turn unchecked bytes into checked types, and errors into problems that say what was wrong. Start with `bodies.py`."""
