"""What types can't express: settings that can never work (`possible.py`), and those that production refuses
(`production.py`); the other modules know one kind of value each."""
